"""Every rule that must never break, broken on purpose in both databases, past all of our code."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, update
from sqlalchemy.exc import DataError, IntegrityError

from app.extensions import db
from app.models import (
    Allocation,
    Assignment,
    AuthSession,
    Booking,
    BookingHistory,
    BookingItem,
    BookingSeries,
    Closure,
    DayHours,
    Hold,
    IdempotencyKey,
    Image,
    OneTimeToken,
    OpeningRule,
    OutboxEvent,
    PeriodicTask,
    RefreshToken,
    Resource,
    Service,
    Space,
    TokenPurpose,
    User,
)
from app.transactions import transaction
from tests.cases import each_case
from tests.factories import (
    assign,
    make_booking,
    make_category,
    make_image,
    make_service,
    make_space,
    make_staff,
    make_user,
)

NINE = datetime(2030, 1, 7, 9, tzinfo=UTC)
HOUR = timedelta(hours=1)


def refused(statement: Any, name: str) -> None:
    """Run a statement that the database must refuse, by the rule called `name`."""
    with pytest.raises(IntegrityError) as caught, transaction():
        db.session.execute(statement)
    assert name in str(caught.value.orig)


@pytest.fixture
def booking(app: Flask) -> Booking:
    """A confirmed booking without allocations, 09:00 to 10:00."""
    return make_booking(make_user(), make_service(), make_staff(), NINE)


def taken(booking: Booking, starts_at: datetime, ends_at: datetime, **fields: Any) -> Any:
    """Return an insert of an allocation of the booking's staff member."""
    staff_id = db.session.scalar(select(BookingItem.staff_id).where(BookingItem.booking_id == booking.id))
    row = {"resource_id": staff_id, "booking_id": booking.id, "starts_at": starts_at, "ends_at": ends_at}
    return insert(Allocation).values(row | fields)


@pytest.fixture
def taken_twice(booking: Booking) -> Booking:
    """A booking whose staff member is taken at nine, and for an hour much later."""
    with transaction():
        db.session.execute(taken(booking, NINE, NINE + HOUR))
        db.session.execute(taken(booking, NINE + 200 * HOUR, NINE + 201 * HOUR))
    return booking


@each_case(("begin", "end"), [(0, 60), (15, 45), (-15, 15), (45, 75), (-15, 75), (59, 60), (-60, 1), (-6000, 6000)])
def test_no_two_allocations_of_one_resource_overlap(taken_twice: Booking, begin: int, end: int) -> None:
    """However the second one lies over the first, by insert and by update."""
    starts_at, ends_at = NINE + timedelta(minutes=begin), NINE + timedelta(minutes=end)
    refused(taken(taken_twice, starts_at, ends_at), "allocation_no_overlap")
    later = update(Allocation).where(Allocation.starts_at > NINE + HOUR)
    refused(later.values(starts_at=starts_at, ends_at=ends_at), "allocation_no_overlap")
    assert len(db.session.scalars(select(Allocation)).all()) == 2


def test_touching_other_resources_and_freed_time_are_no_overlap(booking: Booking) -> None:
    """Half-open intervals touch; each resource has its own diary; a deleted row is free time."""
    other = make_staff()
    with transaction():
        db.session.execute(taken(booking, NINE, NINE + HOUR))
        db.session.execute(taken(booking, NINE + HOUR, NINE + 2 * HOUR))
        db.session.execute(taken(booking, NINE - HOUR, NINE))
        db.session.execute(taken(booking, NINE, NINE + HOUR, resource_id=other.id))
        db.session.execute(delete(Allocation).where(Allocation.starts_at == NINE))
        db.session.execute(taken(booking, NINE, NINE + HOUR))
        unchanged = update(Allocation).where(Allocation.starts_at == NINE).values(ends_at=NINE + HOUR)
        db.session.execute(unchanged)
    assert len(db.session.scalars(select(Allocation)).all()) == 3


@pytest.fixture
def an_hour_of_each(booking: Booking) -> None:
    """An hour that is taken, and one that is closed, beside the booking's own."""
    with transaction():
        db.session.execute(taken(booking, NINE, NINE + HOUR))
        db.session.execute(insert(Closure).values(starts_at=NINE, ends_at=NINE + HOUR, reason=""))


@each_case("length", [timedelta(0), -HOUR, timedelta(days=366, seconds=1)])
@each_case("model", [Allocation, Booking, BookingItem, Closure])
def test_intervals_are_neither_empty_nor_endless(an_hour_of_each: None, model: Any, length: timedelta) -> None:
    """BK-20: an empty range would slip past the exclusion constraint."""
    refused(update(model).values(ends_at=NINE + length), "interval")


def test_postgresql_refuses_infinity(booking: Booking) -> None:
    """`infinity` is an instant to PostgreSQL and never one to us; SQLite has no such word."""
    if db.engine.dialect.name == "postgresql":
        with pytest.raises((IntegrityError, DataError)), transaction():
            db.session.connection().exec_driver_sql("UPDATE bookings SET ends_at = 'infinity'")
    else:
        with pytest.raises(IntegrityError), transaction():
            db.session.connection().exec_driver_sql("UPDATE bookings SET ends_at = 'infinity'")


def test_an_allocation_has_exactly_one_cause(booking: Booking) -> None:
    """Neither none nor two of booking, hold and closure."""
    with transaction():
        hold_id = db.session.scalar(
            insert(Hold).values(client_id=booking.client_id, expires_at=NINE).returning(Hold.id)
        )
    refused(taken(booking, NINE, NINE + HOUR, booking_id=None), "one_cause")
    refused(taken(booking, NINE, NINE + HOUR, hold_id=hold_id), "one_cause")


@pytest.fixture
def one_of_each(booking: Booking) -> None:
    """One row of everything."""
    with transaction():
        staff_id = booking.items[0].staff_id
        db.session.execute(insert(OpeningRule).values(resource_id=staff_id, weekday=0, opens=540, closes=1020))
        db.session.execute(insert(DayHours).values(resource_id=staff_id, date=NINE.date(), opens=540, closes=1020))
        db.session.execute(insert(OutboxEvent).values(topic="test"))
        db.session.execute(insert(PeriodicTask).values(name="test", due_at=NINE))
        db.session.execute(insert(BookingSeries).values(client_id=booking.client_id, every_weeks=1, timezone="UTC"))
        db.session.execute(insert(BookingHistory).values(booking_id=booking.id, step="create", to_status="confirmed"))
        db.session.execute(
            insert(Assignment).values(staff_id=staff_id, service_id=booking.items[0].service_id, currency="KES")
        )
        write_tokens(booking.client_id)
    make_space()
    make_image(service_id=booking.items[0].service_id)


@each_case(
    ("model", "values", "name"),
    [
        (Booking, {"status": "done"}, "status"),
        (Booking, {"status": "pending"}, "pending"),
        (Booking, {"pending_reason": "approval"}, "pending_reason"),
        (Booking, {"expires_at": NINE}, "pending_expires"),
        (Booking, {"status": "cancelled"}, "cancelled"),
        (Booking, {"kind": "space"}, "space"),
        (Booking, {"kind": "rental"}, "kind"),
        (Booking, {"total_amount": -1}, "amounts"),
        (Booking, {"paid_amount": -1}, "amounts"),
        (Booking, {"deposit_amount": 4501}, "amounts"),
        (Booking, {"late_cancel_fee_amount": -1}, "amounts"),
        (Booking, {"credited_amount": -1}, "credited"),
        (Booking, {"no_show_fee_amount": -1}, "amounts"),
        (Booking, {"cancel_fee_amount": -1}, "amounts"),
        (Booking, {"party_size": 0}, "party_size"),
        (BookingSeries, {"every_weeks": 0}, "every_weeks"),
        (BookingSeries, {"every_weeks": 53}, "every_weeks"),
        (BookingItem, {"price_amount": -1}, "price"),
        (BookingItem, {"service_id": None}, "service_and_staff"),
        (BookingItem, {"buffer_before_minutes": -1}, "buffers"),
        (Service, {"price_amount": -1}, "price"),
        (Service, {"duration_minutes": 0}, "duration"),
        (Service, {"duration_minutes": 1441}, "duration"),
        (Service, {"buffer_before_minutes": -1}, "buffer_before"),
        (Service, {"buffer_after_minutes": 1441}, "buffer_after"),
        (Service, {"deposit_type": "percent", "deposit_value": 101}, "deposit"),
        (Service, {"deposit_type": "free"}, "deposit_type"),
        (Service, {"deposit_value": -1}, "deposit"),
        (Service, {"max_advance_days": 0}, "limits"),
        (Service, {"min_notice_minutes": -1}, "limits"),
        (Assignment, {"price_amount": -1}, "price"),
        (Assignment, {"duration_minutes": 0}, "duration"),
        (Space, {"capacity": 0}, "capacity"),
        (Space, {"price_per_hour_amount": -1}, "price_per_hour"),
        (Space, {"min_minutes": 2000}, "minutes"),
        (Space, {"deposit_value": -1}, "deposit"),
        (Space, {"max_advance_days": 0}, "limits"),
        (Resource, {"name": ""}, "name"),
        (Resource, {"kind": "robot"}, "kind"),
        (OpeningRule, {"weekday": 7}, "weekday"),
        (OpeningRule, {"opens": 1440}, "hours"),
        (OpeningRule, {"closes": 1441}, "hours"),
        (DayHours, {"opens": None}, "both"),
        (DayHours, {"closes": 1441}, "hours"),
        (User, {"role": "root"}, "role"),
        (User, {"first_name": ""}, "first_name"),
        (User, {"email_key": None}, "email_key"),
        (User, {"has_login": False, "password_hash": "h"}, "login"),
        (User, {"has_login": False, "role": "staff"}, "login"),
        (User, {"failed_logins": -1}, "failed_logins"),
        (AuthSession, {"expires_at": NINE}, "lifetime"),
        (OneTimeToken, {"expires_at": NINE - HOUR}, "lifetime"),
        (OneTimeToken, {"purpose": "door_key"}, "purpose"),
        (OutboxEvent, {"attempts": -1}, "attempts"),
        (OutboxEvent, {"done_at": NINE, "dead_at": NINE}, "one_end"),
        (OutboxEvent, {"failures": -1}, "failures"),
        (OutboxEvent, {"subject": ""}, "subject"),
        (PeriodicTask, {"name": ""}, "name"),
        (Image, {"service_id": None}, "one_subject"),
        (Image, {"user_id": 1, "service_id": 1}, "one_subject"),
        (Image, {"number": 0}, "number"),
        (Image, {"number": 21}, "number"),
        (Image, {"position": -1}, "position"),
        (Image, {"width": 0}, "size"),
        (Image, {"width": 801}, "size"),
        (Image, {"height": 0}, "size"),
        (Image, {"height": 801}, "size"),
        (Image, {"media_type": "image/svg+xml"}, "media_type"),
        (BookingHistory, {"step": "vanish"}, "step"),
        (BookingHistory, {"to_status": "done"}, "to_status"),
    ],
)
def test_unlawful_values_are_refused(one_of_each: None, model: Any, values: dict[str, Any], name: str) -> None:
    """One row of everything is there; no update may make it unlawful."""
    table = model.__table__
    literal = {table.c[column]: value for column, value in values.items()}
    with pytest.raises((IntegrityError, LookupError)) as caught, transaction():
        db.session.execute(update(table).values(literal))
    if isinstance(caught.value, LookupError):
        caught = refused_by_database(table.name, values)
    assert f"ck_{table.name}_{name}" in str(caught.value)


def write_tokens(user_id: int) -> None:
    """Write a session with a refresh token, a mailed token and an answered request, all of nine o'clock."""
    lifetime = {"user_id": user_id, "created_at": NINE, "expires_at": NINE + HOUR}
    session_id = db.session.scalar(insert(AuthSession).values(lifetime).returning(AuthSession.id))
    db.session.execute(insert(RefreshToken).values(session_id=session_id, token_hash="h", issued_at=NINE))
    mailed = {"purpose": TokenPurpose.INVITATION, "token_hash": "h", "email": "a@example.test"}
    db.session.execute(insert(OneTimeToken).values(lifetime | mailed))
    db.session.execute(insert(IdempotencyKey).values(user_id=user_id, key="k", fingerprint="f"))


def refused_by_database(table: str, values: dict[str, Any]) -> Any:
    """Write words that SQLAlchemy's own types would not let out of the process."""
    assignments = ", ".join(f"{column} = '{value}'" for column, value in values.items())
    with pytest.raises(IntegrityError) as caught, transaction():
        db.session.connection().exec_driver_sql(f"UPDATE {table} SET {assignments}")  # noqa: S608  # test's own words
    return caught


def test_unique_things_are_unique(booking: Booking) -> None:
    """Emails, references, assignments, category names, positions, and a login's staff profile."""
    user = make_user(email="a@example.test")
    staff, service = make_staff(user_id=user.id), make_service()
    assign(staff, service)
    make_category("Nails")
    item = booking.items[0]
    for make, name in (
        (lambda: make_user(email="a@example.test"), "email_key"),
        (lambda: make_staff(user_id=user.id), "user_id"),
        (lambda: assign(staff, service), "staff_id"),
        (lambda: make_booking(user, service, staff, NINE, reference=booking.reference), "reference"),
    ):
        with pytest.raises(IntegrityError) as caught:
            make()
        assert name in str(caught.value.orig)
    refused(insert(type(make_category("Nails"))).values(name="Nails", description="", position=0), "name")
    copy = {c.key: getattr(item, c.key) for c in BookingItem.__table__.columns if c.key != "id"}
    refused(insert(BookingItem).values(copy), "position")


@pytest.mark.parametrize("model", [RefreshToken, OneTimeToken, IdempotencyKey])
def test_tokens_and_keys_are_unique(app: Flask, model: Any) -> None:
    """A hash names one token; a key one request of one caller, and may be another caller's too."""
    user, other = make_user(), make_user()
    with transaction():
        write_tokens(user.id)
    columns = [column for column in model.__table__.columns if column.key != "id"]
    row = dict(zip([column.key for column in columns], db.session.execute(select(*columns)).one(), strict=True))
    refused(insert(model).values(row), "key" if model is IdempotencyKey else "token_hash")
    with transaction():
        theirs = {"user_id": other.id} if model is IdempotencyKey else {"token_hash": "other"}
        db.session.execute(insert(model).values(row | theirs))


def test_an_album_has_twenty_numbers_and_one_cover(app: Flask) -> None:
    """Each number once, each file once, and no second cover; for every kind of thing that has an album."""
    service, staff = make_service(), make_staff()
    for subject in ({"service_id": service.id}, {"resource_id": staff.id}):
        first = make_image(**subject)
        make_image(**subject, number=2, is_cover=False)
        for fields, name in (
            ({"number": 1, "is_cover": False}, "number"),
            ({"number": 3, "is_cover": True}, "images"),
            ({"number": 3, "is_cover": False, "key": first.key}, "key"),
        ):
            with pytest.raises(IntegrityError) as caught:
                make_image(**subject, **fields)
            assert name in str(caught.value.orig)


def test_somebody_has_one_picture(app: Flask) -> None:
    """Not even another one that is no cover."""
    user = make_user()
    make_image(user_id=user.id)
    with pytest.raises(IntegrityError) as caught:
        make_image(user_id=user.id, number=2, is_cover=False)
    assert "ck_images_avatar" in str(caught.value.orig)
    with pytest.raises(IntegrityError) as caught:
        make_image(user_id=user.id, is_cover=False)
    assert "user_id" in str(caught.value.orig)


def test_the_email_of_a_walk_in_is_unique_among_walk_ins(app: Flask) -> None:
    """An account may have it too, until its owner proves it."""
    make_user(email="a@example.test", has_login=False)
    make_user(email="a@example.test")
    with pytest.raises(IntegrityError) as caught:
        make_user(email="a@example.test", has_login=False)
    assert "email_key" in str(caught.value.orig)


def test_a_naive_time_is_refused(app: Flask) -> None:
    """The column type takes instants only."""
    naive = datetime(2030, 1, 1)  # noqa: DTZ001  # the very point
    with pytest.raises(Exception, match="naive"), transaction():
        db.session.execute(insert(Closure).values(starts_at=naive, ends_at=NINE))
