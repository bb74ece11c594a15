"""`/api/sales`: what is rung up at the counter."""

from typing import Any

from app.kit.errors import NotFound
from app.orders.errors import NotAvailable, PriceChanged, TooManyLines
from app.orders.permissions import SELLERS
from app.orders.schemas import OrderOut
from app.products.errors import OutOfStock
from app.sales import service
from app.sales.schemas import SaleIn
from app.security.guards import current_actor, roles
from app.security.idempotency import idempotent
from app.transactions import transactional
from app.web.blueprint import Blueprint, created
from app.web.rehearsal import rehearsable

blueprint = Blueprint("sales", __name__, url_prefix="/api/sales")


@blueprint.post("")
@roles(*SELLERS)
@blueprint.arguments(SaleIn)
@transactional
@idempotent
@rehearsable
@blueprint.response(201, OrderOut)
@blueprint.refuses(NotFound, NotAvailable, PriceChanged, OutOfStock, TooManyLines)
def create(wanted: service.Wanted) -> Any:
    """Sell products to whoever stands there: an order that is paid and handed over at once.

    With `booking_id` it is sold at a visit, to its client. A package is sold to a client only.
    """
    order = service.sell(actor=current_actor(), wanted=wanted)
    return created(order, f"/api/orders/{order.id}")
