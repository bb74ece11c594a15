"""`/api/invoices`: what was billed, and what of it was taken back."""

from typing import Any

from flask import Response

from app.diary.openings import wall_seconds
from app.documents.errors import Busy
from app.extensions import business
from app.invoices import service
from app.invoices.schemas import InvoiceOut, InvoicesQuery
from app.kit.intervals import to_instant
from app.models import Invoice
from app.models.diary import DAY_MINUTES
from app.security.guards import current_actor, signed_in
from app.transactions import reading
from app.web.blueprint import Blueprint
from app.web.pagination import paginate
from app.web.pdf import MEDIA_TYPE, PDF, FormatQuery, json_answer, pdf_answer, wants_pdf
from app.web.schemas import list_of

blueprint = Blueprint("invoices", __name__, url_prefix="/api/invoices")
of_payments = Blueprint("payment_invoices", __name__, url_prefix="/api/payments")

SORTS = {"issued_at": Invoice.issued_at}


@blueprint.get("")
@signed_in
@blueprint.arguments(InvoicesQuery, location="query")
@blueprint.response(200, list_of(InvoiceOut))
def list_all(query: dict[str, Any]) -> Any:
    """List the invoices, credit notes and refund receipts that you may see.

    Clients see their own, owners those of their spaces too, staff and admins all.
    """
    return _page(query)


@of_payments.get("/invoices")
@signed_in
@of_payments.arguments(InvoicesQuery, location="query")
@of_payments.response(200, list_of(InvoiceOut))
def list_beside_payments(query: dict[str, Any]) -> Any:
    """List the same as `/api/invoices`."""
    return _page(query)


@blueprint.get("/<id:invoice_id>")
@signed_in
@blueprint.arguments(FormatQuery, location="query")
@blueprint.response(200, InvoiceOut)
@blueprint.also_answers(MEDIA_TYPE, PDF)
@blueprint.refuses(Busy)
def read(query: dict[str, Any], invoice_id: int) -> Any:
    """Read a document as JSON, or with `Accept: application/pdf` or `?format=pdf` as a file to print.

    It is the same each time, whatever becomes of the booking, the order, or the business's address.
    """
    with reading():  # ended before the file is drawn
        invoice = service.get_invoice(current_actor(), invoice_id)
    return _file(invoice) if wants_pdf(query["format"]) else json_answer(invoice)


def _page(query: dict[str, Any]) -> dict[str, Any]:
    first, last = query["first"], query["last"]
    filters = service.Filters(
        first=first and to_instant(wall_seconds(first, 0, business.timezone)),
        last=last and to_instant(wall_seconds(last, DAY_MINUTES, business.timezone)),
        kind=query["kind"],
        booking_id=query["booking_id"],
        order_id=query["order_id"],
    )
    return paginate(service.list_invoices(current_actor(), filters), SORTS, query)


def _file(invoice: Invoice) -> Response:
    from app.documents.invoice import render_invoice  # noqa: PLC0415  # half a second that few need

    return pdf_answer(render_invoice(invoice), invoice.number)
