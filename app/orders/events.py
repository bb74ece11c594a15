"""What this room announces, in the transaction of the change."""

from blinker import Signal

order_paid = Signal()
"""All of what a locked order costs has been paid: sent once, after what it has of gift cards and packages is issued."""

order_cancelling = Signal()
"""A locked order is cancelled, and has its goods still: what is locked before products is locked now."""

order_cancelled = Signal()
"""A locked order was cancelled, and its goods are back: what was paid for it goes back, too."""

order_expired = Signal()
"""A locked order has lapsed, perhaps one among several, and their products are locked: lock nothing more."""
