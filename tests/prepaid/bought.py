"""Gift cards and packages for tests, bought by orders that are written straight into the database and paid."""

from collections.abc import Iterator
from itertools import count
from typing import Any

from sqlalchemy import select

from app.commands import CHECKS as CHECKS_BY_NAME
from app.extensions import business, db
from app.models import (
    Channel,
    FulfilmentStatus,
    GiftCard,
    Order,
    OrderLine,
    OrderStatus,
    Package,
    Prepaid,
    Product,
    ProductKind,
    SaleMethod,
    Service,
    User,
)
from app.prepaid.issuing import Issued, issue_for_order
from app.transactions import reading, transaction
from tests.factories import make_product, make_user

CHECKS = CHECKS_BY_NAME["prepaid"]

_number: Iterator[int] = count(1)


def make_paid_order(client: User | None, *products: Product, quantity: int = 1, **fields: Any) -> Order:
    """Write a completed sale of so many units of each product; nothing is issued by it yet."""
    total = sum(product.price_amount for product in products) * quantity
    lines = [_line(position, product, quantity) for position, product in enumerate(products)]
    sold: dict[str, Any] = {
        "reference": f"OR-T{next(_number):05}",
        "channel": Channel.IN_PERSON,
        "client_id": client and client.id,
        "status": OrderStatus.COMPLETED,
        "fulfilment_status": FulfilmentStatus.FULFILLED,
        "sale_method": SaleMethod.CASH,
        "sold_by": fields.pop("sold_by", None) or make_user().id,
        "currency": business.currency,
        "subtotal_amount": total,
        "tax_amount": 0,
        "total_amount": total,
        "paid_amount": total,
    }
    order = Order(lines=lines, **(sold | fields))
    with transaction():
        db.session.add(order)
    return order


def issue(order: Order) -> Issued:
    """Issue what the order has, in a transaction of its own."""
    with transaction():
        return issue_for_order(order)


def make_gift_card(client: User | None = None, value: int = 1000, **fields: Any) -> GiftCard:
    """Return an issued gift card of so many minor units; `fields` are its product's."""
    product = make_product(kind=ProductKind.GIFT_CARD, card_amount=value, price_amount=value, **fields)
    (card,) = issue(make_paid_order(client, product)).gift_cards
    return card


def make_package(client: User, service: Service, visits: int = 5, **fields: Any) -> Package:
    """Return an issued package of so many visits of a service; `fields` are its product's."""
    sold = {"package_service_id": service.id, "package_visits": visits} | fields
    (package,) = issue(make_paid_order(client, make_product(kind=ProductKind.PACKAGE, **sold))).packages
    return package


def balance_of(thing: GiftCard | Package) -> int:
    """Return what is left, as it is now."""
    kind: type[Prepaid] = type(thing)
    with reading():
        return db.session.scalars(select(kind.balance).where(kind.id == thing.id)).one()


def found_wrong() -> list[str]:
    """Return what the audit says of balances."""
    with reading():
        return [line for check in CHECKS for line in check()]


def _line(position: int, product: Product, quantity: int) -> OrderLine:
    return OrderLine(
        position=position,
        product_id=product.id,
        kind=product.kind,
        sku=product.sku,
        name=product.name,
        quantity=quantity,
        unit_price_amount=product.price_amount,
        total_amount=product.price_amount * quantity,
        tax_amount=0,
        currency=product.currency,
        card_amount=product.card_amount,
        package_visits=product.package_visits,
        package_service_id=product.package_service_id,
        valid_days=product.valid_days,
    )
