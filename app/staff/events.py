"""What this room announces."""

from blinker import Signal

staff_leaving = Signal()
"""A staff member, locked, is about to be deactivated. Sent with `reassign_to` (staff id or None) and `actor`; whoever
listens may refuse by raising, or move what depends on the staff member."""
