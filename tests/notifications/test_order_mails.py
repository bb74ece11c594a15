"""What clients are told of their orders: by one mail each, with its reference, its lines and what is due."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import update

from app.extensions import business, db
from app.kit import clock
from app.models import GiftCard, ProductKind, User
from app.orders.service import record_payment
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import NOW
from tests.factories import make_product, make_user, token_for
from tests.mailbox import Mailbox, html_of, text_of
from tests.notifications.letters import link_in, noted, subjects
from tests.orders.till import cancel, fulfil, order, sell

pytestmark = pytest.mark.usefixtures("monday_morning")

DELIVERY = {"fulfilment": "delivery", "address": "4 Oginga Odinga Street\n| Kisumu"}


def pay(made: dict[str, Any], amount: int | None = None) -> None:
    """Let money come: all of it, or so much."""
    with transaction():
        record_payment(made["id"], made["total"]["amount"] if amount is None else amount)


def test_placed(api: Api, mailbox: Mailbox, ada: User) -> None:
    """It says what, for how much, until when it is kept, and how it comes; both forms say the same."""
    oil = make_product(5, name="Argan <oil> | 100 ml", price_amount=1500)
    soap = make_product(5, name="Fine\u2028soap", price_amount=200)
    made = order(api, ada, (oil, 2), (soap, 1), **DELIVERY).json
    (mail,) = mailbox.deliver()
    assert (mail["To"], mail["Subject"]) == (ada.email, f"Your order: {made['reference']} – {business.name}")
    text = text_of(mail)
    for said in (
        "What: 2 × Argan <oil> | 100 ml, KES30.00",
        "What: 1 × Fine soap, KES2.00",
        "Total: KES32.00",
        "Please pay KES32.00 by Monday, January 7, 2030,",
        "Delivered to: 4 Oginga Odinga Street | Kisumu",
        f"Reference: {made['reference']}",
        f"See or cancel it here:\n\nhttp://127.0.0.1:5000{link_in(mail)}\n",
    ):
        assert said in text
    page = html_of(mail)
    assert "2 × Argan &lt;oil&gt; | 100 ml, KES30.00" in page
    assert made["reference"] in page
    assert link_in(mail) in page
    assert api.get(link_in(mail)).json["order"]["reference"] == made["reference"]
    assert noted() == [("order_placed", "email", "sent", "")]
    assert mailbox.deliver() == []


def test_tax_and_what_was_paid(
    app: Flask, api: Api, mailbox: Mailbox, ada: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Where money has come before the mail is written, the rest alone is asked for."""
    taxed = replace(app.extensions["business"], tax_rate_percent=Decimal(16), tax_inclusive=True)
    monkeypatch.setitem(app.extensions, "business", taxed)
    made = order(api, ada, (make_product(5, price_amount=11600), 1)).json
    pay(made, 600)
    text = text_of(*mailbox.deliver())
    for said in ("Before tax: KES100.00", "Tax: KES16.00", "Total: KES116.00", "Paid: KES6.00"):
        assert said in text
    assert "Please pay KES110.00 by" in text
    assert "To be paid by" in text


def test_ready_and_shipped(api: Api, mailbox: Mailbox, ada: User, clerk: User) -> None:
    """What is fetched is ready; what is sent is packed, and then on its way. When it is there, its client knows."""
    fetched, sent = (order(api, ada, (make_product(5), 1), **how).json for how in ({}, DELIVERY))
    mailbox.deliver()
    for made in (fetched, sent):
        fulfil(api, clerk, made["id"], "ready")
    first, second = mailbox.deliver()
    assert subjects([first, second]) == ["Your order is ready"] * 2
    assert "bring its reference" in text_of(first)
    assert "Still to be paid: KES" in text_of(first)
    assert f"Picked up at: {business.name}" in text_of(first)
    assert "is packed" in text_of(second)
    pay(sent)
    fulfil(api, clerk, sent["id"], "shipped")
    (mail,) = mailbox.deliver()
    assert (subjects([mail]), "Still to be paid" in text_of(mail)) == (["Your order is on its way"], False)
    for made in (fetched, sent):
        assert fulfil(api, clerk, made["id"], "fulfilled").status_code == 200
    assert mailbox.deliver() == []


def test_cancelled_and_expired(api: Api, mailbox: Mailbox, ada: User) -> None:
    cancelled, lapsed = (order(api, ada, (make_product(5), 1)).json for _ in range(2))
    mailbox.deliver()
    cancel(api, ada, cancelled["id"])
    (mail,) = mailbox.deliver()
    assert mail["Subject"].startswith(f"Your order is cancelled: {cancelled['reference']}")
    assert "\nIt is here:\n" in text_of(mail)
    assert api.get(link_in(mail)).json["may_cancel"] is False
    with clock.frozen(NOW + timedelta(minutes=31)):
        (mail,) = mailbox.deliver()
    assert mail["Subject"].startswith(f"Your order has lapsed: {lapsed['reference']}")
    assert lapsed["reference"] in text_of(mail)


def test_what_is_not_so_any_more(api: Api, mailbox: Mailbox, ada: User, clerk: User) -> None:
    """Of an order that was cancelled meanwhile only that is told; of one that is there, not that it is ready."""
    gone, there = (order(api, ada, (make_product(5), 1)).json for _ in range(2))
    cancel(api, ada, gone["id"])
    for step in ("ready", "fulfilled"):
        fulfil(api, clerk, there["id"], step)
    assert sorted(subjects(mailbox.deliver())) == ["Your order", "Your order is cancelled"]
    over = [kind for kind, _, status, reason in noted() if (status, reason) == ("suppressed", "over")]
    assert sorted(over) == ["order_placed", "order_ready"]


def test_who_is_told(api: Api, mailbox: Mailbox, ada: User, clerk: User) -> None:
    """The client, whoever orders for it, and who needs no account to look after it; of a sale, nobody."""
    walk_in = make_user(has_login=False, email="wanda@example.test")
    order(api, clerk, (make_product(5), 1), client_id=walk_in.id)
    sell(api, clerk, (make_product(5), 1), client_id=ada.id)
    sell(api, clerk, (make_product(5), 1))
    (mail,) = mailbox.deliver()
    assert mail["To"] == "wanda@example.test"
    assert api.post(f"{link_in(mail)}/cancel").json["order"]["status"] == "cancelled"


def test_links_lead_to_the_frontend(api: Api, mailbox: Mailbox, ada: User, with_frontend: Callable[[], None]) -> None:
    """Where there is one."""
    with_frontend()
    made = order(api, ada, (make_product(5), 1)).json
    assert f"\nhttps://app.example/orders/manage/{made['id']}-" in text_of(*mailbox.deliver())


def test_gift_cards(api: Api, mailbox: Mailbox, ada: User, eve: User, clerk: User) -> None:
    """Their codes come once they are paid for, to the buyer alone; with what is spent or void, nobody is bothered."""
    card = make_product(kind=ProductKind.GIFT_CARD, price_amount=5000, card_amount=6000, valid_days=30)
    made = order(api, ada, (card, 2), (make_product(5), 1)).json
    assert subjects(mailbox.deliver()) == ["Your order"]
    pay(made)
    (mail,) = mailbox.deliver()
    codes = [one["code"] for one in api.get("/api/gift-cards", token=token_for(ada)).json["items"]]
    assert (mail["To"], len(codes)) == (ada.email, 2)
    assert mail["Subject"].startswith(f"Your gift cards ({made['reference']})")
    for said in (*codes, "Worth: KES60.00", "Valid until: Wednesday, February 6, 2030"):
        assert said in text_of(mail)
        assert said.removeprefix("Worth: ").removeprefix("Valid until: ") in html_of(mail)
    assert not any(code in api.get(link_in(mail)).text for code in codes)
    sold = sell(api, clerk, (card, 1), client_id=eve.id).json
    (mail,) = mailbox.deliver()
    assert (mail["To"], sold["reference"] in mail["Subject"]) == (eve.email, True)
    sell(api, clerk, (card, 1), client_id=eve.id)
    with transaction():
        db.session.execute(update(GiftCard).values(balance=0))
    assert mailbox.deliver() == []


def test_in_german(api: Api, mailbox: Mailbox, ada: User) -> None:
    """Words, days, times and money of one language."""
    api.patch("/api/users/me", {"locale": "de"}, token=token_for(ada))
    order(api, ada, (make_product(5, price_amount=4500), 1))
    (mail,) = mailbox.deliver()
    assert mail["Subject"].startswith("Ihre Bestellung: OR-")
    assert "Bitte bezahlen Sie 45,00 KES bis Montag, 7. Januar 2030" in text_of(mail)
    assert "Hier ansehen oder stornieren:" in text_of(mail)
