"""The demo business is what the README says, and seeding twice changes nothing."""

from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.extensions import db
from app.jobs.events import EVENT
from app.kit import clock
from app.models import (
    Allocation,
    Booking,
    BookingStatus,
    Category,
    OutboxEvent,
    Role,
    Service,
    Space,
    Staff,
    User,
)
from app.notifications.reminders import remind
from app.transactions import transaction
from demo.houses import add_houses
from demo.large import add_large_diary
from demo.salon import DEMO_LOGINS, PASSWORD, add_salon
from seed import add_demo
from tests.api import Api
from tests.factories import make_booking, make_service, make_staff, make_user
from tests.mailbox import Mailbox, text_of
from tests.notifications.letters import noted
from tests.races.audit import double_bookings, overlaps


def count(model: type, *conditions: Any) -> int:
    """Count the rows of a table."""
    found = db.session.scalar(select(func.count()).select_from(model).where(*conditions)) or 0
    db.session.commit()
    return found


@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("demo")
def test_the_salon_is_believable_and_written_once(app: Flask, api: Api) -> None:
    """Three categories, ten services, six staff, twenty clients, bookings before and after today; logins work."""
    sizes = [count(table) for table in (Category, Service, Staff)]
    assert sizes == [3, 10, 6]
    assert count(User, User.role == Role.CLIENT) == 20
    past, ahead = (
        count(Booking, Booking.status == status) for status in (BookingStatus.COMPLETED, BookingStatus.CONFIRMED)
    )
    assert past >= 30
    assert ahead >= 20
    assert (double_bookings(), overlaps()) == (0, 0)
    before = count(Booking)
    assert not add_salon()
    assert count(Booking) == before
    for role, email in DEMO_LOGINS.items():
        answer = api.post("/api/auth/login", {"email": email, "password": PASSWORD})
        assert (answer.status_code, answer.json["user"]["role"]) == (200, role)


@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("demo")
def test_the_houses_are_believable_and_written_once(app: Flask, api: Api) -> None:
    """Four owners, twelve spaces with two pictures each, hours and bookings: some over, some ahead, some waiting."""
    assert (count(Space), count(User, User.role == Role.OWNER)) == (12, 4)
    let = {status: count(Booking, Booking.kind == "space", Booking.status == status) for status in BookingStatus}
    assert let[BookingStatus.COMPLETED] >= 30
    assert let[BookingStatus.CONFIRMED] >= 10
    assert let[BookingStatus.PENDING] >= 2
    assert (double_bookings(), overlaps()) == (0, 0)
    spaces = api.get("/api/spaces", query={"limit": 100}).json["items"]
    assert len(spaces) == 12
    for space in spaces:
        assert [image["is_cover"] for image in space["images"]] == [True, False]
        assert api.get(f"/api/spaces/{space['id']}/hours").json["hours"]
    before = count(Booking)
    assert not add_houses()
    assert (count(Space), count(Booking)) == (12, before)


@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("demo")
def test_nobody_is_told_of_what_never_happened(app: Flask, api: Api, mailbox: Mailbox) -> None:
    """The worker finds nothing to tell; of what is done to the demo's bookings from now on, people are told."""
    assert count(OutboxEvent, OutboxEvent.topic == EVENT) == 0
    assert mailbox.deliver() == []
    assert not add_demo()
    login = {"email": DEMO_LOGINS["admin"], "password": PASSWORD}
    token = api.post("/api/auth/login", login).json["access_token"]
    ahead = {"status": "confirmed", "kind": "service", "sort": "-starts_at"}
    (booking,) = api.get("/api/bookings", query=ahead | {"limit": 1}, token=token).json["items"]
    assert api.post(f"/api/bookings/{booking['id']}/cancel", {}, token=token).status_code == 200
    (mail,) = mailbox.deliver()
    assert booking["reference"] in mail["Subject"]


def test_a_large_diary_is_dense_and_goes_on_by_hand(app: Flask) -> None:
    """At least as many as asked for, whole days of 1,600, each with its allocation; a second call adds none."""
    assert add_large_diary(2000) == 3200
    assert (count(Booking), count(Allocation), count(Staff)) == (3200, 3200, 200)
    assert overlaps() == 0
    assert add_large_diary(2000) == 0
    make_booking(make_user(), make_service(), make_staff(), clock.utcnow())  # no id written in bulk is in its way


@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("demo")
def test_few_mails_at_the_first_start(app: Flask, mailbox: Mailbox) -> None:
    """Whoever tries it out is not mailed for twenty people: of a day's reminders, only the demo client's leave."""
    now, reminders = clock.utcnow(), []
    for hours in range(24):
        with clock.frozen(now + timedelta(hours=hours)), transaction():
            remind()
        with clock.frozen(now + timedelta(hours=hours)):
            reminders += [mail for mail in mailbox.deliver() if "remind" in text_of(mail)]
    assert {str(mail["To"]) for mail in reminders} <= {DEMO_LOGINS["client"]}
    assert ("switched_off",) in {(reason,) for _, _, _, reason in noted()}
