"""How many SQL statements the shop's catalogue and stock cost: a fixed number, however much there is."""

from typing import Any

import pytest

from app.extensions import db
from app.models import Product, ProductCategory
from app.products import stock
from app.products.service import products_for_sale
from app.transactions import transaction
from tests.api import Api
from tests.conftest import CountStatements
from tests.factories import make_booking, make_image, make_product, make_service, make_staff, make_user

BODY = {"sku": "NEW", "name": "Soap", "price": {"amount": 1}}

COSTS: dict[str, tuple[int, str, str, Any]] = {
    # what is asked: statements, method, path, body. A token costs one.
    "products": (3, "GET", "/api/products?limit=100", None),
    "products, every filter": (
        4,
        "GET",
        "/api/products?limit=100&q=p&category=Care&price_min=1&in_stock=true&active=true&sort=-price",
        None,
    ),
    "a product": (3, "GET", "/api/products/{id}", None),
    "a new product": (3, "POST", "/api/products", BODY),
    "a new product, some of it there": (7, "POST", "/api/products", BODY | {"on_hand": 5}),
    "a product changed": (4, "PATCH", "/api/products/{id}", {"name": "Balm"}),
    "stock": (2, "GET", "/api/inventory?limit=100", None),
    "low stock": (2, "GET", "/api/inventory?limit=100&low_stock=true&q=s", None),
    "stock of one": (2, "GET", "/api/inventory/SKU", None),
    "its movements": (3, "GET", "/api/inventory/SKU/movements?limit=100", None),
    "a delivery": (5, "PUT", "/api/inventory/SKU/stock", {"delta": 5, "reason": "receipt"}),
    "a count": (6, "PUT", "/api/inventory/SKU/stock", {"on_hand": 5, "reason": "counted"}),
    "a table": (2, "GET", "/api/products/export.csv", None),
}


def build(size: int) -> Product:
    """Write so many products, each with a picture, and so many movements of the first."""
    care = ProductCategory(name="Care")
    with transaction():
        db.session.add(care)
    first, *_others = (make_product(9, sku="SKU" if n == 0 else f"SKU{n}", category_id=care.id) for n in range(size))
    for product in (first, *_others):
        make_image(product_id=product.id)
    with transaction():
        for n in range(size):
            stock.adjust(first.id, n + 1, stock.Because(reason="receipt"))
    return first


@pytest.mark.parametrize("size", [1, 3, 30])
@pytest.mark.parametrize("what", COSTS)
def test_a_request_costs(api: Api, admin: str, count_statements: CountStatements, what: str, size: int) -> None:
    """The same with one, three and thirty of everything."""
    expected, method, path, body = COSTS[what]
    product = build(size)
    with count_statements() as statements:
        answer = api.call(method, path.format(id=product.id), json=body, token=admin)
    assert answer.status_code < 300, answer.json
    assert len(statements) == expected, "\n\n".join(statements)


@pytest.mark.parametrize("size", [1, 3, 30])
def test_baskets_cost(count_statements: CountStatements, size: int) -> None:
    """Looked up in one statement, by id and by SKU; taken and used in two or three, whatever is in them."""
    products = [make_product(9) for _ in range(size)]
    booking = make_booking(make_user(), make_service(), make_staff(), products[0].created_at)
    quantities = {product.id: 2 for product in products}
    costs = []
    with transaction():
        with count_statements() as statements:
            found = products_for_sale([one.id if one.id % 2 else one.sku.lower() for one in products])
        costs.append(len(statements))
        with count_statements() as statements:
            stock.consume(quantities, stock.Because(booking_id=booking.id))
        costs.append(len(statements))
    assert len(found) == size
    assert costs == [1, 3]
