"""`/api/orders`: what clients buy, pay and fetch."""

from typing import Any

from app.kit.errors import NotFound
from app.models import FulfilmentStatus, Order, OrderHistory
from app.orders import service
from app.orders.errors import InvalidTransition, NotAvailable, PriceChanged, TooManyLines
from app.orders.permissions import SELLERS
from app.orders.schemas import (
    CancelIn,
    OrderChangeOut,
    OrderChangesIn,
    OrderHistoryQuery,
    OrderIn,
    OrderOut,
    OrdersQuery,
)
from app.prepaid.errors import PrepaidUsed
from app.products.errors import OutOfStock
from app.security.guards import current_actor, roles, signed_in
from app.security.idempotency import idempotent
from app.security.limits import limited_bookings
from app.transactions import transactional
from app.users.errors import ClientBlocked
from app.web.blueprint import Blueprint, created
from app.web.pagination import paginate
from app.web.preconditions import seen_version, versioned
from app.web.rehearsal import rehearsable
from app.web.schemas import list_of

blueprint = Blueprint("orders", __name__, url_prefix="/api/orders")

SORTS = {"created_at": Order.created_at, "total": Order.total_amount}


@blueprint.post("")
@signed_in
@limited_bookings
@blueprint.arguments(OrderIn)
@transactional
@idempotent
@rehearsable
@blueprint.response(201, OrderOut)
@blueprint.refuses(NotFound, ClientBlocked, NotAvailable, PriceChanged, OutOfStock, TooManyLines)
def create(wanted: service.Wanted) -> Any:
    """Order products: all of them are kept for you, or none.

    Unpaid it expires after half an hour, unless the business says otherwise, and its goods are free again. A refusal
    names the lines: `out_of_stock` with what can be had, `price_changed` with the price now.
    """
    order = service.place_order(actor=current_actor(), wanted=wanted)
    return created(order, f"/api/orders/{order.id}")


@blueprint.get("")
@signed_in
@blueprint.arguments(OrdersQuery, location="query")
@blueprint.response(200, list_of(OrderOut))
def list_all(query: dict[str, Any]) -> Any:
    """List the orders that you may see, sales at the counter among them."""
    filters = service.Filters(**{name: query[name] for name in service.Filters.__slots__})
    return paginate(service.list_orders(current_actor(), filters), SORTS, query)


@blueprint.get("/<id:order_id>")
@signed_in
@blueprint.response(200, OrderOut)
def read(order_id: int) -> Any:
    """Read one order."""
    return service.get_order(current_actor(), order_id)


@blueprint.get("/<id:order_id>/history")
@signed_in
@blueprint.arguments(OrderHistoryQuery, location="query")
@blueprint.response(200, list_of(OrderChangeOut))
def history(query: dict[str, Any], order_id: int) -> Any:
    """List what happened to an order, oldest first."""
    return paginate(service.order_history(current_actor(), order_id), {"at": OrderHistory.at}, query)


@blueprint.post("/<id:order_id>/cancel")
@signed_in
@versioned
@blueprint.arguments(CancelIn)
@transactional
@blueprint.response(200, OrderOut)
@blueprint.refuses(InvalidTransition, PrepaidUsed)
def cancel(fields: dict[str, Any], order_id: int) -> Any:
    """Cancel your own open order, or as an admin any, before it is handed over; what was paid goes back by itself.

    Cancelling what is cancelled succeeds and changes nothing.
    """
    return service.cancel(current_actor(), order_id, **fields, seen=seen_version())


@blueprint.patch("/<id:order_id>")
@roles(*SELLERS)
@versioned
@blueprint.arguments(OrderChangesIn)
@transactional
@blueprint.response(200, OrderOut)
@blueprint.refuses(InvalidTransition)
def change(fields: dict[str, Any], order_id: int) -> Any:
    """Say how far an order has come: ready, shipped where it is brought, fulfilled; forward only.

    From the first step on it does not expire any more, and with the first of shipped and fulfilled its goods leave the
    stock. Paid and fulfilled, it is completed.
    """
    to = FulfilmentStatus(fields["fulfilment_status"])
    return service.fulfil(current_actor(), order_id, to, seen=seen_version())
