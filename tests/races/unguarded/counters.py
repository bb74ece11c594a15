"""Without a guard of what is counted: whoever saw a number writes back the next one."""

from typing import Any

from sqlalchemy import func, select, update

from app.extensions import BULK, db
from app.invoices import issuing
from app.kit.rating import STARS
from app.models import Invoice, InvoiceKind
from app.reviews import counters
from tests.races.unguarded.leaving_out import Function, instead_of, looking

COUNTS = [f"rating_{stars}" for stars in STARS]


@instead_of(counters, "_step", "count")
def count_in_python(_real: Function, rated: Any, ids: tuple[int, ...], steps: list[tuple[int, int]]) -> None:
    """Read the counts, let go of what is locked, and write back what they should be."""
    with looking():
        found = [db.session.get_one(rated, one, populate_existing=True) for one in ids]
        seen = {one.id: {name: getattr(one, name) for name in COUNTS} for one in found}
    for stars, by in steps:
        for counts in seen.values():
            counts[f"rating_{stars}"] += by
    for thing_id, counts in seen.items():
        db.session.execute(update(rated).where(rated.id == thing_id).values(counts), execution_options=BULK)


@instead_of(issuing, "next_number", "numbers")
def take_the_next_number(_real: Function, kind: InvoiceKind, year: int) -> int:
    """Look for the highest number, let go, and take the one behind it."""
    with looking():
        highest = db.session.scalar(
            select(func.max(Invoice.sequence)).where(Invoice.kind == kind, Invoice.year == year)
        )
    return (highest or 0) + 1
