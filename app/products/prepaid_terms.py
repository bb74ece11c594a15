"""What a package or a gift card holds once it is bought: the terms by which it is sold from now on."""

from typing import Any

from app.kit.errors import Invalid, NotFound
from app.models import Product, ProductKind
from app.services.service import get_services

Terms = dict[str, Any]


def write_terms(product: Product, package: Terms | None, gift_card: Terms | None) -> None:
    """Give a product the terms that its kind has. Those that were sold before keep theirs.

    A new gift card is worth what it costs, if nothing else is said. Raises `Invalid` naming `package` or `gift_card`
    where one is missing, or of another kind, and `NotFound` naming the service.
    """
    if package is not None:
        _write_package(product, package)
    elif product.kind is ProductKind.PACKAGE and product.package_visits is None:
        raise Invalid.field("package", "A package needs it.")
    if gift_card is not None or product.kind is ProductKind.GIFT_CARD:
        _write_gift_card(product, gift_card or {})


def _write_package(product: Product, terms: Terms) -> None:
    if product.kind is not ProductKind.PACKAGE:
        raise Invalid.field("package", "Only a package has it.")
    if not get_services([terms["service_id"]]):
        raise NotFound.naming("package.service_id")
    product.package_service_id = terms["service_id"]
    product.package_visits, product.valid_days = terms["visits"], terms["valid_days"]


def _write_gift_card(product: Product, terms: Terms) -> None:
    if product.kind is not ProductKind.GIFT_CARD:
        raise Invalid.field("gift_card", "Only a gift card has it.")
    if "value" in terms:
        product.card_amount = terms["value"].amount
    elif product.card_amount is None:
        product.card_amount = product.price_amount
    if "valid_days" in terms:
        product.valid_days = terms["valid_days"]
    if product.card_amount < 1:
        raise Invalid.field("gift_card.value", "Must be at least 1.")
