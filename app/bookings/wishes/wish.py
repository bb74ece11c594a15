"""What visits and lettings have in common."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, Self

from app.bookings.errors import Unavailability
from app.bookings.plan import Plan
from app.bookings.slots import Slot
from app.diary.cause import NOBODY, Cause
from app.kit.intervals import Span
from app.models import BookingItem


@dataclass(frozen=True, slots=True)
class Own:
    """What the wish may have again: the time of a booking that moves, or of a hold that is taken over."""

    cause: Cause = NOBODY
    staff_ids: Collection[int] = ()
    """Whom a hold has; they come first where anybody may do the work."""

    has_lapsed: bool = False
    """Whether the hold that is named has ended before."""


NOTHING = Own()


class Wish(Protocol):
    """Something wished for, at whatever start."""

    def moving(self, items: Sequence[BookingItem], *, any_time: bool) -> Self:
        """Return the wish as one that was agreed before, `items` being what was; `any_time` waives the notice."""

    def plan(self, starts_at: datetime, now: datetime, own: Own) -> Plan | list[Unavailability]:
        """Return what the booking would be; or every reason why it cannot be, first of them the one to answer with."""

    def slots(self, window: Span, now: datetime, own: Own) -> list[Slot]:
        """Return what can be had for starts in `window`, in order."""

    def near(self, starts_at: datetime, now: datetime, own: Own) -> list[Slot]:
        """Return what to offer in place of a start that cannot be had: other times, other staff."""
