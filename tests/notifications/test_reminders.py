"""Reminders: a day and two hours before the start, once, of what is booked at that moment; never by night."""

from dataclasses import replace
from datetime import UTC, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
from flask import Flask
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.jobs.schedule import enqueue_due
from app.kit import clock
from app.models import Notification, Service, Staff, User
from app.notifications.quiet import is_quiet, moment_of
from app.notifications.reminders import remind
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import NOW, THURSDAY, WEDNESDAY, at, made, one
from tests.cases import each_case
from tests.conftest import CountStatements
from tests.factories import make_booking, make_service, make_staff, make_user, make_working_staff
from tests.mailbox import Mailbox
from tests.notifications.letters import moved, noted, step

pytestmark = pytest.mark.usefixtures("monday_morning")

TEN = datetime(2030, 1, 10, 10, tzinfo=UTC)
"""Thursday at ten, in UTC, where the venue is."""

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)


@pytest.fixture
def booking(api: Api, mailbox: Mailbox, ada: User, service: Service, staff: Staff) -> dict[str, Any]:
    """Thursday at ten; its confirmation has been sent."""
    found = made(api, ada, one(service, "10:00") | {"starts_at": at("10:00", THURSDAY)})
    mailbox.deliver()
    return found


def run(mailbox: Mailbox, begin: datetime, end: datetime, step: timedelta = HOUR) -> list[tuple[str, str]]:
    """Let time go by, the scheduler and a worker at work; return when what was mailed."""
    seen: list[tuple[str, str]] = []
    while begin <= end:
        with clock.frozen(begin):
            with transaction():
                remind()
            seen += [(f"{begin:%a %H:%M}", str(mail["Subject"]).strip()) for mail in mailbox.deliver()]
        begin += step
    return seen


def times(seen: list[tuple[str, str]]) -> list[str]:
    """Return when it was."""
    return [when for when, _ in seen]


def test_a_day_and_two_hours_before(mailbox: Mailbox, service: Service, booking: dict[str, Any]) -> None:
    """EM-09: exactly one each, with reference and time."""
    seen = run(mailbox, NOW, TEN + HOUR)
    assert times(seen) == ["Wed 10:00", "Thu 08:00"]
    for _, subject in seen:
        assert subject.startswith(f"{service.name} on Thursday, January 10, 2030, 10:00 AM ({booking['reference']})")


def test_cancelled(api: Api, mailbox: Mailbox, ada: User, booking: dict[str, Any]) -> None:
    """EM-10: of what is cancelled nobody is reminded, not even where the reminder was written already."""
    with clock.frozen(TEN - DAY):
        with transaction():
            remind()
        step(api, ada, booking, "cancel")
        assert [str(mail["Subject"])[:9] for mail in mailbox.deliver()] == ["Cancelled"]
    assert ("reminder_day", "email", "suppressed", "over") in noted()
    assert run(mailbox, TEN - DAY, TEN + HOUR) == []


def test_moved(api: Api, mailbox: Mailbox, ada: User, booking: dict[str, Any]) -> None:
    """EM-10: of the new time alone, also where it was moved after the reminder was written."""
    with clock.frozen(TEN - DAY):
        with transaction():
            remind()
        moved(api, ada, booking, at("14:00", "2030-01-14"))
        assert [str(mail["Subject"])[:7] for mail in mailbox.deliver()] == ["Changed"]
    assert times(run(mailbox, TEN - DAY, TEN + 5 * DAY, 2 * HOUR)) == ["Sun 14:00", "Mon 12:00"]


def test_moved_after_a_reminder(api: Api, mailbox: Mailbox, ada: User, booking: dict[str, Any]) -> None:
    """The new start has reminders of its own."""
    assert times(run(mailbox, TEN - DAY, TEN - DAY)) == ["Wed 10:00"]
    with clock.frozen(TEN - 20 * HOUR):
        moved(api, ada, booking, at("14:00", "2030-01-14"))
        mailbox.deliver()
    assert times(run(mailbox, TEN - 20 * HOUR, TEN + 5 * DAY, 2 * HOUR)) == ["Sun 14:00", "Mon 12:00"]


def test_booked_too_late_to_be_reminded(api: Api, mailbox: Mailbox, ada: User, service: Service, staff: Staff) -> None:
    """Whoever has just booked, knows: a day before, and two hours before."""
    with clock.frozen(TEN - 23 * HOUR):
        made(api, ada, one(service, "10:00") | {"starts_at": at("10:00", THURSDAY)})
        mailbox.deliver()
    assert times(run(mailbox, TEN - 23 * HOUR, TEN)) == ["Thu 08:00"]
    with clock.frozen(TEN):
        made(api, ada, one(service, "11:00") | {"starts_at": at("11:00", THURSDAY)})
        mailbox.deliver()
    assert run(mailbox, TEN, TEN + HOUR) == []


def test_pending_is_not_reminded_of(api: Api, mailbox: Mailbox, ada: User) -> None:
    service = make_service(requires_approval=True)
    make_working_staff(service)
    made(api, ada, one(service, "10:00") | {"starts_at": at("10:00", WEDNESDAY)})
    mailbox.deliver()
    seen = run(mailbox, NOW, TEN)
    assert [subject[:23] for _, subject in seen] == ["Your booking has lapsed"]


def test_nobody_worked_for_a_while(mailbox: Mailbox, booking: dict[str, Any]) -> None:
    """What can still be told is told, once; after the start, nothing."""
    assert times(run(mailbox, TEN - 2 * HOUR + MINUTE, TEN)) == ["Thu 08:01"]


def test_nobody_worked_until_it_was_too_late(mailbox: Mailbox, booking: dict[str, Any]) -> None:
    assert run(mailbox, TEN, TEN + HOUR) == []


def test_not_by_night(api: Api, mailbox: Mailbox, service: Service, staff: Staff) -> None:
    """It is night for whoever is in New York: put off to the morning there, if that is still before the start."""
    client = make_user(timezone="America/New_York")
    make_booking(client, service, staff, datetime(2030, 1, 9, 15, tzinfo=UTC))  # 10:00 there
    assert times(run(mailbox, NOW, datetime(2030, 1, 9, 16, tzinfo=UTC))) == ["Tue 15:00", "Wed 13:00"]


def test_before_the_morning(api: Api, mailbox: Mailbox, service: Service, staff: Staff) -> None:
    """What begins before the morning is reminded of the evening before by mail, and not at all by text."""
    client = make_user(timezone="America/New_York", phone="+254712345678")
    make_booking(client, service, staff, datetime(2030, 1, 9, 9, tzinfo=UTC))  # 04:00 there
    run(mailbox, NOW, datetime(2030, 1, 9, 10, tzinfo=UTC))
    assert [(kind, channel) for kind, channel, _, _ in noted()] == [
        ("reminder_day", "email"),
        ("reminder_soon", "email"),
    ]


def test_late_at_night_waits_for_the_morning(api: Api, mailbox: Mailbox, ada: User, service: Service) -> None:
    """Where nobody worked in the evening, nobody is woken."""
    staff = make_staff(timezone="UTC")
    make_booking(ada, service, staff, datetime(2030, 1, 9, 20, tzinfo=UTC))
    assert times(run(mailbox, datetime(2030, 1, 8, 21, tzinfo=UTC), datetime(2030, 1, 9, 19, tzinfo=UTC))) == [
        "Wed 08:00",
        "Wed 18:00",
    ]


@each_case(
    ("wanted", "start", "zone", "early", "expected"),
    [
        ("2030-01-09T20:59", "2030-01-10T20:59", "UTC", False, "2030-01-09T20:59"),
        ("2030-01-09T21:00", "2030-01-10T21:00", "UTC", False, "2030-01-10T08:00"),
        ("2030-01-10T07:59", "2030-01-10T09:59", "UTC", False, "2030-01-10T08:00"),
        ("2030-01-10T08:00", "2030-01-10T10:00", "UTC", False, "2030-01-10T08:00"),
        ("2030-01-10T06:00", "2030-01-10T08:00", "UTC", True, "2030-01-09T20:00"),
        ("2030-01-10T06:00", "2030-01-10T08:00", "UTC", False, None),
        ("2030-01-09T22:00", "2030-01-10T00:00", "UTC", True, "2030-01-09T20:00"),
        ("2030-03-31T00:30", "2030-03-31T12:00", "Europe/Berlin", False, "2030-03-31T06:00"),
        ("2030-01-10T00:00", "2030-01-10T20:00", "Pacific/Kiritimati", False, "2030-01-10T00:00"),
    ],
)
def test_the_moment(app: Flask, wanted: str, start: str, zone: str, early: bool, expected: str | None) -> None:
    """From nine in the evening to eight in the morning, on the clocks of that day; all instants here in UTC."""
    asked, starts_at = (datetime.fromisoformat(f"{one}+00:00") for one in (wanted, start))
    found = moment_of(asked, starts_at, zone, may_be_early=early)
    assert found == (None if expected is None else datetime.fromisoformat(f"{expected}+00:00"))


@pytest.mark.parametrize(
    ("hours", "quiet", "loud"),
    [
        ((time(21), time(8)), ["21:00", "00:00", "07:59"], ["08:00", "20:59"]),
        ((time(13), time(15)), ["13:00", "14:59"], ["15:00", "12:59", "00:00"]),
        ((time(0), time(0)), [], ["00:00", "12:00"]),
    ],
)
def test_quiet_hours_are_a_setting(
    app: Flask, monkeypatch: pytest.MonkeyPatch, hours: Any, quiet: list[str], loud: list[str]
) -> None:
    business = app.extensions["business"]
    monkeypatch.setitem(app.extensions, "business", replace(business, quiet_hours=hours))

    def at_clock(text: str) -> bool:
        return is_quiet(datetime.fromisoformat(f"2030-01-09T{text}+00:00"), "UTC")

    assert ([at_clock(one) for one in quiet], [at_clock(one) for one in loud]) == (
        [True] * len(quiet),
        [False] * len(loud),
    )


def test_two_schedulers_at_once(booking: dict[str, Any]) -> None:
    """The database has the last word: of two that saw the same, one writes, and the other begins anew."""
    with clock.frozen(TEN - DAY):
        with transaction():
            remind()
        row = {"kind": "reminder_day", "channel": "email", "about_type": "booking", "about_id": booking["id"]}
        twin = Notification(**row, user_id=booking["client_id"], concerns_at=TEN)
        with pytest.raises(IntegrityError), transaction():
            db.session.add(twin)
        with transaction():
            remind()
    assert [kind for kind, *_ in noted()] == ["booking_confirmed", "reminder_day"]


@pytest.mark.parametrize("size", [1, 30])
def test_costs(count_statements: CountStatements, service: Service, size: int, mailbox: Mailbox) -> None:
    """Three looks, and two statements that write, however many there are."""
    for _ in range(size):
        make_booking(make_user(phone="+254712345678"), service, make_staff(), NOW + 4 * HOUR)
    with clock.frozen(NOW + 2 * HOUR), count_statements() as statements, transaction():
        remind()
    assert len(statements) == 5, statements
    assert len([one for one in noted() if one[0] == "reminder_soon"]) == 2 * size


def test_the_scheduler_looks_every_minute(mailbox: Mailbox, booking: dict[str, Any]) -> None:
    """And the worker carries it out."""
    found = []
    for begin in (TEN - DAY - MINUTE, TEN - DAY):
        with clock.frozen(begin):
            enqueue_due()
            found.append(len(mailbox.deliver()))
    assert found == [0, 1]


def test_a_reminder_that_is_held_up_until_the_night(mailbox: Mailbox, booking: dict[str, Any]) -> None:
    """The mail server came back at half past nine in the evening: it is sent in the morning, not lost."""
    with clock.frozen(TEN - DAY), transaction():
        remind()
    seen = run(mailbox, TEN - 12 * HOUR, TEN, HOUR)
    assert times(seen) == ["Thu 08:00", "Thu 08:00"]
    assert [status for kind, _, status, _ in noted() if kind.startswith("reminder")] == ["sent", "sent"]


def berlin(day: str, time_of_day: str) -> datetime:
    """Return an instant by the clocks of Berlin."""
    return datetime.fromisoformat(f"{day}T{time_of_day}").replace(tzinfo=ZoneInfo("Europe/Berlin")).astimezone(UTC)


@pytest.mark.parametrize("day", ["2030-03-31", "2030-10-27"])
def test_over_a_clock_change(mailbox: Mailbox, service: Service, day: str) -> None:
    """On the night before, clocks go forward, or back: a day before is 24 hours, whatever the clocks say by then."""
    staff, client = make_staff(timezone="Europe/Berlin"), make_user(timezone="Europe/Berlin")
    start = berlin(day, "14:00")
    with clock.frozen(start - 3 * DAY):
        make_booking(client, service, staff, start)
        mailbox.deliver()
    seen = run(mailbox, start - 2 * DAY, start)
    assert times(seen) == [f"{start - DAY:%a %H:%M}", f"{start - 2 * HOUR:%a %H:%M}"]
    assert all("2:00 PM" in subject for _, subject in seen)


@pytest.mark.parametrize(
    ("day", "morning"),
    [("2030-03-10", "12:00"), ("2030-11-03", "13:00"), ("2030-07-01", "12:00")],
    ids=["clocks forward", "clocks back", "summer"],
)
def test_the_night_ends_by_the_clients_clocks(mailbox: Mailbox, service: Service, day: str, morning: str) -> None:
    """At eight in New York, on the very morning after they were changed, and over midnight; not a minute sooner."""
    client = make_user(timezone="America/New_York")
    eight = datetime.fromisoformat(f"{day}T{morning}+00:00")
    with clock.frozen(eight - 3 * DAY):
        make_booking(client, service, make_staff(timezone="UTC"), eight + DAY - 5 * HOUR)
        mailbox.deliver()
    assert times(run(mailbox, eight - 8 * HOUR - MINUTE, eight - MINUTE)) == []
    assert times(run(mailbox, eight, eight, MINUTE)) == [f"{eight:%a %H:%M}"]
