"""What is going to be on a document, without a database."""

import random

from app.invoices.drafts import of_order
from app.models import Order, OrderLine, ProductKind
from app.orders.pricing import Tax, totals_of

BASKETS = 5_000


def order_of(random_: random.Random) -> Order:
    """Return an order of up to twenty lines, taxed by some rate, in or on top of its prices."""
    tax = Tax(random_.choice([0, 50_000, 77_000, 160_000, 200_000, 999_999]), inclusive=random_.random() < 0.5)
    lines = []
    for position in range(random_.randint(1, 20)):
        kind, quantity = random_.choice(list(ProductKind)), random_.randint(1, 10_000)
        price = random_.choice([0, 1, 3, 99, 100, 12_345, 10**9])
        taxed = tax.on(quantity * price) if kind is ProductKind.RETAIL else 0
        line = OrderLine(position=position, kind=kind, name="Thing", sku=f"S-{position}", quantity=quantity)
        line.unit_price_amount, line.total_amount, line.tax_amount = price, quantity * price, taxed
        lines.append(line)
    totals = totals_of(((line.total_amount, line.tax_amount) for line in lines), inclusive=tax.inclusive)
    sums = {"subtotal_amount": totals.subtotal, "tax_amount": totals.tax, "total_amount": totals.total}
    order = Order(reference="OR-1", currency="KES", lines=lines, paid_amount=totals.total, **sums)
    order.tax_rate_millionths, order.tax_inclusive = tax.millionths, tax.inclusive
    return order


def test_an_invoice_is_its_order() -> None:
    """PAY-48: of thousands of baskets each, to the minor unit, line by line and in all."""
    random_ = random.Random(48)  # noqa: S311  # no secret
    for _ in range(BASKETS):
        order = order_of(random_)
        draft = of_order(order)
        assert draft.amounts == {name: getattr(order, name) for name in draft.amounts}
        assert [(line.amount, line.tax) for line in draft.lines] == [
            (line.total_amount, line.tax_amount) for line in order.lines
        ]
        assert {line.tax_rate for line in draft.lines if line.tax} <= {order.tax_rate_millionths}
