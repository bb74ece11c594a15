"""What is to be bought: products by id or SKU, read once, priced, and each of them one line."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

from app.kit.errors import Invalid, NotFound
from app.kit.money import LARGEST_AMOUNT, Money
from app.models import MOST_PREPAID, MOST_UNITS, OrderLine, Product, ProductKind
from app.orders.errors import NotAvailable, PriceChanged
from app.orders.pricing import Tax
from app.products.errors import OutOfStock
from app.products.service import Called, products_for_sale
from app.products.stock import Standings


@dataclass(frozen=True, slots=True)
class Item:
    """So many units of a product, called by its id or its SKU; and what the caller has seen one to cost, if it says."""

    called: Called
    quantity: int
    unit_price: Money | None = None

    @property
    def named_by(self) -> str:
        """The field that names the product."""
        return "sku" if isinstance(self.called, str) else "product_id"


@dataclass(frozen=True, slots=True)
class Part:
    """One product of a basket; `index` is where it stands first in what was sent."""

    index: int
    product: Product
    quantity: int

    @property
    def amount(self) -> int:
        """What it costs."""
        return self.quantity * self.product.price_amount

    @property
    def shown(self) -> dict[str, object]:
        """What a refusal says of it."""
        return {"index": self.index, "product_id": self.product.id, "sku": self.product.sku}

    def line(self, position: int, tax: Tax) -> OrderLine:
        """Return the line that keeps its SKU, name, price and what it holds as they are now.

        What is paid ahead is taxed when it is used, on the invoice of what it is used for.
        """
        return OrderLine(
            position=position,
            product_id=self.product.id,
            kind=self.product.kind,
            sku=self.product.sku,
            name=self.product.name,
            quantity=self.quantity,
            unit_price_amount=self.product.price_amount,
            total_amount=self.amount,
            tax_amount=tax.on(self.amount) if self.product.kind is ProductKind.RETAIL else 0,
            currency=self.product.currency,
            card_amount=self.product.card_amount,
            package_visits=self.product.package_visits,
            package_service_id=self.product.package_service_id,
            valid_days=self.product.valid_days,
        )


Basket = Sequence[Part]


def read_basket(items: Sequence[Item]) -> Basket:
    """Return what is asked for, each product once, in the order of their first mention; one statement.

    Raises `NotFound` naming the field, `NotAvailable`, `PriceChanged`, and `Invalid` for too many of one product, or
    for more money than there is.
    """
    found = _products_of(items)
    _refuse_retired(part for part in found if not part.product.active)
    seen = ((part, items[part.index].unit_price) for part in found)
    _refuse_changed([(part, part.product.price) for part, price in seen if price not in {None, part.product.price}])
    basket = _joined(found)
    _refuse_too_much(basket)
    return basket


def out_of_stock(basket: Basket, can_be_had: Mapping[int, int]) -> OutOfStock:
    """Return the refusal that names the lines of which fewer `can_be_had` than are wanted."""
    short = [part for part in basket if can_be_had.get(part.product.id, part.quantity) < part.quantity]
    lines = [part.shown | {"requested": part.quantity, "available": can_be_had[part.product.id]} for part in short]
    errors = {f"items.{line['index']}": [f"{line['available']} can be had."] for line in lines}
    return OutOfStock(errors=errors, extra={"lines": lines})


def refuse_overtaken(basket: Basket, products: Standings) -> None:
    """Refuse what was retired, or has got another price, since the basket was read. Raises as `read_basket` does."""
    _refuse_retired(part for part in basket if not products[part.product.id].active)
    now = ((part, replace(part.product.price, amount=products[part.product.id].price_amount)) for part in basket)
    _refuse_changed([(part, price) for part, price in now if price != part.product.price])


def _products_of(items: Sequence[Item]) -> list[Part]:
    """Return each item with its product. Raises `NotFound` naming the first that names nothing."""
    products = products_for_sale([item.called for item in items])
    parts = []
    for index, item in enumerate(items):
        product = products.get(item.called)
        if product is None:
            raise NotFound.naming(f"items.{index}.{item.named_by}")
        parts.append(Part(index, product, item.quantity))
    return parts


def _refuse_retired(retired: Iterable[Part]) -> None:
    lines = [part.shown for part in retired]
    if lines:
        errors = {f"items.{line['index']}": [NotAvailable.title] for line in lines}
        raise NotAvailable(errors=errors, extra={"lines": lines})


def _refuse_changed(changed: Sequence[tuple[Part, Money]]) -> None:
    """Refuse where the price is this now, and another one was seen."""
    if changed:
        errors = {f"items.{part.index}.unit_price": [PriceChanged.title] for part, _ in changed}
        lines = [part.shown | {"unit_price": _shown(price)} for part, price in changed]
        raise PriceChanged(errors=errors, extra={"lines": lines})


def _joined(parts: Iterable[Part]) -> Basket:
    """Return one part for each product, with the sum of what is asked for of it. Raises `Invalid`."""
    joined: dict[int, Part] = {}
    for part in parts:
        first = joined.get(part.product.id)
        joined[part.product.id] = part if first is None else replace(first, quantity=first.quantity + part.quantity)
        most = MOST_UNITS if part.product.kind is ProductKind.RETAIL else MOST_PREPAID
        if joined[part.product.id].quantity > most:
            raise Invalid.field(f"items.{part.index}.quantity", f"At most {most} of one product.")
    return list(joined.values())


def _refuse_too_much(basket: Basket) -> None:
    if 2 * sum(part.amount for part in basket) > LARGEST_AMOUNT:  # twice: tax may double it
        raise Invalid.field("items", "This is more money than an order may come to.")


def _shown(price: Money) -> dict[str, object]:
    return {"amount": price.amount, "currency": price.currency}
