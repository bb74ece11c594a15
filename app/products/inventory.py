"""The verbs of stock as people see it: how much there is, what came and went, and what was counted."""

from typing import Any

from sqlalchemy import Select

from app.extensions import db
from app.kit.errors import NotFound
from app.kit.versions import Seen, require_version
from app.models import MovementKind, Product, StockMovement
from app.products import queries, stock
from app.products.skus import sku_key


def list_stock(q: str | None, low_stock: bool | None) -> Select[Product]:
    """Return the select of the products of which stock is kept, retired ones too."""
    return queries.stock(q, low_stock)


def get_stock(sku: str) -> Product:
    """Return the product of a SKU, whatever its capitals; one of which no stock is kept too. Raises `NotFound`."""
    return _one(queries.with_category().where(Product.sku_key == sku_key(sku)))


def set_stock(sku: str, fields: dict[str, Any], actor_id: int, *, seen: Seen = None) -> Product:
    """Add a `delta`, or set `on_hand` to what was counted; for a `reason`.

    Raises `NotFound`, `StaleVersion`, `NotTracked`, `StockReserved`, `OutOfStock`, `TooMuchStock`.
    """
    product = _one(queries.product_kept(sku_key(sku)))
    require_version(product.version, seen)
    because = stock.Because(actor_id, fields["reason"])
    if "delta" in fields:
        stock.adjust(product.id, fields["delta"], because)
    else:
        stock.count(product.id, fields["on_hand"], because)
    db.session.refresh(product)
    return product


def list_movements(sku: str, kind: MovementKind | None) -> Select[StockMovement]:
    """Return the select of a product's movements. Raises `NotFound`."""
    return queries.movements(get_stock(sku).id, kind)


def _one(wanted: Select[Product]) -> Product:
    product = db.session.scalars(wanted).one_or_none()
    if product is None:
        raise NotFound
    return product
