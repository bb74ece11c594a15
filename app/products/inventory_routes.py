"""`/api/inventory`: how much there is of what is sold, and what came and went."""

from typing import Any

from app.models import Product, Role, StockMovement
from app.products import inventory
from app.products.errors import NotTracked, OutOfStock, StockReserved, TooMuchStock
from app.products.inventory_schemas import StockIn, StockMovementOut, StockMovementsQuery, StockOut, StockQuery
from app.security.guards import current_actor, roles
from app.security.idempotency import idempotent
from app.transactions import transactional
from app.web.blueprint import Blueprint
from app.web.pagination import paginate
from app.web.preconditions import seen_version, versioned
from app.web.schemas import list_of

blueprint = Blueprint("inventory", __name__, url_prefix="/api/inventory")

SORTS = {"sku": Product.sku_key, "name": Product.name}
LEDGER = {"created_at": StockMovement.id}
"""The ids of a product's movements are in the order in which they came about; a clock may go back."""


@blueprint.get("")
@roles(Role.STAFF, Role.ADMIN)
@blueprint.arguments(StockQuery, location="query")
@blueprint.response(200, list_of(StockOut))
def list_all(query: dict[str, Any]) -> Any:
    """List how much there is of everything of which stock is kept, retired products too.

    `low_stock=true` lists what is on sale and has fallen to its reorder level.
    """
    return paginate(inventory.list_stock(query["q"], query["low_stock"]), SORTS, query)


@blueprint.get("/<text:sku>")
@roles(Role.STAFF, Role.ADMIN)
@blueprint.response(200, StockOut)
def read(sku: str) -> Any:
    """Read how much there is of one product; capitals make no difference."""
    return inventory.get_stock(sku)


@blueprint.put("/<text:sku>/stock")
@roles(Role.STAFF, Role.ADMIN)
@versioned
@blueprint.arguments(StockIn)
@transactional
@idempotent
@blueprint.response(200, StockOut)
@blueprint.refuses(NotTracked, StockReserved, OutOfStock, TooMuchStock)
def set_stock(fields: dict[str, Any], sku: str) -> Any:
    """Add to what is on hand, or take from it, by `delta`; or say by `on_hand` what was counted.

    A positive delta for the reason `receipt` is a receipt, any other change a correction. Send a count with
    `If-Match`, so that what was sold since you read the product is not undone.
    """
    return inventory.set_stock(sku, fields, current_actor().id, seen=seen_version())


@blueprint.get("/<text:sku>/movements")
@roles(Role.STAFF, Role.ADMIN)
@blueprint.arguments(StockMovementsQuery, location="query")
@blueprint.response(200, list_of(StockMovementOut))
def list_movements(query: dict[str, Any], sku: str) -> Any:
    """List what came and went of a product, the latest first, and how much there was after each."""
    return paginate(inventory.list_movements(sku, query["kind"]), LEDGER, query)
