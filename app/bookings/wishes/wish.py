"""What visits and lettings have in common."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self, TypeVar

from app.bookings.errors import Unavailability
from app.bookings.plan import Plan
from app.bookings.slots import Slot
from app.diary.allocations import Taken
from app.diary.cause import NOBODY, Cause
from app.models import Booking, BookingItem


@dataclass(frozen=True, slots=True)
class Own:
    """What the wish may have again: the time of a booking that moves, or of a hold that is taken over."""

    cause: Cause = NOBODY
    staff_ids: Collection[int] = ()
    """Whom a hold has; they come first where anybody may do the work."""

    moving: Booking | None = None
    """The booking that moves."""

    any_time: bool = False
    """Whether notice and horizon are waived for who moves it."""

    held: Sequence[Taken] = ()
    """What a hold had: where the wish fits into just that, it is done by whom it was held."""

    has_lapsed: bool = False
    """Whether the hold that is named has ended before."""


NOTHING = Own()

Some = TypeVar("Some", bound="Wish")


def as_agreed(wish: Some, own: Own) -> Some:
    """Return the wish on the terms of the booking that moves, where it asks for the same."""
    if own.moving is None or not wish.is_of(own.moving):
        return wish
    return wish.moving(own.moving.items, any_time=own.any_time)


class Wish(Protocol):
    """Something wished for, at whatever start."""

    def is_of(self, booking: Booking) -> bool:
        """Say whether it asks for what was booked, whenever and from whomever."""

    def moving(self, items: Sequence[BookingItem], *, any_time: bool) -> Self:
        """Return the wish as one that was agreed before, `items` being what was; `any_time` waives the notice."""

    def plan(self, starts_at: datetime, now: datetime, own: Own) -> Plan | list[Unavailability]:
        """Return what the booking would be; or every reason why it cannot be, first of them the one to answer with."""

    def near(self, starts_at: datetime, now: datetime, own: Own) -> list[Slot]:
        """Return what to offer in place of a start that cannot be had: other times, other staff."""
