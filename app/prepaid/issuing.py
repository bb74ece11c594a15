"""Where cards and packages come from: an order that is paid issues one for each unit it has of them."""

from datetime import timedelta
from typing import Any, NamedTuple

from app.extensions import db
from app.kit.clock import utcnow
from app.kit.errors import Invalid
from app.kit.references import new_code
from app.models import GiftCard, Order, OrderLine, Package, ProductKind
from app.prepaid import queries
from app.prepaid.expiry import schedule_expiry
from app.prepaid.ledger import CARDS, PACKAGES, Because


class Issued(NamedTuple):
    """What an order has issued."""

    gift_cards: list[GiftCard]
    packages: list[Package]


def issue_for_order(order: Order) -> Issued:
    """Issue what a paid order has of gift cards and packages, one for each unit; repeated, return what it issued.

    The caller has locked the order and written its lines. Raises `Invalid` naming `client_id` where a package has no
    client to be used by.
    """
    if not order.has_prepaid:
        return Issued([], [])
    issued = _issued_by(order.id)
    return issued if any(issued) else _issue(order)


def _issued_by(order_id: int) -> Issued:
    cards, packages = queries.of_order(GiftCard, order_id), queries.of_order(Package, order_id)
    return Issued(list(db.session.scalars(cards)), list(db.session.scalars(packages)))


def _issue(order: Order) -> Issued:
    units = [(line, number) for line in order.lines for number in range(1, line.quantity + 1)]
    cards = [_gift_card(order, *unit) for unit in units if unit[0].kind is ProductKind.GIFT_CARD]
    packages = [_package(order, *unit) for unit in units if unit[0].kind is ProductKind.PACKAGE]
    for expires_at in {unit["expires_at"] for unit in (*cards, *packages) if unit["expires_at"] is not None}:
        schedule_expiry(expires_at)
    because = Because(actor_id=order.sold_by)
    return Issued(CARDS.issue(order.id, cards, because), PACKAGES.issue(order.id, packages, because))


def _gift_card(order: Order, line: OrderLine, number: int) -> dict[str, Any]:
    own = {"code": new_code(), "value": line.card_amount, "balance": line.card_amount}
    return _bought(order, line, number) | own


def _package(order: Order, line: OrderLine, number: int) -> dict[str, Any]:
    if order.client_id is None:
        raise Invalid.field("client_id", "A package is a client's own: say whose.")
    visits = {"value": line.package_visits, "balance": line.package_visits}
    own = {"service_id": line.package_service_id, "price_amount": line.unit_price_amount}
    return _bought(order, line, number) | visits | own


def _bought(order: Order, line: OrderLine, number: int) -> dict[str, Any]:
    """Return what a card and a package have in common, as it was agreed when it was ordered."""
    now = utcnow()
    return {
        "order_id": order.id,
        "product_id": line.product_id,
        "number": number,
        "client_id": order.client_id,
        "name": line.name,
        "currency": line.currency,
        "sold_by": order.sold_by,
        "created_at": now,
        "expires_at": None if line.valid_days is None else now + timedelta(days=line.valid_days),
    }
