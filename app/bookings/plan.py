"""What a booking will be, before anything of it is written."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from app.bookings.occupation import taken_by
from app.diary.allocations import Taken
from app.models import BookingItem, BookingKind, Space


@dataclass(frozen=True, slots=True)
class Plan:
    """The items, not yet in the session, with the terms of what is booked; `deposit` is that of its own rules."""

    items: list[BookingItem]
    timezone: str
    needs_approval: bool
    deposit: int
    cancellation_window: timedelta
    space: Space | None = None

    @property
    def kind(self) -> BookingKind:
        """Whether staff work or a space is let."""
        return BookingKind.SERVICE if self.space is None else BookingKind.SPACE

    @property
    def starts_at(self) -> datetime:
        """The start of the first item."""
        return self.items[0].starts_at

    @property
    def ends_at(self) -> datetime:
        """The end of the last item."""
        return self.items[-1].ends_at

    @property
    def total(self) -> int:
        """The sum of the items' prices, in minor units."""
        return sum(item.price_amount for item in self.items)

    @property
    def taken(self) -> list[Taken]:
        """Which resources it takes, and when."""
        return taken_by(self.items, None if self.space is None else self.space.id)
