"""What somebody wishes to book, against the diaries: a visit of one or more services, or a space for some time.

Search and write ask the same wish, so that what is shown is what can be had (product.md promise 3).
"""

from app.bookings.wishes.letting import Letting
from app.bookings.wishes.reading import lock_wish, named_space, read_visit, read_wish
from app.bookings.wishes.visit import Visit
from app.bookings.wishes.wish import NOTHING, Own, Wish, as_agreed

__all__ = [
    "NOTHING",
    "Letting",
    "Own",
    "Visit",
    "Wish",
    "as_agreed",
    "lock_wish",
    "named_space",
    "read_visit",
    "read_wish",
]
