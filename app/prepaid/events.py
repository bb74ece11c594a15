"""What this room announces, in the transaction of the change."""

from blinker import Signal

balances_written = Signal()
"""Cards, or packages, were issued, have expired or were made void: sent by the type of the movements that say so, with
the ids of the things as `prepaid_ids`. What payments spend and refunds give back, they know themselves."""
