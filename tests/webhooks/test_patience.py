"""Receivers that fail: how long they are tried, when no more, and that nobody else has to wait for them."""

from datetime import datetime, timedelta
from itertools import pairwise
from typing import Any

import pytest
from sqlalchemy import select, update

from app.extensions import db
from app.kit import clock
from app.models import OutboxEvent, Role, Webhook
from app.transactions import transaction
from app.webhooks.policy import FAILING_FOR, FAILURES_IN_A_DAY, RETRIED_FOR
from tests.factories import make_user
from tests.integrations.webhooks.receivers import receiving
from tests.mailbox import Mailbox, text_of
from tests.webhooks.house import House, hook
from tests.webhooks.script import BAD, GOOD, HANGING, OTHER, SLOW, URL, Script, run


def test_it_is_tried_for_three_days(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """First after 4 to 5 seconds, then each time four times as long, up to six hours; disabled meanwhile, not."""
    with transaction():
        house.happen()
    script.outcomes[URL] = [BAD]
    keep_enabled = timedelta(hours=20)
    for day in range(5):
        run(house, now + keep_enabled * day, now + keep_enabled * (day + 1))
        with transaction():
            db.session.execute(update(Webhook).values(failing_since=now + keep_enabled * (day + 1)))
    times = script.times(URL)
    gaps = [(later - earlier).total_seconds() for earlier, later in pairwise(times)]
    assert 4 <= gaps[0] <= 5
    assert 16 <= gaps[1] <= 20
    assert 64 <= gaps[2] <= 80
    assert all(21600 <= gap <= 27000 for gap in gaps[8:])
    assert timedelta(hours=64) < times[-1] - now < RETRIED_FOR
    delivery = house.delivery(endpoint)
    assert (delivery["status"], delivery["attempts"], delivery["next_attempt_at"]) == ("failed", len(times), None)
    assert 15 <= len(times) <= 20


def test_it_arrives_in_the_end(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """One id, however many attempts; the endpoint's failures are forgotten."""
    script.outcomes[URL] = [HANGING, BAD, BAD, GOOD]
    house.happen()
    house.work()
    assert house.read(endpoint)["failing_since"] is not None
    first = house.delivery(endpoint)
    assert (first["status"], first["attempts"], first["last_error"]) == ("pending", 1, HANGING.error)
    assert (first["last_status_code"], first["last_duration_ms"]) == (None, 5000)
    run(house, now, now + timedelta(hours=1))
    delivery = house.delivery(endpoint)
    assert (delivery["status"], delivery["attempts"], delivery["last_error"]) == ("delivered", 4, "")
    assert delivery["message_id"] == first["message_id"]
    assert (hook(endpoint).failures, house.read(endpoint)["failing_since"]) == (0, None)


def test_gone_means_gone(house: House, now: datetime, mailbox: Mailbox) -> None:
    """410: disabled at once, not tried again, and the admins are told."""
    other = make_user(Role.ADMIN, email="boss@example.test")
    make_user(Role.ADMIN, email="gone@example.test", is_active=False)
    make_user(email="client@example.test")
    with receiving(410) as receiver:
        webhook = house.subscribe(receiver.url, description="Accounting")
        house.happen()
        house.work()
        shown = house.read(webhook)
        assert (shown["active"], shown["disabled"]["by"]) == (False, "gone")
        assert house.delivery(webhook)["status"] == "failed"
        house.happen()
        run(house, now, now + timedelta(days=1))
        assert len(receiver.calls) == 1
    mails = [mail for mail in mailbox.collect() if "webhook" in mail["Subject"]]
    assert len(mails) == 2
    (mail,) = (mail for mail in mails if mail["To"] == other.email)
    assert mail["Subject"] == "A webhook was disabled – Test Parlour"
    text = text_of(mail)
    assert f"webhook {webhook['id']} (Accounting) is told of nothing any more" in text
    assert "(410)" in text
    assert receiver.url not in text


def test_a_day_of_nothing_but_failures(
    house: House, script: Script, endpoint: Any, now: datetime, mailbox: Mailbox
) -> None:
    """Disabled at the first failure after a day, and not before; what waits, waits on."""
    house.happen()
    run(house, now, now + FAILING_FOR)
    assert house.read(endpoint)["active"]
    run(house, now + FAILING_FOR, now + timedelta(hours=33))
    shown = house.read(endpoint)
    assert (shown["active"], shown["disabled"]["by"]) == (False, "failing")
    assert house.delivery(endpoint)["status"] == "pending"
    house.work(now + timedelta(hours=33))
    (mail,) = (mail for mail in mailbox.collect() if "webhook" in mail["Subject"])
    assert "for a day" in text_of(mail)
    calls = len(script.calls)
    run(house, now + timedelta(hours=33), now + timedelta(hours=60))
    assert len(script.calls) == calls


def test_one_success_begins_a_new_day(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    house.happen()
    run(house, now, now + timedelta(hours=20))
    script.outcomes[URL] = [GOOD, BAD]
    with clock.frozen(now + timedelta(hours=20)):
        house.happen()
    run(house, now + timedelta(hours=20), now + timedelta(hours=40))
    assert house.read(endpoint)["active"]


@pytest.mark.parametrize(("failures", "active"), [(FAILURES_IN_A_DAY - 2, True), (FAILURES_IN_A_DAY - 1, False)])
def test_a_few_failures_are_no_day_of_them(
    house: House, endpoint: Any, now: datetime, failures: int, active: bool
) -> None:
    """The fifth in a row, a day after the first or later, is the one that disables."""
    long_ago = {"failures": failures, "failing_since": now - timedelta(days=7)}
    with transaction():
        db.session.execute(update(Webhook).values(long_ago))
    house.happen()
    house.work()
    assert house.read(endpoint)["active"] is active


@pytest.mark.databases("sqlite")  # a matter of patience, which no database has a part in
def test_fifty_to_a_receiver_that_hangs(house: House, script: Script, now: datetime) -> None:
    """SS-05: one of them finds out; the others are not tried in vain, and nobody else's wait."""
    script.outcomes = {URL: [HANGING], OTHER: [GOOD]}
    webhook, well = house.subscribe(URL), house.subscribe(OTHER)
    for _ in range(50):
        house.happen()
    house.work()
    assert (len(script.times(URL)), len(script.times(OTHER))) == (1, 50)
    assert {one["status"] for one in house.deliveries(well)} == {"delivered"}
    house.work(now + timedelta(seconds=19))
    assert len(script.times(URL)) == 1
    run(house, now, now + timedelta(hours=1))
    hour = script.times(URL)
    assert len(hour) <= 15  # of three hundred that a worker could have wasted its hour on
    script.outcomes[URL] = [GOOD]
    run(house, now + timedelta(hours=1), now + timedelta(hours=9))
    assert {one["status"] for one in house.deliveries(webhook)} == {"delivered"}


def test_a_slow_receiver_takes_a_fifth_of_the_time(house: House, script: Script, now: datetime) -> None:
    """It answers, and well, but its calls keep their distance: four times as long as they took."""
    script.outcomes = {URL: [SLOW]}
    webhook = house.subscribe(URL)
    for _ in range(10):
        house.happen()
    run(house, now, now + timedelta(hours=1))
    times = script.times(URL)
    assert [later - earlier for earlier, later in pairwise(times)] == [timedelta(seconds=16)] * 9
    assert {one["status"] for one in house.deliveries(webhook)} == {"delivered"}


def test_waiting_costs_no_tasks(house: House, script: Script, endpoint: Any, now: datetime) -> None:
    """However many wait for an endpoint that is down, it has one turn ahead, not one for each of them."""
    for _ in range(30):
        house.happen()
    house.work()
    with transaction():
        waiting = db.session.scalars(select(OutboxEvent).where(OutboxEvent.done_at.is_(None))).all()
    assert len(waiting) == 1
    with transaction():
        before = len(db.session.scalars(select(OutboxEvent.id)).all())
    run(house, now, now + timedelta(hours=1))
    with transaction():
        assert len(db.session.scalars(select(OutboxEvent.id)).all()) - before <= 2 * len(script.calls)
