"""What is paid through a provider: begun, gone on with, found out about; and what a crash in between leaves."""

from datetime import timedelta

import pytest

from app.integrations.payments import Failure, Outcome, ProviderDown, Status
from app.kit import clock
from app.models import User
from app.payments.service import asking
from tests.api import Api
from tests.factories import token_for
from tests.payments.desk import (
    NOW,
    PAYMENTS,
    awaiting_deposit,
    booked,
    everything,
    now_of,
    pay,
    read,
    sync,
    work,
)
from tests.payments.refusals import refused
from tests.payments.scripted import ACTION, DOWN, Scripted, Unsigned

HALF_AN_HOUR = timedelta(minutes=30)


def test_a_card(api: Api, ada: User, stripe: Scripted) -> None:
    """It is begun under our reference, and goes on in the client's page."""
    booking = booked(ada)
    answer = pay(api, ada, booking, "card")
    assert answer.status_code == 201, answer.json
    said = answer.json
    assert (said["status"], said["next_action"]) == ("requires_action", ACTION)
    (call,) = stripe.started
    assert (call.reference, call.amount, call.currency) == (said["reference"], 4500, "KES")
    assert call.description == f"Booking {booking.reference}"
    assert now_of(booking).paid_amount == 0
    stripe.says = Outcome(Status.SUCCEEDED, 4500, "KES", said["provider_reference"])
    assert sync(api, ada, said["id"])["status"] == "succeeded"
    assert now_of(booking).paid_amount == 4500
    assert (sync(api, ada, said["id"])["status"], now_of(booking).paid_amount) == ("succeeded", 4500)


def test_paid_at_once(api: Api, ada: User, stripe: Scripted) -> None:
    """A stored card may need nothing else."""
    stripe.starts = Status.SUCCEEDED
    booking = awaiting_deposit(ada)
    said = pay(api, ada, booking, "card").json
    assert (said["status"], said["next_action"], said["counted"]) == ("succeeded", None, True)
    assert now_of(booking).status == "confirmed"


def test_what_expired_while_it_was_paid(api: Api, ada: User, clerk: User, stripe: Scripted) -> None:
    """Nothing more is begun for it: it cannot be paid for any more, whatever is in flight."""
    booking = awaiting_deposit(ada)
    pay(api, ada, booking, "card")
    before = everything()
    with clock.frozen(NOW + timedelta(minutes=31)):
        for who, method in ((ada, "card"), (clerk, "cash")):
            assert refused(pay(api, who, booking, method), 409, "not_payable")
    assert (everything(), len(stripe.started)) == (before, 1)


def test_one_at_a_time(api: Api, ada: User, clerk: User, stripe: Scripted) -> None:
    """A second one is refused while the first waits, cash too; given up, another one can be begun."""
    booking = booked(ada)
    first = pay(api, ada, booking, "card").json
    before = everything()
    answer = pay(api, ada, booking, "card")
    assert refused(answer, 409, "payment_in_progress")
    assert answer.json["payment_id"] == first["id"]
    answer = pay(api, clerk, booking)
    assert refused(answer, 409, "payment_in_progress")
    assert answer.json["payment_id"] == first["id"]
    assert (everything(), len(stripe.started)) == (before, 1)
    given_up = api.post(f"{PAYMENTS}/{first['id']}/cancel", token=token_for(ada)).json
    assert (given_up["status"], given_up["next_action"]) == ("cancelled", None)
    assert pay(api, clerk, booking).json["status"] == "succeeded"


def test_part_of_it_is_in_flight(api: Api, ada: User, clerk: User, stripe: Scripted) -> None:
    """Cash for the rest may come meanwhile, and no more than the rest."""
    booking = booked(ada)
    pay(api, ada, booking, "card", amount={"amount": 1500})
    assert pay(api, clerk, booking, amount={"amount": 3001}).status_code == 422
    assert pay(api, clerk, booking).json["amount"]["amount"] == 3000


def test_what_a_provider_does_not_take(api: Api, ada: User, stripe: Scripted) -> None:
    """The field is named, and nothing is sent or written."""
    booking = booked(ada)
    before = everything()
    answer = pay(api, ada, booking, "card", amount={"amount": 13})
    assert (answer.status_code, answer.json["errors"]) == (422, {"amount": ["Not thirteen."]})
    assert (everything(), stripe.started) == (before, [])


def test_declined(api: Api, ada: User, stripe: Scripted) -> None:
    """PAY-34: it failed and says why; another one may be tried, and a late word of the first changes nothing."""
    booking = booked(ada)
    first = pay(api, ada, booking, "card").json
    stripe.says = Outcome(Status.FAILED, failure=Failure("card_declined", "Your card was declined."))
    failed = sync(api, ada, first["id"])
    assert (failed["status"], failed["failure"]["code"]) == ("failed", "card_declined")
    second = pay(api, ada, booking, "card").json
    stripe.says = Outcome(Status.SUCCEEDED)
    assert sync(api, ada, second["id"])["status"] == "succeeded"
    stripe.says = Outcome(Status.FAILED, failure=Failure("card_declined", "Your card was declined."))
    assert sync(api, ada, first["id"])["status"] == "cancelled"
    assert now_of(booking).paid_amount == 4500


def test_nobody_there(api: Api, ada: User, stripe: Scripted) -> None:
    """It says when to try again; the same key goes on with the same payment."""
    stripe.starts, booking = DOWN, booked(ada)
    answer = pay(api, ada, booking, "card", key="once")
    assert refused(answer, 503, "provider_unavailable")
    assert answer.headers["Retry-After"] == "7"
    (waiting,) = read(api, ada, "")["items"]
    assert waiting["status"] == "pending"
    stripe.starts = Status.REQUIRES_ACTION
    again = pay(api, ada, booking, "card", key="once")
    assert (again.status_code, again.json["id"]) == (201, waiting["id"])
    assert {call.reference for call in stripe.started} == {waiting["reference"]}
    replayed = pay(api, ada, booking, "card", key="once")
    assert (replayed.data, replayed.headers["Idempotent-Replayed"]) == (again.data, "true")
    assert refused(pay(api, ada, booking, "card", key="once", amount={"amount": 1}), 422, "idempotency_key_reused")


def test_a_beginning_that_cannot_be_repeated(api: Api, ada: User, mpesa: Unsigned) -> None:
    """Nobody's phone rings twice: the payment is there, and waits to be found out about."""
    mpesa.starts, booking = DOWN, booked(ada)
    assert refused(pay(api, ada, booking, "mpesa", key="once"), 503, "provider_unavailable")
    again = pay(api, ada, booking, "mpesa", key="once")
    assert (again.status_code, again.json["status"], len(mpesa.started)) == (201, "pending", 1)
    mpesa.says = Outcome(Status.PENDING)
    assert sync(api, ada, again.json["id"])["status"] == "pending"
    assert (len(mpesa.started), len(mpesa.asked)) == (1, 1)


def test_the_phone_is_the_clients(api: Api, ada: User, eve: User, mpesa: Unsigned) -> None:
    """Unless another one is named."""
    pay(api, ada, booked(ada), "mpesa")
    pay(api, ada, booked(ada), "mpesa", phone="+254700000000")
    assert [call.phone for call in mpesa.started] == ["+254712345678", "+254700000000"]
    assert pay(api, ada, booked(ada), "cash", phone="+254700000000").status_code == 422


def test_a_crash_before_the_provider(api: Api, ada: User, stripe: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    """The payment is written and nothing is begun: the worker begins it, or gives it up."""
    monkeypatch.setattr(Scripted, "start", _crash)
    booking = booked(ada)
    with pytest.raises(KeyboardInterrupt):
        pay(api, ada, booking, "card", key="once")
    monkeypatch.undo()
    (waiting,) = read(api, ada, "")["items"]
    assert (waiting["status"], waiting["provider_reference"]) == ("pending", None)
    work(timedelta(minutes=1))
    (begun,) = read(api, ada, "")["items"]
    assert begun["provider_reference"] is not None
    assert pay(api, ada, booking, "card", key="once").json["id"] == waiting["id"]


def test_a_crash_after_the_provider(api: Api, ada: User, stripe: Scripted, monkeypatch: pytest.MonkeyPatch) -> None:
    """The provider has begun it and we have not written that: the same key finds the same payment at the provider."""
    monkeypatch.setattr(asking, "write_started", _crash)
    booking = booked(ada)
    with pytest.raises(KeyboardInterrupt):
        pay(api, ada, booking, "card", key="once")
    monkeypatch.undo()
    again = pay(api, ada, booking, "card", key="once")
    assert (again.status_code, len(stripe.known)) == (201, 1)
    assert again.json["provider_reference"] in stripe.known.values()


def _crash(*_args: object) -> None:
    raise KeyboardInterrupt


def test_the_sweeper_asks(api: Api, ada: User, stripe: Scripted) -> None:
    """Ever more seldom, until an answer comes."""
    said = pay(api, ada, booked(ada), "card").json
    for minutes in (1, 3, 7, 15):
        work(timedelta(minutes=minutes))
    assert len(stripe.asked) == 4
    stripe.says = Outcome(Status.SUCCEEDED)
    work(timedelta(minutes=29))
    assert len(stripe.asked) == 4  # not due
    with clock.frozen(NOW):
        assert read(api, ada, f"/{said['id']}")["status"] == "requires_action"


def test_the_sweeper_gives_up(api: Api, ada: User, stripe: Scripted) -> None:
    """After half an hour nobody should pay it any more; where the provider never answers, after days."""
    first, second = (pay(api, ada, booked(ada), "card").json for _ in range(2))
    work(HALF_AN_HOUR)
    assert len(stripe.cancelled) == 2
    assert {read(api, ada, f"/{one['id']}")["status"] for one in (first, second)} == {"cancelled"}
    third = pay(api, ada, booked(ada), "card").json
    stripe.cancels = stripe.says = ProviderDown("Nobody is there.")
    for hours in range(0, 80, 4):
        work(timedelta(hours=hours, minutes=1))
    gone = read(api, ada, f"/{third['id']}")
    assert (gone["status"], gone["failure"]["code"]) == ("failed", "no_answer")


def test_cancelling_finds_that_it_has_come(api: Api, ada: User, stripe: Scripted) -> None:
    """Then it has succeeded."""
    booking = booked(ada)
    said = pay(api, ada, booking, "card").json
    stripe.cancels = Outcome(Status.SUCCEEDED, 4500, "KES")
    answer = api.post(f"{PAYMENTS}/{said['id']}/cancel", token=token_for(ada))
    assert (answer.json["status"], now_of(booking).paid_amount) == ("succeeded", 4500)


def test_other_money_than_was_asked_for(api: Api, ada: User, stripe: Scripted) -> None:
    """It is never applied."""
    said = pay(api, ada, booked(ada), "card").json
    for outcome in (
        Outcome(Status.SUCCEEDED, 20, "KES"),
        Outcome(Status.SUCCEEDED, 4500, "USD"),
        Outcome(Status.SUCCEEDED, 4500, "KES", "pi_another"),
    ):
        stripe.says = outcome
        assert sync(api, ada, said["id"])["status"] == "requires_action"


def test_who_asks(api: Api, ada: User, eve: User, clerk: User, stripe: Scripted) -> None:
    """Whoever sees it; whoever may pay may give it up."""
    said = pay(api, ada, booked(ada), "card").json
    for action in ("sync", "cancel"):
        assert refused(api.post(f"{PAYMENTS}/{said['id']}/{action}", token=token_for(eve)), 404, "not_found")
    assert api.post(f"{PAYMENTS}/{said['id']}/sync", token=token_for(clerk)).status_code == 200
