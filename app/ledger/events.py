"""What this room announces, in the transaction of the change."""

from blinker import Signal

money_returned = Signal()
"""A refund has succeeded and stands in the books; sent with its `payment`. Its booking or order is locked."""
