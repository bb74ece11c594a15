"""`/api/payments`: refunds, and what providers said."""

from typing import Any

from app.kit.errors import NotFound
from app.models import ProviderEvent, Refund, Role
from app.payments import service
from app.payments.errors import NotByHand, PrepaidWholeOnly, ReceiptUsed, RefundExceedsPayment, WholeVisitOnly
from app.payments.queries import pending_refunds
from app.payments.refund_schemas import (
    EventsQuery,
    PaidOutIn,
    ProviderEventOut,
    RefundIn,
    RefundOut,
    RefundsQuery,
)
from app.payments.service import WantedRefund
from app.prepaid.errors import PrepaidUsed
from app.security.guards import current_actor, roles
from app.security.resumption import begun_by
from app.transactions import transactional
from app.web.blueprint import Blueprint, created
from app.web.pagination import paginate
from app.web.schemas import list_of

blueprint = Blueprint("refunds", __name__, url_prefix="/api/payments")


def _ask_back(wanted: WantedRefund) -> int:
    return service.ask_back(current_actor(), wanted).id


@blueprint.post("/refund")
@roles(Role.ADMIN)
@blueprint.arguments(RefundIn)
@begun_by(_ask_back)
@blueprint.response(201, RefundOut)
@blueprint.refuses(NotFound, RefundExceedsPayment, WholeVisitOnly, PrepaidWholeOnly, PrepaidUsed)
def refund(refund_id: int, *, again: bool) -> Any:  # noqa: ARG001  # a refund may be carried out again
    """Give money back, whole or in part, as often as wished until nothing is left of the payment.

    It goes back by the way it came. `items` of an order that was handed over come back to the stock with it. While its
    provider does not answer, a refund is pending, and tried again.
    """
    made = service.carry_out(refund_id)
    return created(made, f"/api/payments/{made.payment_id}/refunds")


@blueprint.get("/refunds")
@roles(Role.ADMIN)
@blueprint.arguments(RefundsQuery, location="query")
@blueprint.response(200, list_of(RefundOut))
def list_waiting(query: dict[str, Any]) -> Any:
    """List what is on its way back, the oldest first: it waits for its provider, or for you to pay it out by hand."""
    return paginate(pending_refunds(), {"created_at": Refund.created_at}, query)


@blueprint.post("/refunds/<id:refund_id>/paid-out")
@roles(Role.ADMIN)
@blueprint.arguments(PaidOutIn)
@transactional
@blueprint.response(200, RefundOut)
@blueprint.refuses(NotFound, NotByHand, ReceiptUsed)
def pay_out(fields: dict[str, Any], refund_id: int) -> Any:
    """Say that you have paid out a refund whose provider does not (`failure.code` is `pay_out_by_hand`).

    The receipt of one transfer for several refunds is told at one of them.
    """
    return service.pay_out(current_actor(), refund_id, **fields)


@blueprint.get("/events")
@roles(Role.ADMIN)
@blueprint.arguments(EventsQuery, location="query")
@blueprint.response(200, list_of(ProviderEventOut))
def list_events(query: dict[str, Any]) -> Any:
    """List what providers said: `verdict=mismatch` and `unknown` are for people to look at; they were not applied."""
    return paginate(service.list_events(query["verdict"]), {"received_at": ProviderEvent.received_at}, query)
