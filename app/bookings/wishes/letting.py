"""A space, wished for by time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from functools import partial

from app.bookings.availability import fits_grid, offered_starts
from app.bookings.errors import Unavailability
from app.bookings.lettings import House, price_of, reasons_against_letting
from app.bookings.plan import Plan
from app.bookings.policy import deposit_by_rule
from app.bookings.slots import LAST_SECOND, Slot, nearby_first, window_around, within_calendar
from app.bookings.wishes.wish import Own
from app.diary.diaries import Diary, Reader, load_diaries
from app.diary.errors import ResourceInactive
from app.extensions import business
from app.kit.intervals import Span, to_instant, to_seconds, to_seconds_up
from app.kit.money import Money
from app.models import Booking, BookingItem, Space
from app.models.booking import LONGEST_BOOKING

LONGEST = int(LONGEST_BOOKING.total_seconds())
"""No space is let for more seconds, whatever it says."""


@dataclass(frozen=True, slots=True)
class Letting:
    """A space for a certain time, for so many people."""

    space: Space
    length: timedelta
    party_size: int = 1
    any_time: bool = False
    """Whether notice and horizon are waived; the past is past all the same."""

    agreed: int | None = None
    """The price of that very length, where it was agreed before."""

    read: Reader = load_diaries

    @property
    def timezone(self) -> str:
        """The zone in which days are meant."""
        return self.space.timezone

    @property
    def reach(self) -> Span:
        """How far before a start, and after it, the diary is asked; in seconds."""
        length = max(int(self.length.total_seconds()), self.space.min_minutes * 60)
        return 0, min(length, LONGEST) + 1

    def is_of(self, booking: Booking) -> bool:
        """Say whether it asks for the space of a booking."""
        return self.space.id == booking.space_id

    def moving(self, items: Sequence[BookingItem], *, any_time: bool) -> "Letting":
        """Return the letting as one that was agreed before: for the same length, at the price agreed."""
        (item,) = items
        same = item.ends_at - item.starts_at == self.length
        return replace(self, any_time=any_time, agreed=item.price_amount if same else None)

    def plan(self, starts_at: datetime, now: datetime, own: Own) -> Plan | list[Unavailability]:
        """Return the letting from `starts_at` on, or why it cannot be."""
        if not self.space.active:
            return [ResourceInactive]
        span = to_seconds(starts_at), to_seconds_up(starts_at + self.length)
        asked = span[0], min(span[1], span[0] + LONGEST)
        diary = diary_of(self.space, within_calendar(asked), now, own, self.read)
        whole = starts_at.microsecond == 0 and self.length.microseconds == 0
        reasons = reasons_against_letting(diary, self.house(now), span, self.party_size, whole_seconds=whole)
        return reasons or self._plan(span)

    def near(self, starts_at: datetime, now: datetime, own: Own) -> list[Slot]:
        """Return other times of that length; where there are none, of the nearest lawful one."""
        house, seconds = self.house(now), int(self.length.total_seconds())
        lengths = [n for n in (seconds, house.nearest_length(seconds)) if house.shortest <= n <= house.longest]
        if not self.space.active or self.party_size > self.space.capacity or not lengths:
            return []
        window = window_around(starts_at, self.bookable(now))
        diary = diary_of(self.space, (window[0], window[1] + max(lengths)), now, own, self.read)
        each = (nearby_first(window, partial(self._listed, diary, house, length)) for length in lengths)
        return next((found for found in each if found), [])

    def bookable(self, now: datetime) -> Span:
        """Return the first and the last second at which it may start."""
        house = self.house(now)
        return house.earliest, house.latest

    def house(self, now: datetime) -> House:
        """Return what the space demands of it at the present instant `now`."""
        house = house_of(self.space, now)
        return replace(house, earliest=to_seconds_up(now), latest=LAST_SECOND) if self.any_time else house

    def _plan(self, span: Span) -> Plan:
        space, price = self.space, self._price(span)
        item = BookingItem(
            position=0,
            starts_at=to_instant(span[0]),
            ends_at=to_instant(span[1]),
            buffer_before_minutes=0,
            buffer_after_minutes=0,
            price_amount=price,
            currency=business.currency,
        )
        return Plan(
            items=[item],
            timezone=space.timezone,
            needs_approval=not space.instant_booking,
            deposit=deposit_by_rule(space, price),
            cancellation_window=timedelta(minutes=space.cancellation_window_minutes),
            space=space,
        )

    def _listed(self, diary: Diary, house: House, length: int, window: Span) -> list[Slot]:
        starts = offered_starts(diary, house.terms(length), window)
        spans = [(start, start + length) for start in starts]
        return [self._slot(span) for span in spans if fits_grid(diary, house.grid, span[1], ending=True)]

    def _slot(self, span: Span) -> Slot:
        return Slot(to_instant(span[0]), to_instant(span[1]), Money(self._price(span), business.currency))

    def _price(self, span: Span) -> int:
        if self.agreed is not None and span[1] - span[0] == self.length.total_seconds():
            return self.agreed
        return price_of(self.space.price_per_hour_amount, span)


def house_of(space: Space, now: datetime) -> House:
    """Return what a space demands of a letting at the present instant `now`."""
    return House(
        grid=business.slot_minutes * 60,
        earliest=to_seconds_up(now + timedelta(minutes=space.min_notice_minutes)),
        latest=to_seconds(now + timedelta(days=space.max_advance_days)),
        shortest=space.min_minutes * 60,
        longest=min(space.max_minutes * 60, LONGEST),
        capacity=space.capacity,
    )


def diary_of(space: Space, span: Span, now: datetime, own: Own, read: Reader = load_diaries) -> Diary:
    """Return the space's diary over `span`, in one statement."""
    return read({space.id: space.timezone}, span, now, own.cause)[space.id]
