"""`GET /api/bookings/{id}/calendar.ics`: a booking as a file that calendar programs open."""

from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask

from app.bookings.ical.zones import changes
from app.bookings.service import Settlement, record_payment
from app.bookings.service.expiry import expire_booking
from app.extensions import db
from app.kit import clock
from app.models import Booking, BookingItem, BookingStatus, PendingReason, Role
from app.transactions import transaction
from tests.api import Api
from tests.bookings.calendars import Seen, event, read, seen_by_icalendar, seen_by_vobject
from tests.bookings.desk import NOW
from tests.cases import each_case
from tests.factories import make_booking, make_service, make_space, make_space_booking, make_staff, make_user, token_for

TEN = datetime(2030, 1, 7, 10, tzinfo=UTC)
HOUR = timedelta(hours=1)
CHANGING = ["Europe/Berlin", "America/New_York", "Australia/Lord_Howe", "Africa/Casablanca", "Europe/Dublin"]

pytestmark = pytest.mark.usefixtures("monday_morning")


@pytest.fixture
def admin(app: Flask) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN))


def file_of(api: Api, booking: Booking, token: str) -> str:
    """Return the file as text."""
    answer = api.get(f"/api/bookings/{booking.id}/calendar.ics", token=token)
    assert answer.status_code == 200, answer.text
    text: str = answer.get_data().decode()
    return text


def visit(timezone: str = "Europe/Berlin", starts_at: datetime = TEN, name: str = "Haircut", **fields: Any) -> Booking:
    """Write a booking of an hour with Jane."""
    return make_booking(
        make_user(), make_service(name=name), make_staff(name="Jane", timezone=timezone), starts_at, **fields
    )


def test_the_whole_file(api: Api) -> None:
    """Two parts with two people, as their client reads it, line by line."""
    client, berlin = make_user(), "Europe/Berlin"
    jane, amina = make_staff(name="Jane", timezone=berlin), make_staff(name="Amina", timezone=berlin)
    booking = make_booking(client, make_service(name="Haircut"), jane, TEN, reference="BK-7F3K9Q", notes="My secret")
    colour = make_service(name="Colour, full")
    with transaction():
        part = {"service_id": colour.id, "service_name": colour.name, "staff_id": amina.id, "staff_name": "Amina"}
        later = {"starts_at": TEN + HOUR, "ends_at": TEN + 2 * HOUR, "position": 1}
        db.session.add(BookingItem(booking_id=booking.id, price_amount=1, currency="KES", **part, **later))
        booking.ends_at = TEN + 2 * HOUR
    uid = f"booking-{booking.id}-BK-7F3K9Q@parlour"
    assert file_of(api, booking, token_for(client)).split("\r\n") == [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//Parlour//Bookings//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        "BEGIN:VTIMEZONE",
        "TZID:Europe/Berlin",
        "BEGIN:DAYLIGHT",
        "DTSTART:20290325T020000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=3",
        "TZNAME:CEST",
        "TZOFFSETFROM:+0100",
        "TZOFFSETTO:+0200",
        "END:DAYLIGHT",
        "BEGIN:STANDARD",
        "DTSTART:20291028T030000",
        "RRULE:FREQ=YEARLY;BYDAY=-1SU;BYMONTH=10",
        "TZNAME:CET",
        "TZOFFSETFROM:+0200",
        "TZOFFSETTO:+0100",
        "END:STANDARD",
        "END:VTIMEZONE",
        "BEGIN:VEVENT",
        "SUMMARY:Haircut\\, Colour\\, full – Test Parlour",
        "DTSTART;TZID=Europe/Berlin:20300107T110000",
        "DTEND;TZID=Europe/Berlin:20300107T130000",
        "DTSTAMP:20300107T060000Z",
        f"UID:{uid}",
        "SEQUENCE:2",
        "DESCRIPTION:Reference BK-7F3K9Q\\n11:00 Haircut with Jane\\n12:00 Colour\\, f",
        " ull with Amina",
        "LAST-MODIFIED:20300107T060000Z",
        'ORGANIZER;CN="Test Parlour":mailto:no-reply@parlour.example',
        "STATUS:CONFIRMED",
        "TRANSP:OPAQUE",
        "END:VEVENT",
        "END:VCALENDAR",
        "",
    ]


def test_the_answer_says_what_it_is(api: Api, admin: str) -> None:
    booking = visit(reference="BK-7F3K9Q")
    answer = api.get(f"/api/bookings/{booking.id}/calendar.ics", token=admin)
    assert answer.headers["Content-Type"] == "text/calendar; charset=utf-8"
    assert answer.headers["Content-Disposition"] == 'attachment; filename="BK-7F3K9Q.ics"'
    assert answer.headers["Cache-Control"] == "no-store"


def test_a_space_has_a_place(api: Api, admin: str) -> None:
    space = make_space(name="Garden room", address="1 High Street", city="Nairobi", timezone="Africa/Nairobi")
    booking = make_space_booking(make_user(), space, TEN, party_size=4, reference="BK-7F3K9Q")
    found = event(file_of(api, booking, admin))
    assert found["LOCATION"] == "Garden room, 1 High Street, Nairobi"
    assert found["SUMMARY"] == "Garden room – Test Parlour"
    assert found["DESCRIPTION"] == "Reference BK-7F3K9Q\nParty of 4"


WAITING: dict[str, Any] = {"pending_reason": PendingReason.APPROVAL, "expires_at": NOW + HOUR}
GONE = {"cancelled_at": NOW}


@each_case(
    ("status", "fields", "expected"),
    [
        (BookingStatus.PENDING, WAITING, ("PUBLISH", "TENTATIVE", "OPAQUE")),
        (BookingStatus.CONFIRMED, {}, ("PUBLISH", "CONFIRMED", "OPAQUE")),
        (BookingStatus.COMPLETED, {}, ("PUBLISH", "CONFIRMED", "OPAQUE")),
        (BookingStatus.NO_SHOW, {}, ("PUBLISH", "CONFIRMED", "OPAQUE")),
        (BookingStatus.CANCELLED, GONE, ("CANCEL", "CANCELLED", "TRANSPARENT")),
        (BookingStatus.DECLINED, {}, ("CANCEL", "CANCELLED", "TRANSPARENT")),
        (BookingStatus.EXPIRED, {}, ("CANCEL", "CANCELLED", "TRANSPARENT")),
    ],
)
def test_every_status(
    status: BookingStatus, fields: dict[str, Any], expected: tuple[str, str, str], api: Api, admin: str
) -> None:
    """What programs are to do, whether it takes place, and whether it takes time."""
    text = file_of(api, visit(status=status, **fields), admin)
    found = event(text)
    assert (read(text)["METHOD"], found["STATUS"], found["TRANSP"]) == expected


def test_a_change_raises_the_sequence_and_keeps_the_uid(api: Api, admin: str) -> None:
    """Programs replace an event by one of the same UID with a higher SEQUENCE (RFC 5546 §2.1.5)."""
    booking = visit()
    made = event(file_of(api, booking, admin))
    with clock.frozen(NOW + HOUR), transaction():
        moved = db.session.get_one(Booking, booking.id)
        moved.starts_at, moved.ends_at = TEN + 3 * HOUR, TEN + 4 * HOUR
    later = event(file_of(api, booking, admin))
    with clock.frozen(NOW + 2 * HOUR):
        later_token = token_for(make_user(Role.ADMIN))
        assert api.post(f"/api/bookings/{booking.id}/cancel", {}, token=later_token).status_code == 200
        gone = event(file_of(api, booking, later_token))
    assert {one["UID"] for one in (made, later, gone)} == {f"booking-{booking.id}-{booking.reference}@parlour"}
    assert [one["SEQUENCE"] for one in (made, later, gone)] == [0, 2, 4]
    assert [one["LAST-MODIFIED"].dt for one in (made, later, gone)] == [NOW, NOW + HOUR, NOW + 2 * HOUR]
    assert [one["STATUS"] for one in (made, later, gone)] == ["CONFIRMED", "CONFIRMED", "CANCELLED"]
    assert later["DTSTART"].dt == TEN + 3 * HOUR


def test_a_lapse_is_a_change_before_it_is_written_down(api: Api, admin: str) -> None:
    """Whether it has been seen before it is written down or not: what comes of it has a higher SEQUENCE."""
    booking = visit(status=BookingStatus.PENDING, **WAITING)
    waiting = event(file_of(api, booking, admin))
    with clock.frozen(NOW + 2 * HOUR):
        later_token = token_for(make_user(Role.ADMIN))
        lapsed = event(file_of(api, booking, later_token))
        with transaction():
            expire_booking(booking.id)
        written = event(file_of(api, booking, later_token))
    assert [one["SEQUENCE"] for one in (waiting, lapsed, written)] == [0, 1, 2]
    assert [one["STATUS"] for one in (waiting, lapsed, written)] == ["TENTATIVE", "CANCELLED", "CANCELLED"]
    assert lapsed["LAST-MODIFIED"].dt == NOW + HOUR


@pytest.mark.parametrize("is_written", [False, True])
def test_late_money_is_a_change_after_the_lapse(api: Api, is_written: bool) -> None:
    """What took no place does so after all: programs that have seen the one must take the other for newer."""
    waiting_for: dict[str, Any] = {
        "pending_reason": PendingReason.DEPOSIT,
        "expires_at": NOW + HOUR,
        "deposit_amount": 100,
    }
    booking = visit(status=BookingStatus.PENDING, **waiting_for)
    with clock.frozen(NOW + 2 * HOUR):
        token = token_for(make_user(Role.ADMIN))
        seen = [event(file_of(api, booking, token))]
        if is_written:
            with transaction():
                expire_booking(booking.id)
            seen.append(event(file_of(api, booking, token)))
        with transaction():
            assert record_payment(booking.id, 100) is Settlement.REVIVED
        seen.append(event(file_of(api, booking, token)))
    assert [one["STATUS"] for one in seen] == ["CANCELLED"] * (len(seen) - 1) + ["CONFIRMED"]
    sequences = [int(one["SEQUENCE"]) for one in seen]
    assert sequences == sorted(set(sequences))


def starts_around_changes(timezone: str) -> list[datetime]:
    """Return the half hours from three hours before each of a year's clock changes until three hours after it."""
    begin = datetime(2030, 1, 1, tzinfo=UTC)
    found = changes(ZoneInfo(timezone), begin, begin.replace(year=2031))
    return [change.at + step * HOUR / 2 for change in found for step in range(-6, 7)]


@pytest.mark.parametrize("timezone", CHANGING)
def test_days_of_a_clock_change(timezone: str, api: Api, admin: str) -> None:
    """TZ-16: both readers find the very instants, of hours that are left out, repeated, and next to them."""
    starts = starts_around_changes(timezone)
    assert len(starts) == 26
    for start in starts:
        booking = visit(timezone, start)
        text = file_of(api, booking, admin)
        said = f"Reference {booking.reference}\n{start.astimezone(ZoneInfo(timezone)):%H:%M} Haircut with Jane"
        expected = Seen(start, start + HOUR, "Haircut – Test Parlour", said, "CONFIRMED")
        assert list(seen_by_icalendar(text).values()) == [expected]
        assert list(seen_by_vobject(text).values()) == [expected], text


def test_the_second_run_of_a_repeated_hour_is_told_in_utc(api: Api, admin: str) -> None:
    """A wall time would mean the first (RFC 5545 §3.3.5)."""
    half = make_service(duration_minutes=30)
    staff = make_staff(timezone="Europe/Berlin")
    files = (file_of(api, make_booking(make_user(), half, staff, at), admin) for at in berlins_longest_day())
    first, second = (event(text) for text in files)
    assert first["DTSTART"].to_ical() == b"20301027T020000"
    assert first["DTSTART"].params == {"TZID": "Europe/Berlin"}
    assert (second["DTSTART"].to_ical(), second["DTEND"].to_ical()) == (b"20301027T010000Z", b"20301027T013000Z")


def berlins_longest_day() -> tuple[datetime, datetime]:
    """Return the instants at which clocks in Berlin show two o'clock on 27 October 2030."""
    early = datetime(2030, 10, 27, 0, tzinfo=UTC)
    return early, early + HOUR


@pytest.mark.parametrize("timezone", ["UTC", "Etc/UTC", "Etc/GMT"])
def test_utc_needs_no_definition(timezone: str, api: Api, admin: str) -> None:
    text = file_of(api, visit(timezone), admin)
    assert "DTSTART:20300107T100000Z\r\n" in text
    assert "VTIMEZONE" not in text


LONG = "Haarverlängerung für 長い髪の特別なトリートメント 💇🏽‍♀️ ഞായറാഴ്ച " * 3


def test_long_names_fold_between_letters(api: Api, admin: str) -> None:
    """At most 75 octets a line (RFC 5545 §3.1), no letter cut in two, and nothing lost."""
    name = LONG.strip()
    raw = file_of(api, visit(name=name), admin).encode()
    lines = raw.split(b"\r\n")
    assert max(len(line) for line in lines) <= 75
    assert b"\n".join(lines).decode() == b"\n".join(line.decode().encode() for line in lines).decode()
    assert sum(line.startswith(b" ") for line in lines) > 5
    assert event(raw.decode())["SUMMARY"] == f"{name} – Test Parlour"
    assert next(iter(seen_by_vobject(raw.decode()).values())).summary == f"{name} – Test Parlour"


BREAKING = [
    ("a\r\nATTENDEE:mailto:x@example.test", "a\nATTENDEE:mailto:x@example.test"),
    ("a\rEND:VEVENT\rb", "a\nEND:VEVENT\nb"),
    ("a\nBEGIN:VALARM", "a\nBEGIN:VALARM"),
    ("a\x0bb\x0cc\x1bd\x7fe\x85f", "a b c d e\nf"),
    ("a\u2028END:VEVENT\u2029b", "a\nEND:VEVENT\nb"),
    ('a;b,c\\n:d"e', 'a;b,c\\n:d"e'),
]


@each_case(("name", "expected"), BREAKING)
def test_nothing_breaks_out_of_its_line(name: str, expected: str, api: Api, admin: str) -> None:
    """Written past the fields that would refuse it; both readers see one event, and its name as one text."""
    text = file_of(api, visit(name=name), admin)
    assert {line.split(":")[0].split(";")[0] for line in text.splitlines() if not line.startswith(" ")} <= KNOWN
    for found in (seen_by_icalendar(text), seen_by_vobject(text)):
        (one,) = found.values()
        assert one.summary == f"{expected} – Test Parlour"


@pytest.mark.databases("sqlite")  # PostgreSQL refuses NUL itself
def test_nul_is_left_out(api: Api, admin: str) -> None:
    text = file_of(api, visit(name="a\x00b"), admin)
    assert "\x00" not in text
    assert event(text)["SUMMARY"] == "a b – Test Parlour"


KNOWN = {
    "BEGIN",
    "END",
    "VERSION",
    "PRODID",
    "CALSCALE",
    "METHOD",
    "TZID",
    "TZNAME",
    "TZOFFSETFROM",
    "TZOFFSETTO",
    "RRULE",
    "SUMMARY",
    "DTSTART",
    "DTEND",
    "DTSTAMP",
    "UID",
    "SEQUENCE",
    "DESCRIPTION",
    "LAST-MODIFIED",
    "ORGANIZER",
    "STATUS",
    "TRANSP",
}
"""The properties of the file of a service booking."""
