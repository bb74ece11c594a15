"""What people are told of money: that it has come, has not, or goes back; once, and as long as it is so."""

from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any

import pytest

from app.extensions import business
from app.integrations.payments import Failure, Outcome, Status
from app.kit import clock
from app.models import User
from app.prepaid.service import Because, void_order
from app.transactions import transaction
from tests.api import Api
from tests.factories import make_booking, make_product, make_service, make_user, make_working_staff, token_for
from tests.mailbox import Mailbox, html_of, text_of
from tests.notifications.letters import link_in, noted, subjects
from tests.orders.till import sell
from tests.papers import leave_papers_blank
from tests.payments.conftest import ada, admin, clerk, eve, mpesa, stripe
from tests.payments.desk import NOW, TOMORROW, awaiting_deposit, booked, give_back, ordered, pay, succeeded, tell
from tests.payments.scripted import Scripted, Unsigned
from tests.prepaid.bought import make_gift_card, make_package

__all__ = ["ada", "admin", "clerk", "eve", "mpesa", "stripe"]

BY_HAND = Outcome(Status.REQUIRES_ACTION, failure=Failure("pay_out_by_hand", "M-Pesa pays nothing back."))
REFUSED = Outcome(Status.FAILED, failure=Failure("expired_card", "The card has expired."))


@pytest.fixture(autouse=True)
def monday_morning() -> Iterator[None]:
    """Make it six in the morning of a Monday."""
    with clock.frozen(NOW):
        yield


@pytest.fixture
def drawn() -> None:
    """Real papers: each takes a third of a second to draw."""


@pytest.fixture(autouse=True)
def papers(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Leave them blank where nobody looks at them."""
    if "drawn" not in request.fixturenames:
        leave_papers_blank(monkeypatch)


def files_of(mail: EmailMessage) -> list[str]:
    """Return the names of a mail's files, each of which is a PDF of some size."""
    files = list(mail.iter_attachments())
    for file in files:
        content: Any = file.get_content()
        assert file.get_content_type() == "application/pdf"
        assert content.startswith(b"%PDF-")
        assert len(content) > 5000
    return [str(file.get_filename()) for file in files]


def later(mailbox: Mailbox, after: timedelta) -> list[EmailMessage]:
    """Return the mails that are written by some time from now."""
    with clock.frozen(NOW + after):
        return mailbox.deliver()


@pytest.mark.usefixtures("drawn")
def test_a_part_has_come(api: Api, mailbox: Mailbox, ada: User, clerk: User) -> None:
    """How much, how, what for and what is left, with the receipt; both forms say the same, and it is said once."""
    visit = booked(ada)
    paid = pay(api, clerk, visit, amount={"amount": 1500}).json
    (mail,) = mailbox.deliver()
    subject = f"Payment received: KES15.00 for {visit.reference} ({paid['reference']}) – {business.name}"
    assert (mail["To"], mail["Subject"]) == (ada.email, subject)
    for said in (
        "we have received KES15.00. Thank you.",
        "Still to be paid: KES30.00.",
        "Amount: KES15.00",
        "Paid by: cash",
        "Received: Monday, January 7, 2030, 6:00 AM",
        f"Payment: {paid['reference']}",
        f"Reference: {visit.reference}",
    ):
        assert said in text_of(mail)
        assert said.partition(": ")[2] in html_of(mail)
    assert files_of(mail) == [f"{paid['reference']}.pdf"]
    assert api.get(link_in(mail)).json["booking"]["amount_paid"]["amount"] == 1500
    assert noted() == [("receipt", "email", "sent", "")]
    assert mailbox.deliver() == []


@pytest.mark.usefixtures("drawn")
def test_all_of_an_order_has_come(api: Api, mailbox: Mailbox, ada: User, clerk: User) -> None:
    """Its invoice goes along."""
    made = ordered(api, ada)
    mailbox.deliver()
    paid = pay(api, clerk, made, "card_terminal").json
    (mail,) = mailbox.deliver()
    assert "Nothing is left to be paid." in text_of(mail)
    assert "Paid by: card, at the counter" in text_of(mail)
    assert "What:" not in text_of(mail)
    assert files_of(mail) == [f"{paid['reference']}.pdf", "INV-2030-000001.pdf"]


def test_a_deposit(api: Api, mailbox: Mailbox, ada: User, clerk: User) -> None:
    """It is called one, and the booking's confirmation says what is left."""
    visit = awaiting_deposit(ada)
    assert pay(api, clerk, visit).status_code == 201
    receipt, confirmed = sorted(mailbox.deliver(), key=lambda mail: str(mail["Subject"]), reverse=True)
    assert "your deposit of KES10.00" in text_of(receipt)
    assert "Still to be paid: KES35.00." in text_of(receipt)
    assert subjects([confirmed]) == ["Confirmed"]
    assert "Paid: KES10.00\nStill to be paid: KES35.00\n" in text_of(confirmed)


def test_in_german(api: Api, mailbox: Mailbox, ada: User, clerk: User) -> None:
    api.patch("/api/users/me", {"locale": "de"}, token=token_for(ada))
    pay(api, clerk, booked(ada), amount={"amount": 1500})
    (mail,) = mailbox.deliver()
    assert "Noch zu bezahlen: 30,00 KES." in text_of(mail)
    assert "Bezahlt mit: Bargeld" in text_of(mail)


def test_nobody_is_told_of_a_sale(api: Api, mailbox: Mailbox, ada: User, clerk: User, admin: User) -> None:
    """Who buys is there, also when it is brought back."""
    sold = sell(api, clerk, (make_product(5), 1), client_id=ada.id).json
    (paid,) = api.get("/api/payments", query={"order_id": sold["id"]}, token=token_for(clerk)).json["items"]
    assert give_back(api, admin, paid["id"]).status_code == 201
    assert mailbox.deliver() == []


def test_what_has_gone_back_meanwhile(api: Api, mailbox: Mailbox, ada: User, clerk: User, admin: User) -> None:
    """Of a payment that is back before its mail is written only that is told."""
    paid = pay(api, clerk, booked(ada)).json
    assert give_back(api, admin, paid["id"]).status_code == 201
    assert subjects(mailbox.deliver()) == ["Refund"]
    assert ("receipt", "email", "suppressed", "over") in noted()


@pytest.mark.usefixtures("drawn")
@pytest.mark.parametrize(
    ("method", "said"),
    [
        ("cash", "You get it at our counter"),
        ("card_terminal", "You get it at our counter"),
        ("card", "Banks take five to ten working days"),
    ],
)
def test_a_refund(
    api: Api, mailbox: Mailbox, ada: User, clerk: User, admin: User, stripe: Scripted, method: str, said: str
) -> None:
    """How much of what, why, and where it is; with the document of it."""
    stripe.starts = Status.SUCCEEDED
    paid = pay(api, clerk, booked(ada), method).json
    mailbox.deliver()
    refund = give_back(api, admin, paid["id"], 1500).json
    (mail,) = mailbox.deliver()
    assert mail["Subject"].startswith(
        f"Refund: KES15.00 for BK-{mail['Subject'].partition('BK-')[2].partition(' ')[0]} (RF-"
    )
    text = text_of(mail)
    assert "you get KES15.00 back of the KES45.00" in text
    assert said in text
    assert f"Refund: {refund['reference']}\nGiven back: KES15.00\nWhy: It was not to be.\nWhat: " in text
    assert f"\nPayment: {paid['reference']}\nReference: BK-" in text
    assert files_of(mail) == ["RR-2030-000001.pdf"]


def test_a_gift_card_and_a_package(api: Api, mailbox: Mailbox, ada: User, admin: User) -> None:
    """What they have paid can be spent again."""
    service, card = make_service(price_amount=4500), make_gift_card(value=9000)
    visit = make_booking(ada, service, make_working_staff(service), TOMORROW)
    make_package(ada, service)
    by_card = pay(api, ada, booked(ada), "gift_card", code=card.code, amount={"amount": 100}).json
    by_package = pay(api, ada, visit, "package").json
    mailbox.deliver()
    said = []
    for paid in (by_card, by_package):
        assert give_back(api, admin, paid["id"]).status_code == 201
        said += [text_of(mail) for mail in mailbox.deliver()]
    assert "It is back on the gift card" in said[0]
    assert "The visit is back in your package" in said[1]


def test_a_gift_card_and_a_package_that_are_void(api: Api, mailbox: Mailbox, ada: User, admin: User) -> None:
    """What was given back for them with the money of their order cannot be spent, and nobody is told that it can."""
    service, card = make_service(price_amount=4500), make_gift_card(value=9000)
    visit = make_booking(ada, service, make_working_staff(service), TOMORROW)
    package = make_package(ada, service)
    by_card = pay(api, ada, booked(ada), "gift_card", code=card.code, amount={"amount": 100}).json
    by_package = pay(api, ada, visit, "package").json
    with transaction():
        for thing in (card, package):
            void_order(thing.order_id, Because(reason="Made at the provider."), used_too=True)
    mailbox.deliver()
    said = []
    for paid in (by_card, by_package):
        assert give_back(api, admin, paid["id"]).status_code == 201
        said += [text_of(mail) for mail in mailbox.deliver()]
    assert "The gift card is not valid any more, so this cannot be spent." in said[0]
    assert "The package is not valid any more, so this visit cannot be booked." in said[1]
    assert not [text for text in said if "at once" in text]


def test_paid_out_by_hand(api: Api, mailbox: Mailbox, ada: User, admin: User, mpesa: Unsigned) -> None:
    """First that it will be, with a word to the admins; then that it was."""
    mpesa.starts, mpesa.refunds = Status.SUCCEEDED, BY_HAND
    paid = pay(api, ada, booked(ada), "mpesa").json
    mailbox.deliver()
    refund = give_back(api, admin, paid["id"]).json
    told = {str(mail["To"]): text_of(mail) for mail in mailbox.deliver()}
    assert "M-Pesa does not pay it back by itself: we pay it out to you" in told[str(ada.email)]
    assert "Please pay it out, and then say so" in told[str(admin.email)]
    assert f"/api/payments/{paid['id']}/refunds" in told[str(admin.email)]
    assert len(told) == 2
    assert api.post(f"/api/payments/refunds/{refund['id']}/paid-out", {}, token=token_for(admin)).status_code == 200
    (mail,) = mailbox.deliver()
    assert "We have paid it out to you." in text_of(mail)


def test_paid_out_before_the_mail_was_written(
    api: Api, mailbox: Mailbox, ada: User, admin: User, mpesa: Unsigned
) -> None:
    """Nobody is asked for what is done."""
    mpesa.starts, mpesa.refunds = Status.SUCCEEDED, BY_HAND
    paid = pay(api, ada, booked(ada), "mpesa").json
    mailbox.deliver()
    refund = give_back(api, admin, paid["id"]).json
    api.post(f"/api/payments/refunds/{refund['id']}/paid-out", {}, token=token_for(admin))
    (mail,) = mailbox.deliver()
    assert (mail["To"], "We have paid it out" in text_of(mail)) == (ada.email, True)


def test_a_refund_that_is_refused(api: Api, mailbox: Mailbox, ada: User, admin: User, stripe: Scripted) -> None:
    """Admins alone hear of it, when it is given up."""
    stripe.starts, stripe.refunds = Status.SUCCEEDED, REFUSED
    paid = pay(api, ada, booked(ada), "card").json
    mailbox.deliver()
    give_back(api, admin, paid["id"])
    assert mailbox.deliver() == []
    mails = [mail for hours in (1, 2, 4, 8, 16, 32) for mail in later(mailbox, timedelta(hours=hours))]
    (mail,) = [mail for mail in mails if "refund" in str(mail["Subject"])]
    assert mail["To"] == admin.email
    assert "The provider says: The card has expired.\nWhat: " in text_of(mail)


def test_a_dispute(api: Api, mailbox: Mailbox, ada: User, stripe: Scripted) -> None:
    """Who lets their bank fetch it knows."""
    stripe.starts = Status.SUCCEEDED
    paid = pay(api, ada, booked(ada), "card").json
    mailbox.deliver()
    named = {"provider_reference": paid["provider_reference"], "payment_reference": paid["reference"]}
    seen = {"provider_reference": "dp_1", "status": "succeeded", "amount": 4500, "is_dispute": True, "reference": None}
    assert tell(api, "evt_1", **named, refund=seen).status_code == 200
    assert api.get(f"/api/payments/{paid['id']}", token=token_for(ada)).json["refunded"]["amount"] == 4500
    assert mailbox.deliver() == []


def failed(payment: dict[str, Any]) -> dict[str, Any]:
    """Return what a provider says of a payment that has failed."""
    said = succeeded(payment)
    return said | {"outcome": {**said["outcome"], "status": "failed"}}


def test_a_failure_that_nobody_looked_at(api: Api, mailbox: Mailbox, ada: User, stripe: Scripted) -> None:
    """What is owed, and where it is paid; what has failed before their eyes, people have seen."""
    seen, unseen = (pay(api, ada, booked(ada), "card").json for _ in range(2))
    tell(api, "evt_1", **failed(seen))
    assert mailbox.deliver() == []
    with clock.frozen(NOW + timedelta(minutes=20)):
        tell(api, "evt_2", **failed(unseen))
        (mail,) = [one for one in mailbox.deliver() if "has not reached us" in str(one["Subject"])]
    assert unseen["reference"] in str(mail["Subject"])
    assert "your payment of KES45.00 by card has not reached us." in text_of(mail)
    assert "Still to be paid: KES45.00. Please try again" in text_of(mail)
    assert "pi_secret" not in text_of(mail) + html_of(mail)


def test_a_failed_deposit(api: Api, mailbox: Mailbox, ada: User, stripe: Scripted) -> None:
    """The deposit is asked for, until when it is waited for."""
    waiting = pay(api, ada, awaiting_deposit(ada), "card").json
    with clock.frozen(NOW + timedelta(minutes=20)):
        tell(api, "evt_1", **failed(waiting))
        mail = mailbox.deliver()[-1]
    assert "Still to be paid: KES10.00, by Monday, January 7, 2030, 6:30 AM." in text_of(mail)


def test_a_failure_that_does_not_matter(api: Api, mailbox: Mailbox, ada: User, clerk: User, stripe: Scripted) -> None:
    """Who has paid since, or cancelled, is not asked for it again."""
    paid_since, given_up = booked(ada), booked(ada)
    payments = [pay(api, ada, visit, "card").json for visit in (paid_since, given_up)]
    with clock.frozen(NOW + timedelta(minutes=20)):
        for payment in payments:
            tell(api, f"evt_{payment['id']}", **failed(payment))
        pay(api, clerk, paid_since)
        api.post(f"/api/bookings/{given_up.id}/cancel", {}, token=token_for(ada))
        assert sorted(set(subjects(mailbox.deliver()))) == ["Cancelled", "Payment received"]


def test_a_walk_in(api: Api, mailbox: Mailbox, clerk: User) -> None:
    """Needs no account, but an address."""
    told, untold = (make_user(has_login=False, email=email) for email in ("wanda@example.test", None))
    for walk_in in (told, untold):
        pay(api, clerk, booked(walk_in))
    (mail,) = mailbox.deliver()
    assert mail["To"] == "wanda@example.test"


def test_cancelled_with_money_in_it(api: Api, mailbox: Mailbox, ada: User, clerk: User) -> None:
    """The mail of the cancellation says what goes back; and so does that of an order."""
    visit, made = booked(ada), ordered(api, ada)
    pay(api, clerk, visit)
    pay(api, clerk, made, amount={"amount": 500})
    mailbox.deliver()
    api.post(f"/api/bookings/{visit.id}/cancel", {}, token=token_for(ada))
    api.post(f"/api/orders/{made['id']}/cancel", {}, token=token_for(ada))
    texts = {str(mail["Subject"]).partition(":")[0]: text_of(mail) for mail in mailbox.deliver()}
    assert "Of what was paid, KES45.00 goes back to you." in texts["Cancelled"]
    assert "Of what was paid, KES5.00 goes back to you." in texts["Your order is cancelled"]


def test_a_part_of_an_order(api: Api, mailbox: Mailbox, ada: User, clerk: User) -> None:
    """What is on its way says what of it is paid, and what is left."""
    made = ordered(api, ada)
    pay(api, clerk, made, amount={"amount": 500})
    text = next(text_of(mail) for mail in mailbox.deliver() if str(mail["Subject"]).startswith("Your order"))
    assert "Paid: KES5.00\nStill to be paid: KES19.00\n" in text
