"""Running low: told once for each crossing, in the log and by mail to every admin who has one (product.md §6)."""

from email.message import EmailMessage
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import business, db
from app.jobs.events import EVENT
from app.models import OutboxEvent, Product, Role, StockMovement
from app.products import stock
from app.products.low_stock import LOW_STOCK, SHORTFALL
from app.transactions import reading, transaction
from tests.api import Api
from tests.factories import make_booking, make_product, make_service, make_staff, make_user, token_for
from tests.mailbox import Mailbox, text_of


@pytest.fixture
def soap(app: Flask) -> Product:
    """Ten bars of soap, reordered at four."""
    return make_product(10, sku="SOAP", name="Fine\u2028soap", reorder_level=4)


def announced(name: str = LOW_STOCK) -> list[dict[str, Any]]:
    """Return what each announcement of this name is about."""
    written = select(OutboxEvent.payload).where(OutboxEvent.topic == EVENT).order_by(OutboxEvent.id)
    with reading():
        return [payload["about"] for payload in db.session.scalars(written) if payload["name"] == name]


def move(api: Api, token: str, *deltas: int) -> None:
    """Change the stock of soap, in turn."""
    for delta in deltas:
        answer = api.put("/api/inventory/SOAP/stock", {"delta": delta, "reason": "moved"}, token=token)
        assert answer.status_code == 200, answer.json


def test_each_crossing_is_told_once(api: Api, soap: Product, staff: str) -> None:
    """At the level itself, not again below it, and again after it was filled up."""
    move(api, staff, -5)
    assert announced() == []
    move(api, staff, -1)
    assert announced() == [{"product_id": soap.id, "available": 4}]
    move(api, staff, -1, -3, 2, 2)
    assert len(announced()) == 1
    move(api, staff, 1, -1)
    assert announced()[1:] == [{"product_id": soap.id, "available": 4}]
    move(api, staff, 6, -10)
    assert announced()[2:] == [{"product_id": soap.id, "available": 0}]


def test_what_is_promised_counts(api: Api, soap: Product) -> None:
    """An order that reserves down to the level crosses it; one that is refused crosses nothing."""
    client = token_for(make_user())

    def order(quantity: int) -> int:
        body = {"items": [{"sku": "SOAP", "quantity": quantity}], "fulfilment": "pickup"}
        return int(api.post("/api/orders", body, token=client).status_code)

    assert (order(11), announced()) == (409, [])
    assert (order(6), announced()) == (201, [{"product_id": soap.id, "available": 4}])
    assert (order(1), len(announced())) == (201, 1)


def test_a_rehearsed_order_tells_nobody(api: Api, soap: Product) -> None:
    body = {"items": [{"sku": "SOAP", "quantity": 9}], "fulfilment": "pickup"}
    answer = api.post("/api/orders", body, token=token_for(make_user()), query={"dry_run": "true"})
    assert (answer.status_code, announced()) == (200, [])


def test_every_admin_gets_a_mail(api: Api, soap: Product, staff: str, mailbox: Mailbox) -> None:
    """Once, with the numbers of now; nobody else does, nor an admin who was dismissed or has no address."""
    for fields in ({"email": "one@example.test"}, {"email": "two@example.test"}):
        make_user(Role.ADMIN, **fields)
    make_user(Role.ADMIN, is_active=False)
    mailbox.deliver()
    move(api, staff, -7)
    mails = mailbox.deliver()
    assert sorted(mail["To"] for mail in mails) == ["one@example.test", "two@example.test"]
    assert {mail["Subject"] for mail in mails} == {f"Running low: Fine soap (SOAP) – {business.name}"}
    assert "(SOAP) there are 3 left; it is reordered at 4" in text_of(mails[0])
    assert mailbox.deliver() == []


@pytest.mark.parametrize("then", ["filled up", "retired", "dismissed"])
def test_what_is_not_wanted_any_more_is_not_sent(
    api: Api, soap: Product, admin: str, mailbox: Mailbox, then: str
) -> None:
    """The product was filled up, or retired, before the worker came to it; or the admin is none any more."""
    other = make_user(Role.ADMIN)
    move(api, admin, -7)
    if then == "filled up":
        move(api, admin, 20)
    elif then == "retired":
        assert api.delete(f"/api/products/{soap.id}", token=admin).status_code == 204
    else:
        assert api.patch(f"/api/users/{other.id}", {"role": "staff"}, token=admin).status_code == 200
    sent = [mail["To"] for mail in mailbox.deliver() if "low" in mail["Subject"]]
    me = api.get("/api/users/me", token=admin).json["email"]
    assert sent == ([me] if then == "dismissed" else [])


def test_what_was_used_beyond_what_was_there(app: Flask, soap: Product, admin: str, mailbox: Mailbox) -> None:
    """It is recorded with the movement, and told to the admins; what is promised to others is not used."""
    client, service = make_user(), make_service()
    booking = make_booking(client, service, make_staff(), soap.created_at)
    card = make_product(tracked=False)
    with transaction():
        missing = stock.consume({soap.id: 12, card.id: 3}, stock.Because(booking_id=booking.id))
    assert missing == {soap.id: 2}
    assert announced(SHORTFALL) == [{"product_id": soap.id, "missing": 2, "booking_id": booking.id}]
    (told,) = shortfalls(mailbox)
    assert told["Subject"] == f"Used more than there was: {booking.reference} – {business.name}"
    assert f"booking {booking.reference} has used more than was there" in text_of(told)
    assert "SOAP: Fine soap: 2 more; by our books 0 are there" in text_of(told)
    (movement,) = soap_ledger(soap)
    assert (movement.on_hand_change, movement.shortfall, movement.on_hand_after) == (-10, 2, 0)


def test_two_shortfalls_of_one_booking_are_one_mail(app: Flask, soap: Product, admin: str, mailbox: Mailbox) -> None:
    """Which names both."""
    oil = make_product(1, sku="OIL", name="Oil")
    booking = make_booking(make_user(), make_service(), make_staff(), soap.created_at)
    with transaction():
        stock.consume({soap.id: 11, oil.id: 4}, stock.Because(booking_id=booking.id))
    (told,) = shortfalls(mailbox)
    assert "OIL: Oil: 3 more" in text_of(told)
    assert "SOAP: Fine soap: 1 more" in text_of(told)


def shortfalls(mailbox: Mailbox) -> list[EmailMessage]:
    """Return the mails of shortfalls."""
    return [mail for mail in mailbox.deliver() if mail["Subject"].startswith("Used more")]


def soap_ledger(soap: Product) -> list[Any]:
    """Return what was consumed of it."""
    with reading():
        return db.session.query(StockMovement).filter_by(product_id=soap.id, kind="consumption").all()
