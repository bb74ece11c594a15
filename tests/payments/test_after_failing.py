"""What failed can still be paid in a form that somebody has open: it ends at its provider before another begins."""

from datetime import timedelta

import pytest

from app.integrations.payments import Failure, Outcome, ProviderDown, Status
from app.models import Booking, User
from tests.api import Api
from tests.factories import token_for
from tests.payments.desk import PAYMENTS, booked, now_of, pay, read, work
from tests.payments.refusals import refused
from tests.payments.scripted import DOWN, Scripted, Unsigned

DECLINED = Outcome(Status.FAILED, failure=Failure("card_declined", "Your card was declined."))
NOT_EVEN_ASKED = ProviderDown("Nobody is there.", nothing_sent=True)


def declined(api: Api, ada: User, stripe: Scripted, booking: Booking) -> int:
    """Begin a payment whose card is declined, and return its id."""
    stripe.says = DECLINED
    begun: int = pay(api, ada, booking, "card").json["id"]
    assert api.post(f"{PAYMENTS}/{begun}/sync", token=token_for(ada)).json["status"] == "failed"
    return begun


def test_the_first_form_is_closed(api: Api, ada: User, stripe: Scripted) -> None:
    """Before the second is opened; once, however many follow. Why the first failed stays known."""
    booking = booked(ada)
    first = declined(api, ada, stripe, booking)
    second = declined(api, ada, stripe, booking)
    assert [call.reference for call in stripe.cancelled] == [read(api, ada, f"/{first}")["reference"]]
    pay(api, ada, booking, "card")
    assert len(stripe.cancelled) == 2
    shown = read(api, ada, f"/{first}")
    assert (shown["status"], shown["failure"]["code"]) == ("cancelled", "card_declined")
    assert read(api, ada, f"/{second}")["status"] == "cancelled"


def test_it_has_come_after_all(api: Api, ada: User, stripe: Scripted) -> None:
    """Then it counts, and the second is not begun: nobody pays twice."""
    booking = booked(ada)
    first = declined(api, ada, stripe, booking)
    stripe.cancels = Outcome(Status.SUCCEEDED, 4500, "KES")
    second = pay(api, ada, booking, "card")
    assert (second.status_code, second.json["status"]) == (201, "cancelled")
    assert second.json["failure"]["code"] == "paid_otherwise"
    assert read(api, ada, f"/{first}")["status"] == "succeeded"
    assert (len(stripe.started), now_of(booking).paid_amount) == (1, 4500)


def test_a_part_has_come_after_all(api: Api, ada: User, stripe: Scripted) -> None:
    """What is still owed can be paid."""
    booking = booked(ada)
    declined(api, ada, stripe, booking)
    stripe.cancels = Outcome(Status.SUCCEEDED, 4500, "KES")
    pay(api, ada, booking, "card", amount={"amount": 1})
    assert len(stripe.started) == 1


def test_nobody_there(api: Api, ada: User, stripe: Scripted) -> None:
    """The second waits, and is begun later, once the first is closed."""
    booking = booked(ada)
    declined(api, ada, stripe, booking)
    stripe.cancels = DOWN
    assert refused(pay(api, ada, booking, "card", key="once"), 503, "provider_unavailable")
    work(timedelta(minutes=1))
    assert len(stripe.started) == 1
    stripe.cancels = Outcome(Status.CANCELLED)
    work(timedelta(minutes=10))
    assert len(stripe.started) == 2
    assert pay(api, ada, booking, "card", key="once").json["provider_reference"]


@pytest.mark.parametrize("cancels", [Outcome(Status.CANCELLED), DOWN], ids=["there", "down"])
def test_cash_instead(api: Api, ada: User, clerk: User, stripe: Scripted, cancels: Outcome | ProviderDown) -> None:
    """Is recorded in any case; the form is closed, if its provider answers."""
    booking = booked(ada)
    first = declined(api, ada, stripe, booking)
    stripe.cancels = cancels
    assert pay(api, clerk, booking).json["status"] == "succeeded"
    assert len(stripe.cancelled) == 1
    assert read(api, ada, f"/{first}")["status"] == ("failed" if cancels is DOWN else "cancelled")


def test_where_a_failure_is_final(api: Api, ada: User, mpesa: Unsigned) -> None:
    """Nobody is asked."""
    booking = booked(ada)
    mpesa.says = DECLINED
    begun = pay(api, ada, booking, "mpesa").json["id"]
    api.post(f"{PAYMENTS}/{begun}/sync", token=token_for(ada))
    pay(api, ada, booking, "mpesa")
    assert (len(mpesa.started), mpesa.cancelled) == (2, [])


def test_a_provider_that_was_not_even_reached(api: Api, ada: User, mpesa: Unsigned) -> None:
    """Nothing can have come of it: it has failed at once, and can be tried again under a new key."""
    booking = booked(ada)
    mpesa.starts = NOT_EVEN_ASKED
    assert refused(pay(api, ada, booking, "mpesa", key="once"), 503, "provider_unavailable")
    (failed,) = read(api, ada, "")["items"]
    assert (failed["status"], failed["failure"]["code"]) == ("failed", "provider_unreachable")
    assert pay(api, ada, booking, "mpesa", key="once").json["status"] == "failed"
    mpesa.starts = Status.PENDING
    assert pay(api, ada, booking, "mpesa", key="again").json["status"] == "pending"


def test_where_the_same_can_be_begun_again(api: Api, ada: User, stripe: Scripted) -> None:
    """It waits for that."""
    stripe.starts = NOT_EVEN_ASKED
    assert refused(pay(api, ada, booked(ada), "card"), 503, "provider_unavailable")
    (waiting,) = read(api, ada, "")["items"]
    assert waiting["status"] == "pending"
