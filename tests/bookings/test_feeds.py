"""Private calendar feeds of clients and of staff: what is in them. Who gets in: test_feed_tokens."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.kit import clock
from app.models import Booking, BookingStatus, Closure, PendingReason, Role, Staff, User
from app.transactions import transaction
from tests.api import Api
from tests.bookings.calendars import Seen, events, read, seen_by_icalendar, seen_by_vobject
from tests.bookings.desk import NOW
from tests.bookings.feeds import feed, feed_of, open_feed
from tests.conftest import CountStatements
from tests.factories import make_booking, make_service, make_space, make_space_booking, make_staff, make_user, token_for

TEN = datetime(2030, 1, 7, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
DAY = timedelta(days=1)
BERLIN = "Europe/Berlin"
WAITING: dict[str, Any] = {
    "status": BookingStatus.PENDING,
    "pending_reason": PendingReason.APPROVAL,
    "expires_at": NOW + HOUR,
}
GIVEN_UP: list[dict[str, Any]] = [
    {"status": BookingStatus.CANCELLED, "cancelled_at": NOW},
    {"status": BookingStatus.DECLINED},
    {"status": BookingStatus.EXPIRED},
    WAITING | {"expires_at": NOW - HOUR},
]
STANDING: list[tuple[dict[str, Any], str]] = [
    ({}, "CONFIRMED"),
    (WAITING, "TENTATIVE"),
    ({"status": BookingStatus.COMPLETED}, "CONFIRMED"),
    ({"status": BookingStatus.NO_SHOW}, "CONFIRMED"),
]

pytestmark = pytest.mark.usefixtures("monday_morning")


@pytest.fixture
def ada(app: Flask) -> User:
    """A client with all there is to know about her."""
    return make_user(
        first_name="Ada", last_name="Lovelace", phone="+254712345678", email="ada@lovelace.test", bio="Mathematics"
    )


@pytest.fixture
def jane(app: Flask) -> Staff:
    """A staff member in Berlin."""
    return make_staff(name="Jane", timezone=BERLIN)


def close(staff: Staff | None, starts_at: datetime, ends_at: datetime) -> Closure:
    """Write time off, of everybody without `staff`."""
    closure = Closure(
        resource_id=staff and staff.id, starts_at=starts_at, ends_at=ends_at, reason="Surgery", created_at=NOW
    )
    with transaction():
        db.session.add(closure)
    return closure


def test_a_staff_members_feed(api: Api, ada: User, jane: Staff) -> None:
    """Visits with the client's name, time off and closures without their reason; nothing of colleagues."""
    service = make_service(name="Haircut")
    booking = make_booking(ada, service, jane, TEN, notes="Do not tell")
    own, everybodys = close(jane, TEN + 5 * HOUR, TEN + 6 * HOUR), close(None, TEN + DAY, TEN + 2 * DAY)
    colleague = make_staff(name="Amina")
    make_booking(ada, service, colleague, TEN)
    close(colleague, TEN, TEN + HOUR)
    text = feed_of(api, jane)
    expected = {
        f"booking-{booking.id}-{booking.reference}-0@parlour": Seen(
            TEN, TEN + HOUR, "Haircut – Ada Lovelace", f"Reference {booking.reference}", "CONFIRMED"
        ),
        f"time-off-{own.id}-{int(NOW.timestamp())}@parlour": Seen(
            TEN + 5 * HOUR, TEN + 6 * HOUR, "Time off", "", "CONFIRMED"
        ),
        f"time-off-{everybodys.id}-{int(NOW.timestamp())}@parlour": Seen(
            TEN + DAY, TEN + 2 * DAY, "Closed", "", "CONFIRMED"
        ),
    }
    assert seen_by_icalendar(text) == expected
    assert seen_by_vobject(text) == expected
    assert [(one["TRANSP"], one.get("CLASS")) for one in events(text)] == [
        ("OPAQUE", "PRIVATE"),
        ("TRANSPARENT", None),
        ("TRANSPARENT", None),
    ]
    assert not any(secret in text for secret in ("Surgery", "Do not tell", "712345678", "lovelace.test", "Mathematics"))


def test_a_feed_says_whose_it_is(api: Api, ada: User, jane: Staff) -> None:
    """And how often to look; as a calendar of its own it has no METHOD, so that DTSTAMP is the last change."""
    make_booking(ada, make_service(), jane, TEN)
    calendar = read(feed_of(api, jane))
    assert (calendar["NAME"], calendar["X-WR-CALNAME"]) == ("Jane – Test Parlour", "Jane – Test Parlour")
    assert calendar["REFRESH-INTERVAL"].to_ical() == b"PT1H"
    assert calendar["VERSION"] == "2.0"
    assert "METHOD" not in calendar
    assert [str(zone["TZID"]) for zone in calendar.walk("VTIMEZONE")] == [BERLIN]
    (visit,) = calendar.walk("VEVENT")
    assert visit["DTSTAMP"].dt == visit["LAST-MODIFIED"].dt == NOW


def test_an_empty_feed_is_a_calendar(api: Api, ada: User, jane: Staff) -> None:
    for text in (feed_of(api, jane), feed_of(api, ada)):
        assert events(text) == []
        assert text.startswith("BEGIN:VCALENDAR\r\n")
        assert text.endswith("END:VCALENDAR\r\n")


@pytest.mark.parametrize(("fields", "state"), STANDING)
def test_what_stands_is_in_both_feeds(fields: dict[str, Any], state: str, api: Api, ada: User, jane: Staff) -> None:
    make_booking(ada, make_service(name="Haircut"), jane, TEN, **fields)
    shown = [events(feed_of(api, whose))[0] for whose in (jane, ada)]
    assert [(one["STATUS"], one["SUMMARY"]) for one in shown] == [
        (state, "Haircut – Ada Lovelace"),
        (state, "Haircut – Test Parlour"),
    ]


@pytest.mark.parametrize("fields", GIVEN_UP)
def test_what_was_given_up_is_in_both_as_cancelled(fields: dict[str, Any], api: Api, ada: User, jane: Staff) -> None:
    """So that programs remove it; who it would have been is told no more."""
    make_booking(ada, make_service(name="Haircut"), jane, TEN, **fields)
    shown = [events(feed_of(api, whose))[0] for whose in (jane, ada)]
    assert [(one["STATUS"], one["SUMMARY"], one["TRANSP"]) for one in shown] == [
        ("CANCELLED", "Haircut", "TRANSPARENT"),
        ("CANCELLED", "Haircut – Test Parlour", "TRANSPARENT"),
    ]
    assert "Ada" not in feed_of(api, jane)


def test_a_clients_feed(api: Api, ada: User, jane: Staff) -> None:
    """Visits and spaces, each in its own zone; nothing of other clients."""
    visit = make_booking(ada, make_service(name="Haircut"), jane, TEN)
    hall = make_space(name="Hall", address="1 High Street", city="Nairobi", timezone="Africa/Nairobi")
    let = make_space_booking(ada, hall, TEN + DAY, party_size=3)
    other = make_user(first_name="Grace", last_name="Hopper", email="grace@hopper.test")
    make_booking(other, make_service(name="Massage"), jane, TEN + 2 * HOUR)
    make_space_booking(other, hall, TEN + 2 * DAY)
    text = feed_of(api, ada)
    expected = {
        f"booking-{visit.id}-{visit.reference}@parlour": Seen(
            TEN,
            TEN + HOUR,
            "Haircut – Test Parlour",
            f"Reference {visit.reference}\n11:00 Haircut with Jane",
            "CONFIRMED",
        ),
        f"booking-{let.id}-{let.reference}@parlour": Seen(
            TEN + DAY,
            TEN + DAY + HOUR,
            "Hall – Test Parlour",
            f"Reference {let.reference}\nParty of 3",
            "CONFIRMED",
        ),
    }
    assert seen_by_icalendar(text) == expected
    assert seen_by_vobject(text) == expected
    assert sorted(str(zone["TZID"]) for zone in read(text).walk("VTIMEZONE")) == ["Africa/Nairobi", BERLIN]
    assert not any(name in text for name in ("Grace", "Hopper", "Massage", "hopper.test"))


def test_staff_who_book_have_a_clients_feed_too(api: Api) -> None:
    """Everyone signed in is also the client of what they booked; a staff member's visits are in the other feed."""
    amina, bea = make_user(Role.STAFF), make_user()
    staff = make_staff(user_id=amina.id)
    booked = make_booking(amina, make_service(), make_staff(), TEN)
    served = make_booking(bea, make_service(), staff, TEN)
    assert booked.reference in feed_of(api, amina)
    assert served.reference not in feed_of(api, amina)
    assert booked.reference not in feed_of(api, staff)


@pytest.mark.parametrize(
    ("starts_at", "is_in"),
    [
        (NOW - 30 * DAY - HOUR, False),
        (NOW - 30 * DAY - HOUR / 2, True),
        (NOW + 365 * DAY - HOUR, True),
        (NOW + 365 * DAY, False),
    ],
)
def test_a_feed_reaches_a_month_back_and_a_year_ahead(
    starts_at: datetime, is_in: bool, api: Api, ada: User, jane: Staff
) -> None:
    make_booking(ada, make_service(), jane, starts_at)
    close(jane, starts_at, starts_at + HOUR)
    assert len(events(feed_of(api, jane))) == 2 * is_in
    assert len(events(feed_of(api, ada))) == is_in


def test_a_long_letting_that_reaches_into_the_window_is_in(api: Api, ada: User) -> None:
    """Begun eleven months ago."""
    booking = make_space_booking(ada, make_space(), NOW - 330 * DAY)
    with transaction():
        db.session.get_one(Booking, booking.id).ends_at = NOW
    assert len(events(feed_of(api, ada))) == 1


@pytest.mark.parametrize("size", [1, 3, 30])
def test_a_feed_costs_three_statements(
    size: int, api: Api, ada: User, jane: Staff, count_statements: CountStatements
) -> None:
    """The token with whose it is; bookings, parts; or visits, time off. However much there is."""
    space = make_space()
    for n in range(size):
        make_booking(make_user(), make_service(), jane, TEN + n * HOUR)
        make_booking(ada, make_service(), jane, TEN + n * HOUR)
        make_space_booking(ada, space, TEN + n * HOUR)
        close(jane, TEN + n * DAY, TEN + n * DAY + HOUR)
    for whose, shown in ((jane, 3 * size), (ada, 2 * size)):
        path = open_feed(api, whose)
        with count_statements() as statements:
            text = feed(api, path)
        assert len(events(text)) == shown
        assert len(statements) == 3, "\n\n".join(statements)


def test_the_file_of_a_booking_costs_what_the_booking_costs(
    api: Api, ada: User, jane: Staff, count_statements: CountStatements
) -> None:
    booking, token = make_booking(ada, make_service(), jane, TEN), token_for(ada)
    with count_statements() as statements:
        assert api.get(f"/api/bookings/{booking.id}/calendar.ics", token=token).status_code == 200
    assert len(statements) == 3, "\n\n".join(statements)


def test_programs_need_not_fetch_what_they_have(api: Api, ada: User, jane: Staff) -> None:
    """304 until something changes; kept five minutes, by nobody in between."""
    booking = make_booking(ada, make_service(), jane, TEN)
    for whose in (jane, ada):
        path = open_feed(api, whose)
        first = api.get(path)
        tag = first.headers["ETag"]
        assert tag.startswith('W/"')
        assert first.headers["Content-Type"] == "text/calendar; charset=utf-8"
        assert first.headers["Content-Disposition"] == 'attachment; filename="calendar.ics"'
        assert first.headers["Cache-Control"] == "private, max-age=300"
        with clock.frozen(NOW + HOUR / 2):
            again = api.get(path, headers={"If-None-Match": f'"other", {tag}'})
        assert (again.status_code, again.get_data(), again.headers["ETag"]) == (304, b"", tag)
        assert again.headers["Cache-Control"] == "private, max-age=300"
        with clock.frozen(NOW + HOUR), transaction():
            db.session.get_one(Booking, booking.id).party_size += 1
        changed = api.get(path, headers={"If-None-Match": tag})
        assert changed.status_code == 200
        assert api.get(path, headers={"If-Match": '"1"'}).status_code == 200
        assert changed.headers["ETag"] != tag
