"""`GET /api/reports/summary`, its tables, and the dashboard."""

import csv
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from io import StringIO
from typing import Any

import pytest
from flask import Flask

from app.diary.closures import Absence, add_closure
from app.extensions import db
from app.kit import clock
from app.models import (
    BookingStatus,
    NoticeChannel,
    NoticeStatus,
    Notification,
    OutboxEvent,
    PendingReason,
    Role,
    Service,
    Staff,
    User,
)
from app.orders.basket import Item
from app.orders.service import Wanted, place_order
from app.security.actor import Actor
from app.transactions import transaction
from tests.api import Api
from tests.cases import each_case
from tests.conftest import make_application
from tests.databases import Copy
from tests.factories import (
    make_booking,
    make_delivery,
    make_product,
    make_service,
    make_space,
    make_space_booking,
    make_staff,
    make_user,
    make_webhook,
    set_hours,
    token_for,
)

JANUARY = {"from": "2030-01-01", "to": "2030-01-31"}
NOW = datetime(2030, 1, 21, 9, tzinfo=UTC)
NONE = dict.fromkeys(("pending", "confirmed", "completed", "cancelled", "declined", "expired", "no_show"), 0)

Read = Callable[..., Any]


@pytest.fixture(autouse=True)
def monday() -> Iterator[None]:
    """Noon in Nairobi, on a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def read(api: Api) -> Read:
    """Return what an admin reads at a path below /api/reports."""

    def get(path: str, **query: str) -> Any:
        answer = api.get(f"/api/reports/{path}", query=query, token=token_for(make_user(Role.ADMIN)))
        assert answer.status_code == 200, answer.json
        return answer

    return get


@pytest.fixture
def hour(app: Flask) -> Service:
    """A service of an hour."""
    return make_service(duration_minutes=60)


def at(text: str) -> datetime:
    """Return an instant."""
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def book(client: User, service: Service, staff: Staff, starts_at: str, status: str = "completed", **more: Any) -> None:
    """Write a booking of an hour."""
    fields: dict[str, Any] = {"status": BookingStatus(status)} | more
    if status == "cancelled":
        fields.setdefault("cancelled_at", at("2029-12-01T00:00"))
    if status == "pending":
        fields = {"pending_reason": PendingReason.APPROVAL, "expires_at": NOW + timedelta(hours=1)} | fields
    make_booking(client, service, staff, at(starts_at), **fields)


def table(answer: Any) -> list[dict[str, str]]:
    """Return the lines of a CSV answer."""
    assert answer.headers["Content-Type"] == "text/csv; charset=utf-8"
    return list(csv.DictReader(StringIO(answer.data.decode("utf-8-sig"))))


def test_what_was_booked(read: Read, hour: Service) -> None:
    """Every status as readers see it, the rates, who is new, and who worked how much."""
    staff, ann, bob, eve = make_staff(name="Jo", timezone="Africa/Nairobi"), make_user(), make_user(), make_user()
    set_hours(staff, "09:00", "17:00", weekdays=[0])  # four Mondays: 32 hours
    book(ann, hour, staff, "2029-12-20T08:00")
    book(ann, hour, staff, "2030-01-07T08:00")
    book(ann, hour, staff, "2030-01-14T08:00")
    book(bob, hour, staff, "2030-01-07T10:00", "no_show")
    book(bob, hour, staff, "2030-01-28T10:00", "confirmed")
    book(eve, hour, staff, "2030-01-08T10:00", "cancelled")
    book(eve, hour, staff, "2029-12-08T10:00", "cancelled")
    book(eve, hour, staff, "2030-01-09T10:00", "declined")
    book(eve, hour, staff, "2030-01-29T10:00", "pending")
    book(eve, hour, staff, "2030-01-30T10:00", "pending", expires_at=NOW)  # in this moment
    book(eve, hour, staff, "2030-01-10T10:00", "expired")
    book(ann, hour, staff, "2030-02-04T10:00", "confirmed")
    make_space_booking(make_user(), make_space(), at("2030-01-08T10:00"), status=BookingStatus.COMPLETED)
    with transaction():
        gone = Absence(at("2030-01-28T06:00"), at("2030-01-28T08:00"))
        add_closure(resource_id=staff.id, absence=gone, force=False, actor_id=None)
    said = read("summary", **JANUARY).json
    assert said.pop("revenue")["by_service"] == []  # test_revenue.py has it
    assert said.pop("utilisation") == [
        {
            "staff_id": staff.id,
            "staff_name": "Jo",
            "booked_minutes": 240,
            "open_minutes": 30 * 60,
            "utilisation": 0.133,
        }
    ]
    assert said == {
        "from": "2030-01-01",
        "to": "2030-01-31",
        "timezone": "Africa/Nairobi",
        "total": 10,
        "bookings": {
            "pending": 1,
            "confirmed": 1,
            "completed": 3,
            "cancelled": 1,
            "declined": 1,
            "expired": 2,
            "no_show": 1,
        },
        "no_show_rate": 0.25,
        "cancellation_rate": 0.167,
        "new_clients": 2,
        "returning_clients": 1,
    }


def test_nothing(read: Read) -> None:
    """Zeros, and no rates of nothing; somebody without hours has no share."""
    staff = make_staff(name="Jo")
    make_staff(name="Gone", active=False)
    said = read("summary", **JANUARY).json
    assert (said["total"], said["bookings"], said["no_show_rate"], said["cancellation_rate"]) == (0, NONE, None, None)
    assert (said["new_clients"], said["returning_clients"]) == (0, 0)
    assert [(one["staff_id"], one["utilisation"]) for one in said["utilisation"]] == [(staff.id, None)]


def test_days_are_the_businesss(read: Read, hour: Service) -> None:
    """Nairobi is three hours ahead: the last hours of a day in UTC are the next day's there."""
    staff, client = make_staff(), make_user()
    book(client, hour, staff, "2030-01-09T20:30")
    book(client, hour, staff, "2030-01-09T21:00")
    book(client, hour, staff, "2030-01-10T20:59")
    book(client, hour, staff, "2030-01-10T21:00", "no_show")
    lines = table(read("bookings.csv", **{"from": "2030-01-09", "to": "2030-01-12"}))
    assert list(lines[0]) == ["date", *BookingStatus]
    assert [(line["date"], line["completed"], line["no_show"]) for line in lines] == [
        ("2030-01-09", "1", "0"),
        ("2030-01-10", "2", "0"),
        ("2030-01-11", "0", "1"),
        ("2030-01-12", "0", "0"),
    ]
    assert read("summary", **{"from": "2030-01-10", "to": "2030-01-10"}).json["total"] == 2


@pytest.mark.parametrize(
    ("day", "first", "last", "hours"),
    [
        ("2030-03-31", "2030-03-30T23:00", "2030-03-31T21:59", 23),
        ("2030-10-27", "2030-10-26T22:00", "2030-10-27T22:59", 25),
    ],
)
def test_the_days_on_which_the_clocks_change(
    new_database: Callable[[str], Copy], dialect: str, day: str, first: str, last: str, hours: int
) -> None:
    """They have 23 and 25 hours; each booking is in one day, and nobody is open for longer than the day is."""
    app = make_application(new_database(dialect).url, BUSINESS_TIMEZONE="Europe/Berlin")
    with app.app_context():
        service, client, staff = make_service(duration_minutes=60), make_user(), make_staff(timezone="Europe/Berlin")
        set_hours(staff, "00:00", "24:00")
        for instant in (at(first) - timedelta(minutes=1), at(first), at(last), at(last) + timedelta(minutes=1)):
            make_booking(client, service, staff, instant, status=BookingStatus.COMPLETED)
        token = token_for(make_user(Role.ADMIN))
        db.session.remove()
    api, period = Api(app.test_client()), {"from": day, "to": day}
    (line,) = table(api.get("/api/reports/bookings.csv", query=period, token=token))
    (used,) = table(api.get("/api/reports/utilisation.csv", query=period, token=token))
    assert (line["date"], line["completed"]) == (day, "2")
    assert used["open_minutes"] == str(hours * 60)
    assert used["booked_minutes"] == str(59 + 60 + 1)
    assert api.get("/api/reports/summary", query=period, token=token).json["total"] == 2
    with app.app_context():
        db.engine.dispose()


def test_no_cell_is_a_formula(read: Read, hour: Service) -> None:
    """OWASP: what a spreadsheet would take for one stands behind an apostrophe."""
    staff = make_staff(name="=HYPERLINK(1)")
    set_hours(staff, "09:00", "10:00", weekdays=[0])
    book(make_user(), hour, staff, "2030-01-07T08:00")
    (line,) = table(read("utilisation.csv", **JANUARY))
    assert line == {
        "staff_id": str(staff.id),
        "staff_name": "'=HYPERLINK(1)",
        "booked_minutes": "60",
        "open_minutes": "240",
        "utilisation": "0.250",
    }


def test_who_left_and_who_was_off(read: Read, hour: Service) -> None:
    """Whoever was booked is shown though inactive now; what was booked was open, whatever came over it."""
    left = make_staff(name="Left", active=False)
    book(make_user(), hour, left, "2030-01-07T08:00")
    (line,) = read("summary", **JANUARY).json["utilisation"]
    assert (line["staff_id"], line["booked_minutes"], line["open_minutes"], line["utilisation"]) == (
        left.id,
        60,
        60,
        1.0,
    )


@each_case("path", ["summary", "bookings.csv", "utilisation.csv"])
@each_case(
    ("query", "named"),
    [
        ({"from": "2030-01-02", "to": "2030-01-01"}, "to"),
        ({"from": "2030-01-01", "to": "2031-01-02"}, "to"),
        ({"from": "January", "to": "2030-01-01"}, "from"),
        ({"from": "2030-01-01"}, "to"),
    ],
)
@pytest.mark.databases("sqlite")
def test_which_days_cannot_be(api: Api, path: str, query: dict[str, str], named: str) -> None:
    """Backwards, more than 366, no dates, halves."""
    answer = api.get(f"/api/reports/{path}", query=query, token=token_for(make_user(Role.ADMIN)))
    assert (answer.status_code, list(answer.json["errors"])) == (422, [named])


def test_the_dashboard(read: Read, hour: Service) -> None:
    """Today's bookings, what waits, what is owed, what runs low, what failed; and nothing that is long ago."""
    staff, ann = make_staff(), make_user()
    today, yesterday = "2030-01-21T12:00", "2030-01-20T12:00"
    book(ann, hour, staff, today, "confirmed")
    book(ann, hour, staff, "2030-01-21T20:59", "pending")
    book(ann, hour, staff, "2030-01-21T21:00", "confirmed")  # tomorrow in Nairobi
    book(ann, hour, staff, "2030-01-25T12:00", "pending")
    book(ann, hour, staff, "2030-01-25T12:00", "pending", pending_reason=PendingReason.DEPOSIT)
    book(ann, hour, staff, "2030-01-26T12:00", "pending", expires_at=NOW)
    book(ann, hour, staff, yesterday, total_amount=500)
    book(ann, hour, staff, yesterday, total_amount=500, paid_amount=500)
    book(ann, hour, staff, yesterday, total_amount=500, paid_amount=300, credited_amount=200)
    book(ann, hour, staff, yesterday, "no_show", total_amount=500, no_show_fee_amount=100)
    book(ann, hour, staff, yesterday, "no_show", total_amount=500, no_show_fee_amount=100, cancel_fee_amount=0)
    book(ann, hour, staff, yesterday, "cancelled", total_amount=500, cancel_fee_amount=200)
    book(ann, hour, staff, yesterday, "cancelled", total_amount=500)
    book(ann, hour, staff, "2029-12-21T12:00", total_amount=500)
    product = make_product(10, reorder_level=3)
    make_product(1, reorder_level=3)
    with transaction():
        place_order(actor=Actor(ann.id, ann.role), wanted=Wanted([Item(product.id, 1)]))
        for status, days in ((NoticeStatus.FAILED, 1), (NoticeStatus.FAILED, 8), (NoticeStatus.SENT, 1)):
            db.session.add(
                Notification(
                    kind="reminder_day",
                    channel=NoticeChannel.EMAIL,
                    user_id=ann.id,
                    status=status,
                    created_at=NOW - timedelta(days=days),
                    **({"sent_at": NOW} if status is NoticeStatus.SENT else {"reason": "given_up"}),
                )
            )
        db.session.add(OutboxEvent(topic="nothing", dead_at=NOW))
    make_delivery(make_webhook())
    said = read("dashboard").json
    assert list(said.pop("revenue")) == ["today", "last_7_days", "last_30_days"]
    assert said == {
        "today": "2030-01-21",
        "timezone": "Africa/Nairobi",
        "bookings_today": NONE | {"confirmed": 1, "pending": 1},
        "pending_approvals": 2,
        "unpaid": {"bookings": 3, "orders": 1},
        "low_stock": 1,
        "failed": {"notifications": 1, "webhook_deliveries": 0, "tasks": 1},
    }


def test_failed_deliveries(read: Read) -> None:
    """Of every endpoint, in the last seven days."""
    for number in (1, 2):
        webhook = make_webhook(number=number)
        for days in (1, 6, 8):
            make_delivery(
                webhook, status="failed", next_attempt_at=None, attempts=9, created_at=NOW - timedelta(days=days)
            )
    assert read("dashboard").json["failed"]["webhook_deliveries"] == 4
