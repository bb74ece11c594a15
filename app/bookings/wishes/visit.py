"""One or more services, one straight after the other, each by a staff member or by anybody who performs it."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Any

from app.bookings.arrangements import Arrangement
from app.bookings.errors import RANK, Unavailability
from app.bookings.fairness import Fairness
from app.bookings.plan import Plan
from app.bookings.policy import deposit_by_rule
from app.bookings.reach import Diaries, Offer, Parts
from app.bookings.slots import LAST_SECOND, Alike, Slot, nearby_first, window_around, within_calendar
from app.bookings.wishes.nearby import nearest_others, slots_at, span_of
from app.bookings.wishes.wish import Own
from app.bookings.work import Candidate, Part, terms_for
from app.diary.diaries import Reader, load_diaries
from app.extensions import business
from app.kit.intervals import Span, to_instant, to_seconds, to_seconds_up
from app.kit.money import Money
from app.models import Booking, BookingItem


@dataclass(frozen=True, slots=True)
class Visit:
    """The parts of a visit in their order, each with those who could do it."""

    parts: tuple[Part, ...]
    any_time: bool = False
    """Whether notice and horizon are waived; the past is past all the same."""

    read: Reader = load_diaries

    def among(self, staff_ids: Collection[int]) -> "Visit":
        """Return the visit asked of these staff alone."""
        return replace(self, parts=tuple(part.among(staff_ids) for part in self.parts))

    def is_of(self, booking: Booking) -> bool:
        """Say whether it asks for the services of a booking, in their order."""
        return [part.service.id for part in self.parts] == [item.service_id for item in booking.items]

    def moving(self, items: Sequence[BookingItem], *, any_time: bool) -> "Visit":
        """Return the visit as one that was agreed before: whoever did a part does it for the price and time agreed."""
        parts = (part.as_agreed(item) for part, item in zip(self.parts, items, strict=True))
        return replace(self, parts=tuple(parts), any_time=any_time)

    @property
    def timezone(self) -> str:
        """The zone in which days are meant: the common one of those asked for, else the business's."""
        zones = {one.timezone for part in self.parts for one in part.able}
        return zones.pop() if len(zones) == 1 else business.timezone

    @property
    def reach(self) -> Span:
        """How far before a start, and after it, the diaries are asked; in seconds."""
        services = [part.service for part in self.parts]
        buffers = max(max(one.buffer_before_minutes, one.buffer_after_minutes) for one in services)
        longest = sum(max((one.duration_minutes for one in part.candidates), default=0) for part in self.parts)
        return 60 * buffers, 60 * (longest + buffers)

    def plan(self, starts_at: datetime, now: datetime, own: Own) -> Plan | list[Unavailability]:
        """Return the visit that starts at `starts_at`, done by whom it is fairest, or why it cannot be."""
        nobody = {reason for part in self.parts for reason in part.nobody}
        if nobody:
            return sorted(nobody, key=RANK.__getitem__)
        start, whole = to_seconds(starts_at), starts_at.microsecond == 0
        asked = [part.able for part in self.parts]
        found = self._arrangement(asked, within_calendar((start, start + 1)), now, own)
        rank = Fairness(by_id(asked), (start, start + 1), own.staff_ids).at(start)
        team = found.within(own.held).arrange(start, rank) if whole and own.held else None
        team = team or (found.arrange(start, rank) if whole else None)
        return self._plan(start, team) if team else found.reasons(start, whole_second=whole)

    def slots(self, window: Span, now: datetime, own: Own) -> list[Slot]:
        """Return what `kinds` has, slot by slot, by start, then end, then price."""
        return _in_order(self.kinds(window, now, own))

    def kinds(self, window: Span, now: datetime, own: Own) -> list[Alike]:
        """Return what those asked for offer for starts in `window`, by length, then price.

        Every outcome is a slot, so that what comes of a start is listed, whoever is named. Where several services
        have so many that few could be shown, each start has one slot: what comes of it where nobody is named.
        """
        earliest, latest = self.bookable(now)
        window = max(window[0], earliest), min(window[1], latest + 1)  # of other days no diary need be read
        if window[0] >= window[1] or any(part.nobody for part in self.parts):
            return []
        asked = [part.able for part in self.parts]
        fairness = Fairness(by_id(asked), window, own.staff_ids)
        return self._listed(self._arrangement(asked, window, now, own), window, fairness)

    def near(self, starts_at: datetime, now: datetime, own: Own) -> list[Slot]:
        """Return what those asked for have at other times, with all who could do the same, and others at the time.

        Their diaries are read as far as is looked: mostly for two days and not for a month.
        """
        if not all(part.service.active and part.staffed for part in self.parts):
            return []
        window = window_around(starts_at, self.bookable(now))
        staffed = [part.staffed for part in self.parts]
        fairness = Fairness(by_id(staffed), window)

        def listed(look: Span) -> list[Slot]:
            everybody = self._arrangement(staffed, look, now, own)
            asked = everybody.among([[one.staff_id for one in part.able] for part in self.parts])
            theirs = nearest_others(self._listed(asked, look, fairness), starts_at)
            others = self._listed(everybody, span_of(theirs, starts_at, look), fairness)
            return [*slots_at(others, starts_at), *(_wider(slot, others) for slot in theirs)]

        return nearby_first(window, listed)

    def _arrangement(self, staff: Sequence[Sequence[Candidate]], window: Span, now: datetime, own: Own) -> Arrangement:
        """Return who can do what for starts in `window`, by one statement."""
        return Arrangement(self._offers(staff, now), self._diaries(by_id(staff), window, now, own), window)

    def _offers(self, staff: Sequence[Sequence[Candidate]], now: datetime) -> Parts:
        earliest, latest = self.bookable(now)
        offers = []
        for part, some in zip(self.parts, staff, strict=True):
            terms = replace(terms_for(part.service, now), earliest=earliest, latest=latest)
            lengths = [replace(terms, duration=one.duration_minutes * 60) for one in some]
            offers.append([Offer(one.staff_id, one.price, own) for one, own in zip(some, lengths, strict=True)])
        return offers

    def bookable(self, now: datetime) -> Span:
        """Return the first and the last second at which it may start: as notice and horizon of all parts have it."""
        if self.any_time:
            return to_seconds_up(now), LAST_SECOND
        terms = [terms_for(part.service, now) for part in self.parts]
        return max(one.earliest for one in terms), min(one.latest for one in terms)

    def _diaries(self, staff: dict[int, Candidate], window: Span, now: datetime, own: Own) -> Diaries:
        reach = window[0] - self.reach[0], window[1] + self.reach[1]
        return self.read({one.staff_id: one.timezone for one in staff.values()}, reach, now, own.cause)

    def _listed(self, found: Arrangement, window: Span, fairness: Fairness) -> list[Alike]:
        services, currency = tuple(part.service.id for part in self.parts), business.currency
        alone = found.alone_in(window) if len(self.parts) > 1 else {}
        kinds: dict[tuple[Any, ...], Alike] = {}
        for starts, length, price, teams in found.rows_in(window, fairness.at):
            start, end = starts.start, starts.start + length
            all_of_it = alone.get(start, {}).get((price, end), ())
            kind = length, price, teams, all_of_it
            if kind not in kinds:
                slot = Slot(to_instant(start), to_instant(end), Money(price, currency), services, teams, *all_of_it)
                kinds[kind] = Alike(slot, length, [])
            kinds[kind].runs.append(starts)
        return list(kinds.values())

    def _plan(self, start: int, team: list[Offer]) -> Plan:
        services, items = [part.service for part in self.parts], self._items(start, team)
        first = by_id([part.able for part in self.parts])[team[0].staff_id]
        return Plan(
            items=items,
            timezone=first.timezone,
            needs_approval=any(service.requires_approval for service in services),
            deposit=sum(deposit_by_rule(s, item.price_amount) for s, item in zip(services, items, strict=True)),
            cancellation_window=timedelta(minutes=max(s.cancellation_window_minutes for s in services)),
        )

    def _items(self, start: int, team: list[Offer]) -> list[BookingItem]:
        items: list[BookingItem] = []
        for part, offer in zip(self.parts, team, strict=True):
            end = start + offer.terms.duration
            (staff,) = (one for one in part.able if one.staff_id == offer.staff_id)
            items.append(_item(len(items), part, staff, (start, end)))
            start = end
        return items


def by_id(staff: Sequence[Sequence[Candidate]]) -> dict[int, Candidate]:
    """Return everybody of several groups, once each."""
    return {one.staff_id: one for some in staff for one in some}


def _wider(slot: Slot, others: Iterable[Alike]) -> Slot:
    """Return the slot that comes to the same and has all of this one's staff, and others, if there is one."""
    for other in slots_at(others, slot.starts_at):
        pairs = zip(slot.teams, other.teams, strict=True)
        if other.outcome == slot.outcome and all(mine <= theirs for mine, theirs in pairs):
            return other
    return slot


def _in_order(kinds: Iterable[Alike]) -> list[Slot]:
    """Return all slots of what is by length, then price: by start, then end, then price."""
    return sorted((slot for kind in kinds for slot in kind.slots), key=attrgetter("starts_at"))


def _item(position: int, part: Part, staff: Candidate, span: Span) -> BookingItem:
    return BookingItem(
        position=position,
        service_id=part.service.id,
        service_name=part.service.name,
        staff_id=staff.staff_id,
        staff_name=staff.name,
        starts_at=to_instant(span[0]),
        ends_at=to_instant(span[1]),
        buffer_before_minutes=part.service.buffer_before_minutes,
        buffer_after_minutes=part.service.buffer_after_minutes,
        price_amount=staff.price,
        currency=business.currency,
    )
