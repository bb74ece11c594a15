"""What this room announces."""

from blinker import Signal

space_retiring = Signal()
"""A space, locked, is about to be retired. Whoever listens may refuse by raising."""
