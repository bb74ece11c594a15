"""What happens is told: to whom, in which words, signed, and once for each event and endpoint."""

import base64
import hashlib
import hmac
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError
from standardwebhooks import WebhookVerificationError

from app.extensions import db
from app.integrations.webhooks import Outcome
from app.jobs.events import AGAIN, announce
from app.models import OutboxEvent, WebhookDelivery
from app.transactions import transaction
from app.webhooks import attempts
from app.webhooks.catalogue import shown
from tests.conftest import CountStatements
from tests.factories import make_booking, make_service, make_user, make_working_staff, token_for
from tests.integrations.webhooks.receivers import Call, receiving
from tests.webhooks.house import EVENT, House, ids, payload


def test_an_event_arrives(house: House, now: datetime) -> None:
    """Named, dated, with what it is about, and verifiable."""
    with receiving(200) as receiver:
        webhook = house.subscribe(receiver.url, EVENT)
        house.happen(offer_id=7, entry_id=3)
        house.work()
    (call,) = receiver.calls
    said = payload(call, webhook["secret"])
    assert said == {"type": EVENT, "timestamp": said["timestamp"], "data": {"offer_id": 7, "entry_id": 3}}
    assert datetime.fromisoformat(said["timestamp"]) == now
    assert call.headers["webhook-timestamp"] == str(int(now.timestamp()))
    delivery = house.delivery(webhook)
    assert delivery == {
        "id": delivery["id"],
        "webhook_id": webhook["id"],
        "message_id": call.headers["webhook-id"],
        "event": EVENT,
        "about": {"offer_id": 7, "entry_id": 3},
        "status": "delivered",
        "attempts": 1,
        "next_attempt_at": None,
        "last_attempt_at": said["timestamp"],
        "last_status_code": 200,
        "last_error": "",
        "last_duration_ms": delivery["last_duration_ms"],
        "delivered_at": said["timestamp"],
        "happened_at": said["timestamp"],
        "created_at": said["timestamp"],
    }
    assert delivery["message_id"].startswith("msg_")
    assert house.work() == 0


def test_the_signature_is_the_specified_one(house: House) -> None:
    """Worked out here once more: HMAC-SHA256 over id, timestamp and body, by the bytes that the secret encodes."""
    with receiving() as receiver:
        webhook = house.subscribe(receiver.url)
        house.happen()
        house.work()
    (call,) = receiver.calls
    key = base64.b64decode(webhook["secret"].removeprefix("whsec_"))
    signed = f"{call.headers['webhook-id']}.{call.headers['webhook-timestamp']}.".encode() + call.body
    expected = base64.b64encode(hmac.new(key, signed, hashlib.sha256).digest()).decode()
    assert call.headers["webhook-signature"] == f"v1,{expected}"
    forged = Call(call.path, call.headers, call.body.replace(b"7", b"8"))
    with pytest.raises(WebhookVerificationError):
        payload(forged, webhook["secret"])


def test_each_is_told_what_it_asked_for(house: House) -> None:
    with receiving() as all_of_it, receiving() as some, receiving() as nothing, receiving() as off:
        everything, chosen = house.subscribe(all_of_it.url), house.subscribe(some.url, "booking.moved", EVENT)
        house.subscribe(nothing.url, "booking.moved")
        house.change(house.subscribe(off.url), active=False)
        house.happen()
        house.work()
        house.work()
    assert [len(one.calls) for one in (all_of_it, some, nothing, off)] == [1, 1, 0, 0]
    assert ids(all_of_it) != ids(some)
    assert payload(some.calls[0], chosen["secret"])["type"] == EVENT
    with pytest.raises(WebhookVerificationError):
        payload(all_of_it.calls[0], chosen["secret"])
    assert payload(all_of_it.calls[0], everything["secret"])


def test_what_nobody_may_ask_for_is_told_to_nobody(house: House) -> None:
    """Events of the house's own; and a test, which is no event."""
    with receiving() as receiver:
        house.subscribe(receiver.url)
        house.happen("secret.plan", plan_id=1)
        house.happen("webhook.test", webhook_id=1)
        house.work()
    assert receiver.calls == []


def test_what_was_rolled_back_is_told_to_nobody(house: House) -> None:
    with receiving() as receiver:
        webhook = house.subscribe(receiver.url)
        with pytest.raises(ZeroDivisionError), transaction():
            announce(EVENT, offer_id=1 // 0)
        house.work()
        assert (receiver.calls, house.deliveries(webhook)) == ([], [])


def test_an_event_is_told_once(house: House, now: datetime) -> None:
    """Where its task is carried out by two workers, the database keeps the second one's from being written."""
    with receiving() as receiver:
        webhook = house.subscribe(receiver.url)
        house.happen()
        house.work()
        with transaction():
            db.session.execute(update(OutboxEvent).where(OutboxEvent.topic == "event").values(done_at=None))
        for minutes in (1, 2):
            house.work(now + timedelta(minutes=minutes))
        assert len(receiver.calls) == len(house.deliveries(webhook)) == 1
    with transaction():
        error = db.session.scalar(select(OutboxEvent.last_error).where(OutboxEvent.topic == AGAIN))
    assert (error or "").startswith(IntegrityError.__name__)


def test_killed_after_it_was_sent(house: House, monkeypatch: pytest.MonkeyPatch, now: datetime) -> None:
    """It is sent again after the lease, under the same id."""

    class Killed(BaseException):
        """As `kill -9`."""

    def killed(*_args: Any) -> None:
        raise Killed

    with receiving() as receiver:
        webhook = house.subscribe(receiver.url)
        house.happen()
        with monkeypatch.context() as dying:
            dying.setattr(attempts, "note", killed)
            with pytest.raises(Killed):
                house.work()
        db.session.remove()
        assert house.delivery(webhook)["attempts"] == 0
        house.work(now + timedelta(minutes=1))
    assert len(receiver.calls) == 2
    assert len(set(ids(receiver))) == 1
    assert house.delivery(webhook)["status"] == "delivered"


def test_no_transaction_is_open_meanwhile(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for a slow receiver behind our locks."""
    seen: list[bool] = []

    def call(*_args: Any) -> Outcome:
        seen.append(db.session().in_transaction())
        return Outcome(200, "", 0.1)

    monkeypatch.setattr(attempts, "post", call)
    house.subscribe("https://hooks.example.com/")
    house.happen()
    house.work()
    assert seen == [False]


def test_a_booking_is_told_as_it_is(house: House, now: datetime) -> None:
    """As the API shows it at that moment, but for what people wrote."""
    client, service = make_user(), make_service()
    staff, token = make_working_staff(service), token_for(client)
    starts_at = (now + timedelta(days=2)).replace(hour=10, minute=0, second=0, microsecond=0)
    asked = {"service_id": service.id, "staff_id": staff.id, "starts_at": starts_at.isoformat(), "notes": "My knee."}
    with receiving() as receiver:
        webhook = house.subscribe(receiver.url)
        made = house.api.post("/api/bookings", asked, token=token)
        assert made.status_code == 201, made.json
        house.work()
        path = f"/api/bookings/{made.json['id']}"
        assert house.api.post(f"{path}/cancel", {"reason": "My knee."}, token=token).status_code == 200
        house.work()
        seen = house.api.get(path, token=token).json
    confirmed, cancelled = (payload(call, webhook["secret"]) for call in receiver.calls)
    assert (confirmed["type"], cancelled["type"]) == ("booking.confirmed", "booking.cancelled")
    assert confirmed["data"] == {name: value for name, value in made.json.items() if name != "notes"}
    del seen["notes"], seen["cancelled"]["reason"]
    assert cancelled["data"] == seen
    assert b"knee" not in b"".join(call.body for call in receiver.calls)
    assert {str(one["about"]["booking_id"]) for one in house.deliveries(webhook)} == {str(made.json["id"])}


def test_a_late_one_tells_the_present(house: House, now: datetime) -> None:
    """`type` says what happened, `data` how it stands: nobody is put back to what was."""
    client, service = make_user(), make_service()
    booking = make_booking(client, service, make_working_staff(service), now + timedelta(days=2))
    with receiving(500, 200) as receiver:
        webhook = house.subscribe(receiver.url, "booking.confirmed")
        house.happen("booking.confirmed", booking_id=booking.id, step="create")
        house.work()
        cancel = house.api.post(f"/api/bookings/{booking.id}/cancel", {}, token=token_for(client))
        assert cancel.status_code == 200
        house.work(now + timedelta(seconds=5))
    first, second = (payload(call, webhook["secret"]) for call in receiver.calls)
    assert (first["type"], second["type"]) == ("booking.confirmed", "booking.confirmed")
    assert (first["data"]["status"], second["data"]["status"]) == ("confirmed", "cancelled")
    assert second["data"]["version"] > first["data"]["version"]
    assert first["timestamp"] == second["timestamp"]


@pytest.mark.usefixtures("app")
@pytest.mark.parametrize("event", ["booking.confirmed", "known.no_more"])
def test_of_what_is_gone_the_ids_are_told(event: str) -> None:
    assert shown(event, {"booking_id": 10**9}) == {"booking_id": 10**9}


def test_nothing_that_was_said_is_kept(house: House) -> None:
    """SS-04: of an answer, its status; of a request, the ids that it was made of."""
    with receiving(500) as receiver:
        webhook = house.subscribe(receiver.url)
        house.happen()
        house.work()
        delivery = house.delivery(webhook)
    assert (delivery["last_status_code"], delivery["last_error"]) == (500, "")
    with transaction():
        row = db.session.execute(select(WebhookDelivery.__table__)).mappings().one()
    assert not {"body", "response", "payload"} & row.keys()


def test_an_event_costs(house: House, count_statements: CountStatements) -> None:
    """A fixed number of statements for a delivery, however many are waiting beside it."""
    costs = []
    with receiving() as receiver:
        house.subscribe(receiver.url)
        for events in (1, 2, 22):
            for _ in range(events):
                house.happen()
            with count_statements() as seen:
                house.work()
            costs.append(len(seen))
    assert costs[2] - costs[1] <= 20 * (costs[1] - costs[0])
