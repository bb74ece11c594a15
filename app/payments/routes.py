"""`/api/payments`: what is paid for bookings and orders, and what goes back."""

from typing import Any

from flask import Response

from app.documents.errors import Busy
from app.extensions import business
from app.kit.errors import Forbidden, NotFound
from app.models import Payment, Refund
from app.payments import service
from app.payments.errors import (
    NothingDue,
    NotPayable,
    PaidInPart,
    PaymentInProgress,
    ProviderNotConfigured,
    ProviderUnavailable,
)
from app.payments.queries import Filters
from app.payments.refund_schemas import RefundOut, RefundsQuery
from app.payments.schemas import (
    BookingDepositIn,
    MethodsOut,
    PaymentIn,
    PaymentOut,
    PaymentsQuery,
    ReceiptOut,
)
from app.payments.service import Wanted
from app.payments.service.receipts import Receipt
from app.prepaid.errors import InsufficientBalance, NoPackage, PrepaidDisputed, PrepaidExpired, PrepaidVoid
from app.security.guards import current_actor, public, signed_in
from app.security.limits import limited_codes
from app.security.resumption import begun_by
from app.transactions import end_reading, reading
from app.web.blueprint import Blueprint, created
from app.web.pagination import paginate
from app.web.pdf import MEDIA_TYPE, PDF, FormatQuery, json_answer, pdf_answer, wants_pdf
from app.web.schemas import list_of

blueprint = Blueprint("payments", __name__, url_prefix="/api/payments")

BEGINNING = (NotFound, Forbidden, ProviderNotConfigured, NotPayable, NothingDue, PaymentInProgress, ProviderUnavailable)
SPENDING = (NoPackage, PaidInPart, InsufficientBalance, PrepaidExpired, PrepaidVoid, PrepaidDisputed)


def _begin(wanted: Wanted) -> int:
    return service.begin(current_actor(), wanted).id


@blueprint.get("/providers")
@public
@blueprint.response(200, MethodsOut)
def list_methods() -> Any:
    """List how one may pay here."""
    return {"items": service.methods()}


@blueprint.post("")
@signed_in
@limited_codes
@blueprint.arguments(PaymentIn)
@begun_by(_begin)
@blueprint.response(201, PaymentOut)
@blueprint.refuses(*BEGINNING, *SPENDING)
def create(payment_id: int, *, again: bool) -> Any:
    """Pay for a booking or an order: your own, or as staff or admin any that you see.

    Cards and M-Pesa go on in `next_action`, and `status` says how far it has come; everything else is paid at once. A
    provider that does not answer: 503, and the payment stays pending until that is found out; repeat the request under
    the same Idempotency-Key. At most one payment at a time waits for each booking or order. With a `code`, asked as
    seldom as one may sign in.
    """
    return created(service.carry_on(payment_id, again=again), f"/api/payments/{payment_id}")


@blueprint.post("/deposit")
@signed_in
@limited_codes
@blueprint.arguments(BookingDepositIn)
@begun_by(_begin)
@blueprint.response(201, PaymentOut)
@blueprint.refuses(*BEGINNING, *SPENDING)
def create_deposit(payment_id: int, *, again: bool) -> Any:
    """Pay the deposit of a booking, in the same way."""
    return created(service.carry_on(payment_id, again=again), f"/api/payments/{payment_id}")


@blueprint.get("")
@signed_in
@blueprint.arguments(PaymentsQuery, location="query")
@blueprint.response(200, list_of(PaymentOut))
def list_all(query: dict[str, Any]) -> Any:
    """List the payments that you may see."""
    filters = Filters(**{name: query[name] for name in Filters.__slots__})
    found = service.list_payments(current_actor(), filters)
    page = paginate(found, {"created_at": Payment.created_at}, query)
    service.conceal(current_actor(), *page["items"])
    return page


@blueprint.get("/<id:payment_id>")
@signed_in
@blueprint.response(200, PaymentOut)
def read(payment_id: int) -> Any:
    """Read one payment."""
    payment = service.get_payment(current_actor(), payment_id)
    service.conceal(current_actor(), payment)
    return payment


@blueprint.get("/<id:payment_id>/refunds")
@signed_in
@blueprint.arguments(RefundsQuery, location="query")
@blueprint.response(200, list_of(RefundOut))
def list_refunds(query: dict[str, Any], payment_id: int) -> Any:
    """List what goes back of a payment, or is back."""
    return paginate(service.list_refunds(current_actor(), payment_id), {"created_at": Refund.created_at}, query)


@blueprint.get("/<id:payment_id>/receipt")
@signed_in
@blueprint.arguments(FormatQuery, location="query")
@blueprint.response(200, ReceiptOut)
@blueprint.also_answers(MEDIA_TYPE, PDF)
@blueprint.refuses(Busy)
def read_receipt(query: dict[str, Any], payment_id: int) -> Any:
    """Read the receipt of a payment that has come: JSON, or with `Accept: application/pdf` or `?format=pdf` a file.

    There is none of one that has not come: 404.
    """
    with reading():  # ended before the file is drawn
        receipt = service.receipt_of(current_actor(), payment_id)
    return _file(receipt) if wants_pdf(query["format"]) else json_answer(receipt)


@blueprint.post("/<id:payment_id>/sync")
@signed_in
@blueprint.response(200, PaymentOut)
@blueprint.refuses(ProviderUnavailable)
def sync(payment_id: int) -> Any:
    """Ask the provider what has become of a payment."""
    actor = current_actor()
    service.get_payment(actor, payment_id)
    end_reading()
    payment = service.sync(payment_id)
    service.conceal(actor, payment)
    return payment


@blueprint.post("/<id:payment_id>/cancel")
@signed_in
@blueprint.response(200, PaymentOut)
@blueprint.refuses(ProviderUnavailable)
def cancel(payment_id: int) -> Any:
    """Give a payment up that has not come: another one can be begun. It may just have come; then it has succeeded."""
    actor = current_actor()
    service.get_payment_to_pay(actor, payment_id)
    end_reading()
    payment = service.give_up(payment_id)
    service.conceal(actor, payment)
    return payment


def _file(receipt: Receipt) -> Response:
    from app.documents.receipt import PaidFor, render_receipt  # noqa: PLC0415  # half a second that few need

    paid_for = PaidFor(receipt.reference, receipt.client_name)
    return pdf_answer(render_receipt(receipt.payment, paid_for, business), receipt.payment.reference)
