"""What is wanted of staff: the services, who performs them, on what terms."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from app.bookings.availability import Terms
from app.bookings.errors import Unavailability
from app.diary.errors import ResourceInactive
from app.extensions import business
from app.kit.intervals import to_seconds, to_seconds_up, to_span
from app.models import BookingItem, DepositType, Staff
from app.staff.errors import StaffNotAssigned


class Work(NamedTuple):
    """A service as it is now; the fields are called as its columns are."""

    id: int
    name: str
    active: bool
    duration_minutes: int
    buffer_before_minutes: int
    buffer_after_minutes: int
    price_amount: int
    deposit_type: DepositType
    deposit_value: int
    requires_approval: bool
    min_notice_minutes: int
    max_advance_days: int
    cancellation_window_minutes: int


WORK_COLUMNS = len(Work._fields)


@dataclass(frozen=True, slots=True)
class Candidate:
    """A staff member who performs the service, with what applies when it is this one."""

    staff_id: int
    name: str
    timezone: str
    active: bool
    price: int
    duration_minutes: int


@dataclass(frozen=True, slots=True)
class Part:
    """A service, all who perform it, and who of them are asked for: one, or with nobody named all.

    `stranger` is who is named and does not perform it.
    """

    service: Work
    candidates: tuple[Candidate, ...]
    asked: tuple[Candidate, ...]
    stranger: Staff | None = None

    @property
    def able(self) -> list[Candidate]:
        """Those asked for who work here."""
        return [one for one in self.asked if one.active]

    @property
    def staffed(self) -> list[Candidate]:
        """All who perform it and work here."""
        return [one for one in self.candidates if one.active]

    @property
    def nobody(self) -> list[Unavailability]:
        """Why there is nobody who could do it at any time; empty where there is somebody."""
        if self.service.active and self.able:
            return []
        stranger_left = self.stranger is not None and not self.stranger.active
        retired = not self.service.active or bool(self.asked) or stranger_left
        return [ResourceInactive] * retired + [StaffNotAssigned] * (not self.asked)

    def among(self, staff_ids: Collection[int]) -> "Part":
        """Return the part asked of these alone."""
        return replace(self, asked=tuple(one for one in self.asked if one.staff_id in staff_ids))

    def as_agreed(self, item: BookingItem) -> "Part":
        """Return the part with the price and the length of `item` for whoever is to do that already."""
        minutes = int((item.ends_at - item.starts_at).total_seconds()) // 60
        candidates, asked = (
            tuple(
                replace(one, price=item.price_amount, duration_minutes=minutes)
                if one.staff_id == item.staff_id
                else one
                for one in staff
            )
            for staff in (self.candidates, self.asked)
        )
        return replace(self, candidates=candidates, asked=asked)


Performed = tuple[Work, list[Candidate]]
"""A service, and all who perform it, inactive staff too, by id."""


def performed_by_service(rows: Iterable[Sequence[Any]]) -> dict[int, Performed]:
    """Return the services that there are, by id, from the rows of `PERFORMED`."""
    found: dict[int, Performed] = {}
    for row in rows:
        service_id, staff_id = row[0], row[WORK_COLUMNS]
        if service_id not in found:
            found[service_id] = Work(*row[:WORK_COLUMNS]), []
        if staff_id is not None:
            work, candidates = found[service_id]
            candidates.append(_candidate(work, row[WORK_COLUMNS:]))
    return found


def _candidate(work: Work, performing: Sequence[Any]) -> Candidate:
    staff_id, name, timezone, active, own_price, own_duration = performing
    price = work.price_amount if own_price is None else own_price
    return Candidate(staff_id, name, timezone, active, price, own_duration or work.duration_minutes)


def terms_for(service: Work, now: datetime) -> Terms:
    """Return what the service demands of a diary at the present instant `now`."""
    return Terms(
        duration=service.duration_minutes * 60,
        before=service.buffer_before_minutes * 60,
        after=service.buffer_after_minutes * 60,
        grid=business.slot_minutes * 60,
        earliest=to_seconds_up(now + timedelta(minutes=service.min_notice_minutes)),
        latest=to_seconds(now + timedelta(days=service.max_advance_days)),
    )


def agreed_terms(item: BookingItem) -> Terms:
    """Return what agreed work demands of another diary: to be open and free. When it starts is no question any more."""
    start, end = to_span(item.starts_at, item.ends_at)
    return Terms(
        duration=end - start,
        before=item.buffer_before_minutes * 60,
        after=item.buffer_after_minutes * 60,
        grid=1,
        earliest=start,
        latest=start,
    )
