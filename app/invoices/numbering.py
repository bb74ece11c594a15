"""Numbers without a gap: a row for each series and year, changed by whoever issues and locked until that commits.

A rolled back number is given out again. A sequence of the database would leave gaps; the highest number plus one,
without the row, would be taken by two.
"""

from sqlalchemy import case, func, select

from app.extensions import db
from app.kit.inserts import insert_into
from app.models import Invoice, InvoiceKind, InvoiceSeries


def next_number(kind: InvoiceKind, year: int) -> int:
    """Return the next number of a series in a year, and keep others waiting for theirs: call it last.

    It goes on behind the highest one there is, also where somebody has imported documents past the counter.
    """
    used = select(func.max(Invoice.sequence)).where(Invoice.kind == kind, Invoice.year == year)
    highest = func.coalesce(used.scalar_subquery(), 0)
    last = case((InvoiceSeries.last >= highest, InvoiceSeries.last), else_=highest)
    counter = insert_into(InvoiceSeries, db.session.connection().dialect.name)
    first = counter.values(kind=kind, year=year, last=highest + 1)
    counted = first.on_conflict_do_update(index_elements=["kind", "year"], set_={"last": last + 1})
    return int(db.session.execute(counted.returning(InvoiceSeries.last)).scalar_one())
