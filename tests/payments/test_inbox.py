"""What providers say: believed if it is theirs, kept once, applied once, in any order; the rest is for people."""

from datetime import timedelta
from itertools import permutations
from typing import Any

import pytest

from app.extensions import db
from app.integrations.payments import Outcome, RefundSeen, Status, callback_secret
from app.models import BookingStatus, ProviderEvent, User
from app.payments.service import inbox
from app.transactions import reading
from tests.api import Api
from tests.cases import each_case
from tests.factories import token_for
from tests.payments.desk import (
    PAYMENTS,
    awaiting_deposit,
    booked,
    everything,
    give_back,
    now_of,
    pay,
    read,
    succeeded,
    tell,
    work,
)
from tests.payments.refusals import refused
from tests.payments.scripted import DOWN, Scripted, Unsigned

EVERY = 24
"""With 1, all of them are tried, which takes minutes."""


def verdicts() -> list[str | None]:
    """Return what became of all messages, in the order in which they came."""
    with reading():
        found = db.session.query(ProviderEvent).order_by(ProviderEvent.id).populate_existing().all()
    return [one.verdict and one.verdict.value for one in found]


def test_a_success(api: Api, ada: User, stripe: Scripted) -> None:
    """PAY-11: it is applied while the provider waits; said again, by the same name or another, nothing more happens."""
    booking = awaiting_deposit(ada)
    said = pay(api, ada, booking, "card").json
    assert tell(api, "evt_1", **succeeded(said)).status_code == 200
    assert now_of(booking).status is BookingStatus.CONFIRMED
    before = everything()
    assert tell(api, "evt_1", **succeeded(said)).status_code == 200
    assert everything() == before
    assert tell(api, "evt_2", **succeeded(said)).status_code == 200
    assert verdicts() == ["applied", "duplicate"]
    assert now_of(booking).paid_amount == 1000
    work()
    assert verdicts() == ["applied", "duplicate"]


def test_a_forged_one(api: Api, ada: User, stripe: Scripted) -> None:
    """It leaves nothing behind."""
    said = pay(api, ada, booked(ada), "card").json
    before = everything()
    for signature in ("bad", ""):
        assert refused(tell(api, "evt_1", signature, **succeeded(said)), 400, "bad_signature")
    assert everything() == before


@each_case(
    ("body", "status"),
    [(b"{", 400), (b"[" * 100_000, 400), (b'{"a": "' + b"x" * (5 << 20) + b'"}', 413)],
)
def test_what_cannot_be_read(api: Api, stripe: Scripted, body: bytes, status: int) -> None:
    """PAY-20: signed or not."""
    answer = api.client.post(
        f"{PAYMENTS}/webhooks/stripe",
        data=body,
        headers={"Stripe-Signature": "good", "Content-Type": "application/json"},
    )
    assert answer.status_code == status


@pytest.mark.parametrize(
    "other", [{"amount": 20}, {"currency": "USD"}, {"provider_reference": "pi_of_another_merchant"}], ids=str
)
def test_other_money(api: Api, ada: User, admin: User, stripe: Scripted, other: dict[str, Any]) -> None:
    """PAY-19: it is kept for people to look at, and never applied."""
    booking = booked(ada)
    said = pay(api, ada, booking, "card").json
    message = succeeded(said, **{name: value for name, value in other.items() if name != "provider_reference"})
    message["outcome"] |= other
    assert tell(api, "evt_1", **message).status_code == 200
    assert (verdicts(), now_of(booking).paid_amount) == (["mismatch"], 0)
    assert read(api, ada, f"/{said['id']}")["status"] == "requires_action"
    (kept,) = read(api, admin, "/events?verdict=mismatch")["items"]
    assert (kept["event_id"], kept["payment_id"]) == ("evt_1", said["id"])
    told = {"provider_reference": said["provider_reference"], "amount": 4500, "currency": "KES"} | other
    here = f"{said['reference']} {said['provider_reference']} of 4500 KES; 0 KES came, 0 KES went back"
    assert kept["detail"] == f"Said: succeeded {' '.join(map(str, told.values()))}. Here: {here}."
    assert read(api, admin, "/events?verdict=unknown")["items"] == []


def test_nobodys_payment(api: Api, admin: User, clerk: User, stripe: Scripted) -> None:
    """What names a payment that is not there is kept, what names none is of no interest."""
    outcome = {"status": "succeeded", "amount": 5, "currency": "KES"}
    assert tell(api, "evt_1", provider_reference="pi_nobodys", outcome=outcome).status_code == 200
    assert tell(api, "evt_2", kind="customer.created").status_code == 200
    assert verdicts() == ["unknown", "ignored"]
    details = [one["detail"] for one in read(api, admin, "/events?sort=received_at")["items"]]
    assert details == ["No payment here has the reference that it names.", ""]
    assert refused(api.get(f"{PAYMENTS}/events", token=token_for(clerk)), 403, "forbidden")


@pytest.mark.parametrize("order", [*permutations(("requires_action", "failed", "cancelled"))], ids="-".join)
def test_an_end_in_any_order(api: Api, ada: User, stripe: Scripted, order: tuple[str, ...]) -> None:
    """What failed and was cancelled then, is cancelled, whichever of the two is heard of first."""
    said = pay(api, ada, booked(ada), "card").json
    named = {"provider_reference": said["provider_reference"], "payment_reference": said["reference"]}
    for status in order:
        assert tell(api, f"evt_{status}", **named, outcome={"status": status}).status_code == 200
    assert read(api, ada, f"/{said['id']}")["status"] == "cancelled"


def test_in_any_order(api: Api, ada: User, stripe: Scripted) -> None:
    """PAY-12, PAY-13: of all 720 orders of six messages about one payment, each `EVERY`th comes to the same."""
    ends = set()
    for number, order in list(enumerate(permutations(range(6))))[::EVERY]:
        booking = booked(ada)
        said = pay(api, ada, booking, "card").json
        messages = _six(said)
        for which in order:
            assert tell(api, f"evt_{number}_{which}", **messages[which]).status_code == 200
        work()
        shown = read(api, ada, f"/{said['id']}")
        ends.add((shown["status"], shown["refunded"]["amount"], now_of(booking).paid_amount))
    assert ends == {("succeeded", 500, 4000)}


def _six(said: dict[str, Any]) -> list[dict[str, Any]]:
    named = {"provider_reference": said["provider_reference"], "payment_reference": said["reference"]}

    def about(status: str) -> dict[str, Any]:
        return named | {"outcome": {"status": status}}

    refund = {"provider_reference": f"re_{said['id']}", "status": "succeeded", "amount": 500}
    return [
        about("requires_action"),
        about("pending"),
        about("failed"),
        succeeded(said),
        succeeded(said),
        named | {"refund": refund},
    ]


def test_made_at_the_provider(api: Api, ada: User, admin: User, stripe: Scripted) -> None:
    """PAY-39: a refund in its dashboard is written down, once, and less is left to be given back."""
    booking = booked(ada)
    said = pay(api, ada, booking, "card").json
    told = succeeded(said)
    tell(api, "evt_1", **told)
    refund = {"provider_reference": "re_1", "status": "succeeded", "amount": 500}
    named = {"provider_reference": said["provider_reference"]}
    tell(api, "evt_2", **named, refund=refund)
    tell(api, "evt_3", **told)
    (shown,) = read(api, ada, f"/{said['id']}/refunds")["items"]
    assert (shown["origin"], shown["provider_reference"], shown["amount"]["amount"]) == ("provider", "re_1", 500)
    assert now_of(booking).paid_amount == 4000
    assert refused(give_back(api, admin, said["id"], 4001), 409, "refund_exceeds_payment")
    tell(api, "evt_4", **named, refund=refund | {"provider_reference": "re_2", "amount": 4001})
    assert verdicts()[-1] == "mismatch"
    (kept,) = read(api, admin, "/events?verdict=mismatch")["items"]
    assert kept["detail"].startswith("Said: refund succeeded re_2 4001 KES. Here: PY-")
    assert kept["detail"].endswith(" of 4500 KES; 4500 KES came, 500 KES went back.")


def test_our_own_refund_is_known_again(api: Api, ada: User, admin: User, stripe: Scripted) -> None:
    """Its message may come before the provider's answer: there is one refund."""
    stripe.starts, stripe.refunds = Status.SUCCEEDED, DOWN
    said = pay(api, ada, booked(ada), "card").json
    made = give_back(api, admin, said["id"], 700).json
    seen = {"provider_reference": "re_1", "status": "succeeded", "amount": 700, "reference": made["reference"]}
    tell(api, "evt_1", provider_reference=said["provider_reference"], refund=seen)
    stripe.refunds = Outcome(Status.SUCCEEDED, 700, "KES", "re_1")
    work()
    (shown,) = read(api, ada, f"/{said['id']}/refunds")["items"]
    assert (shown["status"], shown["provider_reference"]) == ("succeeded", "re_1")
    assert read(api, ada, f"/{said['id']}")["refunded"]["amount"] == 700


def test_a_dispute(api: Api, ada: User, admin: User, stripe: Scripted) -> None:
    """PAY-41: the client's bank took the money back: nothing is left to be given back (409, as for any refund)."""
    stripe.starts = Status.SUCCEEDED
    said = pay(api, ada, booked(ada), "card").json
    seen = {"provider_reference": "dp_1", "status": "succeeded", "amount": 4500, "is_dispute": True}
    tell(api, "evt_1", provider_reference=said["provider_reference"], refund=seen)
    (shown,) = read(api, ada, f"/{said['id']}/refunds")["items"]
    assert (shown["origin"], shown["status"]) == ("dispute", "succeeded")
    assert refused(give_back(api, admin, said["id"], 50), 409, "refund_exceeds_payment")


def test_the_worker_reads_what_was_left(api: Api, ada: User, stripe: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    """A crash between keeping and applying loses nothing."""
    booking = booked(ada)
    said = pay(api, ada, booking, "card").json
    monkeypatch.setattr(inbox, "_judge", _fail)
    assert tell(api, "evt_1", **succeeded(said)).status_code == 200
    assert verdicts() == [None]
    monkeypatch.undo()
    work(timedelta(seconds=10))
    assert (verdicts(), now_of(booking).paid_amount) == (["applied"], 4500)


def _fail(*_args: object) -> None:
    raise RuntimeError("a crash")


def callback(api: Api, reference: str, **said: Any) -> Any:
    """Say something at a payment's own address."""
    body = {"event_id": said.pop("event_id", "cb_1")} | said
    return api.post(f"{PAYMENTS}/webhooks/mpesa/{callback_secret(reference)}", body)


def test_without_a_signature(api: Api, ada: User, mpesa: Unsigned) -> None:
    """It is a reason to ask, and proves nothing: what the provider then says, counts."""
    booking = booked(ada)
    said = pay(api, ada, booking, "mpesa").json
    mpesa.says = Outcome(Status.CANCELLED)
    assert callback(api, said["reference"], amount=4500).status_code == 200
    work()
    assert (read(api, ada, f"/{said['id']}")["status"], now_of(booking).paid_amount) == ("cancelled", 0)
    mpesa.says = Outcome(Status.SUCCEEDED, 4500, "KES")
    for _ in range(3):
        assert callback(api, said["reference"], event_id="cb_2", amount=4500).status_code == 200
    work()
    assert (verdicts(), now_of(booking).paid_amount) == (["applied", "applied"], 4500)


def test_of_other_money_without_a_signature(api: Api, ada: User, admin: User, mpesa: Unsigned) -> None:
    """Nobody is asked."""
    said = pay(api, ada, booked(ada), "mpesa").json
    asked = len(mpesa.asked)
    callback(api, said["reference"], amount=20)
    work()
    assert (verdicts(), len(mpesa.asked)) == (["mismatch"], asked)
    (kept,) = read(api, admin, "/events")["items"]
    assert kept["detail"].startswith(f"Said: 20 of no currency. Here: {said['reference']} ")


def test_of_other_money_when_asked(api: Api, ada: User, admin: User, mpesa: Unsigned) -> None:
    """What the provider answers stands beside the message that was the reason to ask; also of what went back."""
    said = pay(api, ada, booked(ada), "mpesa").json
    refund = RefundSeen("re_1", Status.SUCCEEDED, 9000, "KES")
    for number, says in enumerate((Outcome(Status.SUCCEEDED, 20, "KES"), Outcome(Status.SUCCEEDED, refunds=(refund,)))):
        mpesa.says = says
        callback(api, said["reference"], event_id=f"cb_{number}", amount=4500)
        work()
    other, back = (one["detail"] for one in read(api, admin, "/events?sort=received_at")["items"])
    assert other.startswith("Said: succeeded ")
    assert " 20 KES. Here: " in other
    assert "no amount, refund succeeded re_1 9000 KES. Here: " in back
    assert back.endswith("; 4500 KES came, 0 KES went back.")


def test_of_much_other_money(api: Api, ada: User, admin: User, mpesa: Unsigned) -> None:
    """As much of it is told as has room."""
    said = pay(api, ada, booked(ada), "mpesa").json
    mpesa.says = Outcome(Status.SUCCEEDED, refunds=(RefundSeen("re_1", Status.SUCCEEDED, 9000, "KES"),) * 50)
    callback(api, said["reference"], amount=4500)
    work()
    (kept,) = read(api, admin, "/events?verdict=mismatch")["items"]
    assert len(kept["detail"]) == 500


def test_an_address_that_nobody_has(api: Api, mpesa: Unsigned) -> None:
    """There is nothing there."""
    before = everything()
    assert refused(callback(api, "PY-NOBODY"), 404, "not_found")
    assert everything() == before


def test_a_lost_beginning_is_named(api: Api, ada: User, mpesa: Unsigned) -> None:
    """The message at its address says what the provider calls it."""
    mpesa.starts = DOWN
    pay(api, ada, booked(ada), "mpesa")
    (said,) = read(api, ada, "")["items"]
    mpesa.says = Outcome(Status.SUCCEEDED)
    callback(api, said["reference"], provider_reference="ws_CO_1")
    work()
    shown = read(api, ada, f"/{said['id']}")
    assert (shown["status"], shown["provider_reference"]) == ("succeeded", "ws_CO_1")
    assert [call.provider_reference for call in mpesa.asked] == ["ws_CO_1"]


def test_where_nobody_speaks(api: Api) -> None:
    """A provider that is not configured has nothing to say here."""
    assert refused(tell(api, "evt_1"), 409, "provider_not_configured")
    assert refused(callback(api, "PY-NOBODY"), 404, "not_found")
