"""What this room announces, in the transaction of the change."""

from blinker import Signal

booking_concluded = Signal()
"""A locked booking has been completed, cancelled or missed, as its status says: sent last, when stock has moved."""

booking_fell_through = Signal()
"""A locked booking was declined or has expired, as its status says: sent last."""
