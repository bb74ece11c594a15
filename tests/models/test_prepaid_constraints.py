"""What the databases themselves say of consumables, gift cards, packages and their ledgers, broken on purpose."""

from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, select, text, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import (
    GiftCard,
    GiftCardMovement,
    OrderLine,
    Package,
    PackageMovement,
    PrepaidStep,
    ServiceConsumable,
)
from app.prepaid import service as prepaid
from app.prepaid.service import Because
from app.transactions import transaction
from tests.cases import each_case
from tests.factories import make_product, make_service, make_user
from tests.models.test_constraints import refused
from tests.prepaid.bought import make_gift_card, make_package

NINE = datetime(2030, 1, 7, 9, tzinfo=UTC)
LEDGERS = (GiftCardMovement, PackageMovement)

Sold = tuple[GiftCard, Package]


@pytest.fixture
def sold(app: Flask) -> Sold:
    """A card of 1,000 of which 300 are spent, and a package of five visits of which one is, each once given back."""
    client, service = make_user(), make_service()
    card, package = make_gift_card(client, 1000), make_package(client, service)
    with transaction():
        prepaid.spend_gift_card(card.code, 300, Because("PY-1"))
        prepaid.spend_package(client.id, service.id, Because("PY-2"))
        prepaid.give_back("PY-1", 100, Because("RF-1"))
        prepaid.give_back_visit("PY-2", Because("RF-2"))
    return card, package


@each_case(
    ("model", "values", "name"),
    [
        (GiftCard, {"balance": -1}, "ck_gift_cards_balance"),
        (GiftCard, {"balance": 1001}, "ck_gift_cards_balance"),
        (GiftCard, {"value": 0, "balance": 0}, "ck_gift_cards_value"),
        (GiftCard, {"value": 10**15 + 1}, "ck_gift_cards_value"),
        (GiftCard, {"code": "SHORT"}, "ck_gift_cards_code"),
        (GiftCard, {"voided_at": NINE}, "ck_gift_cards_void"),
        (Package, {"balance": -1}, "ck_packages_balance"),
        (Package, {"balance": 6}, "ck_packages_balance"),
        (Package, {"value": 0, "balance": 0}, "ck_packages_value"),
        (Package, {"value": 1001}, "ck_packages_value"),
        (Package, {"expires_at": None}, "ck_packages_expires"),
        (Package, {"voided_at": NINE}, "ck_packages_void"),
        (Package, {"price_amount": -1}, "ck_packages_price"),
        (OrderLine, {"quantity": 101, "total_amount": 101 * OrderLine.unit_price_amount}, "ck_order_lines_prepaid"),
        (OrderLine, {"card_amount": None}, "ck_order_lines_terms"),
        (OrderLine, {"card_amount": 5}, "ck_order_lines_terms"),
        (OrderLine, {"package_visits": None}, "ck_order_lines_terms"),
        (OrderLine, {"package_visits": 5}, "ck_order_lines_terms"),
        (OrderLine, {"package_service_id": None}, "ck_order_lines_terms"),
    ],
)
def test_unlawful_values_are_refused(sold: Sold, model: Any, values: dict[str, Any], name: str) -> None:
    """One row of everything is there; no update may make it unlawful."""
    refused(update(model.__table__).values(values), name)


@pytest.mark.parametrize("quantity", [0, -1, 10_001])
def test_a_service_uses_a_number(app: Flask, quantity: int) -> None:
    """From one to ten thousand, and of each product once."""
    row = {"service_id": make_service().id, "product_id": make_product().id}
    with transaction():
        db.session.execute(insert(ServiceConsumable).values(**row, quantity=1))
    refused(update(ServiceConsumable).values(quantity=quantity), "ck_service_consumables_quantity")
    refused(insert(ServiceConsumable).values(**row, quantity=1), "service_consumables")


UNLAWFUL: list[dict[str, Any]] = [
    {"kind": "issue", "change": 1, "balance_after": 2},
    {"kind": "issue", "change": 1, "balance_after": 1, "reference": "PY-9"},
    {"kind": "spend", "change": 1, "balance_after": 1, "reference": "PY-9"},
    {"kind": "spend", "change": -1, "balance_after": 1},
    {"kind": "give_back", "change": 1, "balance_after": 1, "reference": "RF-9"},
    {"kind": "give_back", "change": 1, "balance_after": 1, "spend_id": 0},
    {"kind": "give_back", "change": -1, "balance_after": 1, "reference": "RF-9", "spend_id": 0},
    {"kind": "expire", "change": -1, "balance_after": 1},
    {"kind": "expire", "change": 0, "balance_after": 0},
    {"kind": "void", "change": -1, "balance_after": 1},
    {"kind": "void", "change": 1, "balance_after": 0},
    {"kind": "gift", "change": 1, "balance_after": 1},
]


@each_case("model", LEDGERS)
@each_case("values", UNLAWFUL)
def test_movements_are_lawful(sold: Sold, model: Any, values: dict[str, Any]) -> None:
    """Each kind does what it may, and has what it must."""
    spend_id = db.session.scalar(select(model.id).where(model.kind == PrepaidStep.SPEND))
    row = movement(model, **values)
    if "spend_id" in values:
        row["spend_id"] = spend_id
    with pytest.raises(IntegrityError) as caught, transaction():
        db.session.execute(insert(model.__table__).values({**row, "kind": text(f"'{values['kind']}'")}))
    assert f"ck_{model.__tablename__}_" in str(caught.value.orig)


@pytest.mark.parametrize("model", LEDGERS)
def test_no_balance_is_negative(sold: Sold, model: Any) -> None:
    """Not in the ledger either."""
    row = movement(model, kind=PrepaidStep.SPEND, change=-1, balance_after=-1, reference="PY-9")
    refused(insert(model).values(row), f"ck_{model.__tablename__}_balance")


@pytest.mark.parametrize("model", LEDGERS)
def test_a_reference_takes_effect_once(sold: Sold, model: Any) -> None:
    """Of either kind; and nothing is issued twice."""
    spend = db.session.execute(select(model.id, model.reference).where(model.kind == PrepaidStep.SPEND)).one()
    given = db.session.scalar(select(model.reference).where(model.kind == PrepaidStep.GIVE_BACK))
    again = movement(model, kind=PrepaidStep.SPEND, change=-1, balance_after=1, reference=spend.reference)
    refused(insert(model).values(again), "reference")
    again = movement(model, kind=PrepaidStep.GIVE_BACK, change=1, balance_after=1, reference=given, spend_id=spend.id)
    refused(insert(model).values(again), "reference")
    again = movement(model, kind=PrepaidStep.ISSUE, change=1, balance_after=1)
    refused(insert(model).values(again), "prepaid_id")


@pytest.mark.parametrize("model", LEDGERS)
def test_ledgers_are_only_added_to(sold: Sold, model: Any) -> None:
    """No movement is changed, removed, replaced, or swept away with all others."""
    table = model.__tablename__
    refused(update(model).values(reason="Nothing."), "prepaid_append_only")
    refused(delete(model), "prepaid_append_only")
    if db.engine.dialect.name == "postgresql":
        refused(text(f"TRUNCATE {table} CASCADE"), "prepaid_append_only")
    else:
        refused(text(f"INSERT OR REPLACE INTO {table} SELECT * FROM {table}"), "prepaid_append_only")  # noqa: S608  # our own names


@pytest.mark.parametrize("kind", [GiftCard, Package])
def test_a_unit_is_issued_once(sold: Sold, kind: Any) -> None:
    """And no code twice."""
    thing = next(one for one in sold if isinstance(one, kind))
    row = {column.key: getattr(thing, column.key) for column in kind.__table__.columns if column.key != "id"}
    other = {"code": "2" * 16} if kind is GiftCard else {}
    refused(insert(kind).values(row | other), "order_id")
    if kind is GiftCard:
        refused(insert(kind).values(row | {"number": 2}), "code")


def movement(model: Any, **values: Any) -> dict[str, Any]:
    """Return a row of a ledger."""
    thing = GiftCard if model is GiftCardMovement else Package
    prepaid_id = db.session.scalar(select(thing.id))
    plain = {"prepaid_id": prepaid_id, "reference": "", "reason": "", "created_at": NINE}
    return plain | values
