"""A space, wished for by time."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from app.bookings.availability import fits_grid, offered_starts
from app.bookings.errors import Unavailability
from app.bookings.lettings import House, price_of, reasons_against_letting
from app.bookings.plan import Plan
from app.bookings.policy import deposit_by_rule
from app.bookings.slots import LAST_SECOND, Slot, window_around, within_calendar
from app.bookings.wishes.wish import Own
from app.diary.diaries import Diary, load_diaries
from app.diary.errors import ResourceInactive
from app.extensions import business
from app.kit.intervals import Span, to_instant, to_seconds, to_seconds_up
from app.kit.money import Money
from app.models import BookingItem, Space


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
        diary = diary_of(self.space, within_calendar(span), now, own)
        reasons = reasons_against_letting(diary, self._house(now), span, self.party_size)
        return reasons or self._plan(span)

    def slots(self, window: Span, now: datetime, own: Own) -> list[Slot]:
        """Return the starts in `window` from which the space can be had for that long."""
        house, seconds = self._house(now), int(self.length.total_seconds())
        if not self.space.active or not house.shortest <= seconds <= house.longest:
            return []
        diary = diary_of(self.space, (window[0], window[1] + seconds), now, own)
        starts = offered_starts(diary, house.terms(seconds), window)
        spans = [(start, start + seconds) for start in starts]
        return [self._slot(span) for span in spans if fits_grid(diary, house.grid, span[1], ending=True)]

    def near(self, starts_at: datetime, now: datetime, own: Own) -> list[Slot]:
        """Return the same space at other times."""
        house = self._house(now)
        return self.slots(window_around(starts_at, (house.earliest, house.latest)), now, own)

    def _house(self, now: datetime) -> House:
        house = house_of(self.space, now)
        return replace(house, earliest=to_seconds_up(now), latest=LAST_SECOND) if self.any_time else house

    def _plan(self, span: Span) -> Plan:
        space, usual = self.space, price_of(self.space.price_per_hour_amount, span)
        price = usual if self.agreed is None else self.agreed
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

    def _slot(self, span: Span) -> Slot:
        price = Money(price_of(self.space.price_per_hour_amount, span), business.currency)
        return Slot(to_instant(span[0]), to_instant(span[1]), price)


def house_of(space: Space, now: datetime) -> House:
    """Return what a space demands of a letting at the present instant `now`."""
    return House(
        grid=business.slot_minutes * 60,
        earliest=to_seconds_up(now + timedelta(minutes=space.min_notice_minutes)),
        latest=to_seconds(now + timedelta(days=space.max_advance_days)),
        shortest=space.min_minutes * 60,
        longest=space.max_minutes * 60,
        capacity=space.capacity,
    )


def diary_of(space: Space, span: Span, now: datetime, own: Own) -> Diary:
    """Return the space's diary over `span`, in four statements."""
    return load_diaries({space.id: space.timezone}, span, now, own.cause)[space.id]
