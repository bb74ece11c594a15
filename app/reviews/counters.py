"""The counts that services, staff members and spaces carry of their published reviews.

They change by SQL alone (`n = n + 1`), in the transaction that changes the review and under its locks: resources by id,
services by id, then the review. So they are what a recount would find, at every moment that anybody can see.
"""

from dataclasses import dataclass
from typing import Self

from sqlalchemy import select, update

from app.diary.allocations import lock_resources
from app.extensions import BULK, db
from app.models import Booking, Resource, ReviewSubject, Service


@dataclass(frozen=True, slots=True)
class Subjects:
    """What one review is about."""

    service_ids: tuple[int, ...]
    resource_ids: tuple[int, ...]

    @classmethod
    def of_booking(cls, booking: Booking) -> Self:
        """Return what a review of the booking is about: the space; or the services, and who performed them."""
        services = {item.service_id for item in booking.items if item.service_id is not None}
        staff = {item.staff_id for item in booking.items if item.staff_id is not None}
        spaces = {booking.space_id} if booking.space_id is not None else set()
        return cls(tuple(sorted(services)), tuple(sorted(staff | spaces)))

    @classmethod
    def of_review(cls, review_id: int) -> Self:
        """Return what a review is about. That never changes."""
        columns = (ReviewSubject.service_id, ReviewSubject.resource_id)
        rows = db.session.execute(select(*columns).where(ReviewSubject.review_id == review_id)).all()
        services = (service_id for service_id, _ in rows if service_id is not None)
        return cls(tuple(services), tuple(resource_id for _, resource_id in rows if resource_id is not None))

    def lock(self) -> None:
        """Lock all of them, in the order in which everybody does."""
        lock_resources(self.resource_ids)
        services = select(Service.id).where(Service.id.in_(self.service_ids)).order_by(Service.id)
        db.session.execute(services.with_for_update(key_share=True))

    def recount(self, before: int | None, after: int | None) -> None:
        """Count a review as `after` stars in place of `before`; None is as not at all. The caller has locked them."""
        if before == after:
            return
        steps = [(stars, by) for stars, by in ((before, -1), (after, 1)) if stars is not None]
        if self.service_ids:
            _step(Service, self.service_ids, steps)
        if self.resource_ids:
            _step(Resource, self.resource_ids, steps)


def _step(rated: type[Service] | type[Resource], ids: tuple[int, ...], steps: list[tuple[int, int]]) -> None:
    """Change counts. Nobody has changed the thing itself: its version and `updated_at` stay."""
    names = [(f"rating_{stars}", by) for stars, by in steps]
    changed = {name: getattr(rated, name) + by for name, by in names} | {"updated_at": rated.updated_at}
    db.session.execute(update(rated).where(rated.id.in_(ids)).values(changed), execution_options=BULK)
