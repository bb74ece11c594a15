"""The verbs of documents: they are issued by what happens, and read."""

from sqlalchemy import Select

from app.extensions import db
from app.invoices import queries
from app.invoices.issuing import document_refund, issue_for_booking, issue_for_order
from app.invoices.queries import Filters
from app.kit.errors import NotFound
from app.models import Invoice
from app.security.actor import Actor

__all__ = [
    "Filters",
    "document_refund",
    "get_invoice",
    "issue_for_booking",
    "issue_for_order",
    "list_invoices",
]


def list_invoices(actor: Actor, filters: Filters) -> Select[Invoice]:
    """Return the select of the documents that the actor may see and that match."""
    return queries.matching(actor, filters)


def get_invoice(actor: Actor, invoice_id: int) -> Invoice:
    """Return one document. Raises `NotFound` where there is none or it is not the actor's to see."""
    found = queries.whole().where(Invoice.id == invoice_id, queries.visible_to(actor))
    invoice = db.session.scalars(found).one_or_none()
    if invoice is None:
        raise NotFound
    return invoice
