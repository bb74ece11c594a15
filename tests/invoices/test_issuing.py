"""Invoices come by themselves: when a booking is completed, and when an order is paid; once."""

import random
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest
from sqlalchemy import func, insert, select

from app.extensions import business, db
from app.kit import clock
from app.models import Booking, Invoice, InvoiceLine, OrderLine, ProductKind, Service, Staff, User
from app.orders import service as orders
from app.transactions import reading, transaction
from tests.api import Api
from tests.factories import make_booking, make_product, make_space, make_space_booking, token_for
from tests.invoices.conftest import ADDRESS, TAX_NUMBER
from tests.ledger.money import balances, bill, found_wrong, pay
from tests.orders.till import NOW, order, sell

INVOICES = "/api/invoices"


def money(amount: int) -> dict[str, Any]:
    """Return an amount as the API writes it."""
    return {"amount": amount, "currency": "KES"}


def complete(api: Api, who: User, booking: Booking) -> Any:
    """POST that a booking was done."""
    return api.post(f"/api/bookings/{booking.id}/complete", {}, token=token_for(who))


def invoices(api: Api, who: User, **query: Any) -> list[dict[str, Any]]:
    """Return what somebody sees of documents."""
    answer = api.get(INVOICES, query=query, token=token_for(who))
    assert answer.status_code == 200, answer.json
    found: list[dict[str, Any]] = answer.json["items"]
    return found


def test_a_completed_booking(api: Api, ada: User, clerk: User, begun: Booking) -> None:
    """What was agreed has the tax in it; what was paid before, and what is left to pay, stand there too."""
    pay(begun, 64_000)
    assert complete(api, clerk, begun).status_code == 200
    (found,) = invoices(api, ada)
    assert found == {
        "id": found["id"],
        "number": "INV-2030-000001",
        "kind": "invoice",
        "issued_at": "2030-01-07T06:00:00Z",
        "booking_id": begun.id,
        "order_id": None,
        "reference": begun.reference,
        "refund_id": None,
        "corrects": None,
        "seller": {"name": "Test Parlour", "address": ADDRESS, "country": "KE", "tax_number": TAX_NUMBER},
        "client_name": "Ada Obi",
        "items": [
            {
                "description": "Silk press, Amina · 2030-01-07 06:00",
                "quantity": 1,
                "unit_price": money(464_000),
                "total": money(464_000),
                "tax_percent": "16",
                "tax": money(64_000),
            }
        ],
        "tax_inclusive": True,
        "taxes": [{"percent": "16", "net": money(400_000), "tax": money(64_000)}],
        "subtotal": money(400_000),
        "tax": money(64_000),
        "total": money(464_000),
        "paid": money(64_000),
        "balance": money(400_000),
    }
    assert balances() == {"stripe": 64_000, "receivable": 400_000, "revenue": -400_000, "tax": -64_000}
    assert found_wrong() == []


def test_it_comes_once(api: Api, admin: User, clerk: User, begun: Booking) -> None:
    """INV-03: completing again is refused; whoever asks for the invoice twice gets the same."""
    complete(api, clerk, begun)
    assert complete(api, clerk, begun).status_code == 409
    (found,) = invoices(api, admin)
    assert bill(begun).id == found["id"]
    assert len(invoices(api, admin)) == 1


@pytest.mark.parametrize("step", ["cancel", "no-show"])
def test_what_was_not_done_is_not_billed(api: Api, admin: User, begun: Booking, step: str) -> None:
    """No invoice, whatever fee there is."""
    assert api.post(f"/api/bookings/{begun.id}/{step}", {}, token=token_for(admin)).status_code == 200
    assert invoices(api, admin) == []


def test_a_refused_completion_issues_nothing(api: Api, admin: User, ada: User, service: Service, staff: Staff) -> None:
    """Nor takes a number: the next one is the first."""
    later = make_booking(ada, service, staff, NOW + timedelta(days=1))
    assert complete(api, admin, later).status_code == 409
    assert invoices(api, admin) == []
    complete(api, admin, make_booking(ada, service, staff, NOW))
    assert invoices(api, admin)[0]["number"] == "INV-2030-000001"


def test_a_space(api: Api, ada: User, admin: User) -> None:
    """Is one line."""
    let = make_space_booking(ada, make_space(name="Garden room"), NOW, total_amount=116_000)
    complete(api, admin, let)
    (found,) = invoices(api, ada)
    assert [line["description"] for line in found["items"]] == ["Garden room · 2030-01-07 06:00"]
    assert (found["total"], found["tax"]) == (money(116_000), money(16_000))


def test_an_order_that_is_paid(api: Api, ada: User) -> None:
    """Its lines with their tax; the order says which invoice it is. What is not all paid, has none."""
    oil, comb = make_product(5, price_amount=1500, name="Oil"), make_product(5, price_amount=333, name="Comb")
    made = order(api, ada, (oil, 2), (comb, 1)).json
    assert made["invoice_id"] is None
    with transaction():
        orders.record_payment(made["id"], 1000)
    assert invoices(api, ada) == []
    with transaction():
        orders.record_payment(made["id"], 2333)
    (found,) = invoices(api, ada)
    assert [(line["description"], line["quantity"], line["tax"]["amount"]) for line in found["items"]] == [
        (f"Oil · {oil.sku}", 2, 414),
        (f"Comb · {comb.sku}", 1, 46),
    ]
    assert (found["total"], found["tax"], found["balance"]) == (money(3333), money(460), money(0))
    seen = api.get(f"/api/orders/{made['id']}", token=token_for(ada)).json
    assert (seen["invoice_id"], seen["total"], seen["tax"]) == (found["id"], found["total"], found["tax"])


def test_a_sale(api: Api, clerk: User) -> None:
    """Has its invoice at once, and nobody's name on it."""
    sold = sell(api, clerk, (make_product(5), 1)).json
    (found,) = invoices(api, clerk)
    assert (found["id"], found["client_name"], found["reference"]) == (sold["invoice_id"], "", sold["reference"])


def test_a_rehearsed_sale_takes_no_number(api: Api, clerk: User) -> None:
    oil = make_product(5)
    body = {"items": [{"product_id": oil.id, "quantity": 1}], "method": "cash"}
    assert api.post("/api/sales", body, token=token_for(clerk), query={"dry_run": "true"}).status_code == 200
    assert sell(api, clerk, (oil, 1)).status_code == 201
    assert [one["number"] for one in invoices(api, clerk)] == ["INV-2030-000001"]


def test_what_is_paid_ahead_is_taxed_when_it_is_used(api: Api, ada: User, clerk: User, begun: Booking) -> None:
    """A gift card and a package have no tax; what they pay for has, once."""
    card = make_product(kind=ProductKind.GIFT_CARD, price_amount=464_000, card_amount=464_000)
    package = make_product(kind=ProductKind.PACKAGE, price_amount=116_000)
    sold = sell(api, clerk, (card, 1), (package, 1), (make_product(5, price_amount=1160), 1), client_id=ada.id).json
    assert sold["tax"] == money(160)
    (found,) = invoices(api, ada)
    assert [(one["percent"], one["tax"]["amount"]) for one in found["taxes"]] == [("0", 0), ("16", 160)]
    complete(api, clerk, begun)
    assert balances()["tax"] == -64_160


def test_what_costs_nothing(api: Api, ada: User) -> None:
    """Is billed all the same: the client sees that it costs nothing, and the books say nothing."""
    order(api, ada, (make_product(5, price_amount=0), 1))
    (found,) = invoices(api, ada)
    assert found["total"] == money(0)
    assert (balances(), found_wrong()) == ({}, [])


def test_tax_on_top(api: Api, ada: User, clerk: User, app: Any) -> None:
    """Of an order whose prices do not have it; a booking's always do."""
    app.extensions["business"] = replace(app.extensions["business"], tax_inclusive=False)
    sold = sell(api, clerk, (make_product(5, price_amount=1000), 3), client_id=ada.id).json
    (found,) = invoices(api, ada)
    assert (found["subtotal"], found["tax"], found["total"]) == (money(3000), money(480), money(3480))
    assert (found["total"], found["tax_inclusive"]) == (sold["total"], False)
    assert found_wrong() == []


def test_it_stays_as_it_is(api: Api, ada: User, clerk: User, begun: Booking, app: Any) -> None:
    """Whatever the client, the house and its tax are called later."""
    complete(api, clerk, begun)
    (before,) = invoices(api, clerk)
    api.patch("/api/users/me", {"first_name": "Eve"}, token=token_for(ada))
    app.extensions["business"] = replace(app.extensions["business"], name="New", tax_rate_percent=Decimal(8))
    assert invoices(api, clerk) == [before]


def test_whose_it_is(api: Api, ada: User, admin: User, begun: Booking) -> None:
    """An export has one's own."""
    complete(api, admin, begun)
    exported = api.get("/api/users/me/export", token=token_for(ada)).json["invoices"]
    assert exported == invoices(api, ada)
    assert api.get("/api/users/me/export", token=token_for(admin)).json["invoices"] == []


def test_a_new_year_begins_at_one(api: Api, ada: User, admin: User, service: Service, staff: Staff) -> None:
    """INV-04: the year is that of the house's clocks, three hours ahead; 20:59:59.9 UTC is still the old one there."""
    year_ends = NOW.replace(month=12, day=31, hour=20, minute=59, second=59, microsecond=900_000)
    for instant in (year_ends, year_ends + timedelta(milliseconds=200), year_ends + timedelta(hours=1)):
        with clock.frozen(instant):
            complete(api, admin, make_booking(ada, service, staff, instant - timedelta(hours=1)))
    numbers = [one["number"] for one in invoices(api, admin, sort="issued_at")]
    assert numbers == ["INV-2030-000001", "INV-2031-000001", "INV-2031-000002"]
    assert business.timezone == "Africa/Nairobi"


def test_behind_an_import(api: Api, ada: User, admin: User, service: Service, staff: Staff) -> None:
    """INV-06: where somebody has written past the counter, it goes on behind; the audit tells of the gap."""
    complete(api, admin, make_booking(ada, service, staff, NOW))
    _import_as(7, make_booking(ada, service, staff, NOW).id)
    for _ in range(2):
        complete(api, admin, make_booking(ada, service, staff, NOW))
    assert sorted(one["number"][-1] for one in invoices(api, admin)) == ["1", "7", "8", "9"]
    assert "INV-2030 has 4 documents up to number 9; its counter is at 9" in found_wrong()


def _import_as(sequence: int, booking_id: int) -> None:
    """Write a copy of the invoice there is, past all of our code."""
    with transaction():
        invoice, line = (
            db.session.execute(select(*kind.__table__.columns)).mappings().one() for kind in (Invoice, InvoiceLine)
        )
        last = db.session.scalar(select(func.max(Invoice.id))) or 0
        copied = {**invoice, "id": last + 1000, "sequence": sequence, "booking_id": booking_id}
        db.session.execute(insert(Invoice).values(copied))
        db.session.execute(insert(InvoiceLine).values({**line, "id": line["id"] + 1000, "invoice_id": copied["id"]}))


def test_random_baskets(api: Api, ada: User, clerk: User) -> None:
    """PAY-48: lines, order, invoice and books agree to the minor unit."""
    random_ = random.Random(48)  # noqa: S311  # no secret
    products = [make_product(10_000, price_amount=random_.choice([1, 3, 7, 99, 1234, 99_999])) for _ in range(8)]
    for _ in range(25):
        chosen = random_.sample(products, k=random_.randint(1, 5))
        sold = sell(api, clerk, *((one, random_.randint(1, 9)) for one in chosen), client_id=ada.id).json
        found = api.get(f"{INVOICES}/{sold['invoice_id']}", token=token_for(ada)).json
        assert (found["total"], found["tax"], found["subtotal"]) == (sold["total"], sold["tax"], sold["subtotal"])
        assert sum(line["total"]["amount"] for line in found["items"]) == sold["total"]["amount"]
        assert sum(line["tax"]["amount"] for line in found["items"]) == sold["tax"]["amount"]
    assert found_wrong() == []
    with reading():
        assert db.session.scalars(select(func.count()).select_from(OrderLine)).one() > 25
