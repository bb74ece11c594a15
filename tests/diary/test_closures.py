"""Closures: their allocations are the parts of them that are not already taken."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import delete, select

from app.diary.closures import Absence, add_closure, bookings_meeting, remove_closure
from app.diary.errors import BookingsInTheWay
from app.extensions import db
from app.kit import clock
from app.models import Allocation, Booking, BookingStatus, Closure, PendingReason, Staff
from app.transactions import transaction
from tests.factories import make_booking, make_service, make_staff, make_user

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
Part = tuple[int, int]


def at(hour: int) -> datetime:
    """Return an hour after now."""
    return NOW + timedelta(hours=hour)


def close(staff: Staff, start: int, end: int, *, force: bool = False) -> Closure:
    """Close from one hour to another."""
    with clock.frozen(NOW), transaction():
        absence = Absence(at(start), at(end))
        return add_closure(resource_id=staff.id, absence=absence, force=force, actor_id=None)[0]


def open_again(closure: Closure) -> None:
    """Remove a closure."""
    with transaction():
        assert closure.resource_id is not None
        remove_closure(closure.resource_id, closure.id)


def booked(staff: Staff, start: int, *, expires_at: datetime | None = None) -> Booking:
    """Take an hour for a booking, pending until `expires_at` if given."""
    pending = {"status": BookingStatus.PENDING, "pending_reason": PendingReason.APPROVAL, "expires_at": expires_at}
    booking = make_booking(make_user(), make_service(), staff, at(start), **(pending if expires_at else {}))
    with transaction():
        db.session.add(
            Allocation(
                resource_id=staff.id,
                starts_at=booking.starts_at,
                ends_at=booking.ends_at,
                booking_id=booking.id,
                expires_at=expires_at,
            )
        )
    return booking


def parts(closure: Closure) -> list[Part]:
    """Return what a closure takes, in hours after now."""
    rows = db.session.execute(
        select(Allocation.starts_at, Allocation.ends_at)
        .where(Allocation.closure_id == closure.id)
        .order_by(Allocation.starts_at)
    ).all()
    db.session.commit()
    hour = timedelta(hours=1)
    return [((start - NOW) // hour, (end - NOW) // hour) for start, end in rows]


def test_closures_share_time_without_overlap(app: Flask) -> None:
    """The first takes it, the others the rest; what one gives back goes to the one that starts first."""
    staff = make_staff()
    first, second, third = close(staff, 2, 6), close(staff, 4, 8), close(staff, 1, 9)
    assert [parts(one) for one in (first, second, third)] == [[(2, 6)], [(6, 8)], [(1, 2), (8, 9)]]
    open_again(first)
    assert [parts(one) for one in (second, third)] == [[(6, 8)], [(1, 2), (2, 6), (8, 9)]]


def test_a_closure_wholly_within_another(app: Flask) -> None:
    """It takes nothing, and comes into its own when the other goes."""
    staff = make_staff()
    outer, inner = close(staff, 1, 9), close(staff, 3, 4)
    assert parts(inner) == []
    open_again(outer)
    assert parts(inner) == [(3, 4)]


def test_around_bookings(app: Flask) -> None:
    """By force: the parts before, between and after."""
    staff = make_staff()
    for start in (2, 4, 5):
        booked(staff, start)
    with pytest.raises(BookingsInTheWay) as caught:
        close(staff, 1, 8)
    clashes = caught.value.extra["clashes"]
    assert isinstance(clashes, list)
    assert [clash["starts_at"] for clash in clashes] == [at(2), at(4), at(5)]
    assert parts(close(staff, 1, 8, force=True)) == [(1, 2), (3, 4), (6, 8)]


def test_what_has_lapsed_is_in_nobodys_way(app: Flask) -> None:
    """A pending booking past its time is no clash."""
    staff = make_staff()
    booked(staff, 2, expires_at=NOW)
    booked(staff, 5, expires_at=at(1))
    with clock.frozen(NOW):
        assert [clash.starts_at for clash in bookings_meeting(staff.id, at(0), at(9))] == [at(5)]
    db.session.commit()
    assert parts(close(staff, 1, 4)) == [(1, 2), (3, 4)]


def test_a_long_allocation_from_before_is_seen(app: Flask) -> None:
    """What began long before the interval and reaches into it."""
    staff = make_staff()
    long = close(staff, 0, 24 * 300)
    assert parts(close(staff, 24 * 299, 24 * 301)) == [(24 * 300, 24 * 301)]
    assert parts(long) == [(0, 24 * 300)]


def test_others_are_not_touched(app: Flask) -> None:
    """The same hours of a colleague are another's."""
    one, other = make_staff(), make_staff()
    booked(other, 2)
    first, second = close(one, 1, 4), close(other, 3, 5)
    open_again(first)
    assert parts(second) == [(3, 5)]


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.integers(0, 12), st.integers(1, 6)), min_size=1, max_size=5),
    st.sets(st.integers(0, 17), max_size=3),
    st.data(),
)
def test_the_union_stays_taken_through_all_removals(
    app: Flask, lengths: list[Part], bookings: set[int], data: st.DataObject
) -> None:
    """Hour by hour: taken is what a closure that is there lies over, or a booking; each hour once."""
    staff = make_staff()
    for start in bookings:
        booked(staff, start)
    closures = [(start, start + length) for start, length in lengths]
    rows = [close(staff, *one, force=True) for one in closures]
    left = list(range(len(rows)))
    while True:
        taken = sorted(hour for nth in left for part in parts(rows[nth]) for hour in range(*part))
        expected = {hour for nth in left for hour in range(*closures[nth])} - bookings
        assert taken == sorted(expected)
        if not left:
            break
        open_again(rows[left.pop(data.draw(st.integers(0, len(left) - 1)))])
    with transaction():
        db.session.execute(delete(Allocation).where(Allocation.resource_id == staff.id))
