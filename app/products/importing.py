"""Many products at once from a table: each line is judged by itself, and what is wrong with one stops no other."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.extensions import db
from app.kit.csv_text import Line, plain
from app.kit.errors import Invalid, NotFound
from app.models import MovementKind, Product, ProductCategory
from app.products import queries, stock
from app.products.categories import category_named
from app.products.errors import SkuTaken
from app.products.service import new_product, rewrite
from app.products.sheet import BadLine, counted_in, fields_of
from app.products.skus import sku_key
from app.transactions import refusing

Errors = dict[str, list[str]]


class Outcome(StrEnum):
    """What has become of a line."""

    CREATED = "created"
    UPDATED = "updated"
    UNCHANGED = "unchanged"
    REFUSED = "refused"


@dataclass(slots=True)
class Verdict:
    """What has become of one line, and why: what is wrong with it, and what was not listened to, by column."""

    line: int
    sku: str
    verdict: Outcome = Outcome.REFUSED
    errors: Errors = field(default_factory=dict)
    notes: Errors = field(default_factory=dict)


class Headings(dict[str, ProductCategory]):
    """The categories of a table, each looked up, or made, once."""

    def __missing__(self, name: str) -> ProductCategory:
        """Find it, or make it."""
        found = self[name] = category_named(name)
        return found


def import_products(lines: Sequence[Line], actor_id: int) -> list[Verdict]:
    """Create or change the product of each line that is good; return the verdicts in the order of the lines.

    The stock of a product that is there already stays: that is what its ledger is for. Lines are worked through in the
    order of their SKUs, so that two imports at once wait for each other, and not in a circle.
    """
    keys = [sku_key(_sku(line).strip()) for line in lines]
    known = {one.sku_key: one for one in db.session.scalars(queries.products_kept(keys))}
    verdicts = [Verdict(line.number, _sku(line)[:100]) for line in lines]
    first: dict[str, int] = {}
    receipts: dict[int, int] = {}
    headings = Headings()
    for key, line, verdict in sorted(zip(keys, lines, verdicts, strict=True), key=lambda one: (one[0], one[1].number)):
        if first.setdefault(key, line.number) != line.number:
            verdict.errors = {"sku": [f"Line {first[key]} has it already."]}
        else:
            receipts |= _carry_out(line, known.get(key), verdict, headings)
    stock.receive(receipts, stock.Because(actor_id, MovementKind.RECEIPT))
    return verdicts


def _carry_out(line: Line, present: Product | None, verdict: Verdict, headings: Headings) -> dict[int, int]:
    """Do what a line says, or nothing of it; return what is to be received of a new product."""
    try:
        with refusing("sku_key", SkuTaken):
            return _create(line, verdict, headings) if present is None else _change(line, present, verdict, headings)
    except BadLine as wrong:
        verdict.errors = wrong.errors
    except (Invalid, NotFound) as refusal:
        verdict.errors = BadLine(refusal.errors).errors
    except SkuTaken as refusal:
        verdict.errors = {"sku": [refusal.detail]}
    verdict.verdict = Outcome.REFUSED
    headings.clear()  # what the line had made is unmade
    return {}


def _create(line: Line, verdict: Verdict, headings: Headings) -> dict[int, int]:
    counted_in(line)
    fields = fields_of(line, None)
    product = new_product(fields, headings.__getitem__)
    db.session.flush()
    verdict.verdict = Outcome.CREATED
    return {product.id: fields["on_hand"]} if fields.get("on_hand") else {}


def _change(line: Line, present: Product, verdict: Verdict, headings: Headings) -> dict[int, int]:
    on_hand, fields = counted_in(line), fields_of(line, present)
    before = present.version
    rewrite(present, fields, headings.__getitem__)
    db.session.flush()
    if on_hand is not None and on_hand != present.on_hand:
        verdict.notes = {"on_hand": [f"Stays {present.on_hand}: stock is set by PUT /api/inventory/{{sku}}/stock."]}
    verdict.verdict = Outcome.UNCHANGED if present.version == before else Outcome.UPDATED
    return {}


def _sku(line: Line) -> str:
    """Return what a line calls its product, without what no database takes: such a line is refused in a moment."""
    return plain(line.cells.get("sku", "")).replace("\0", "")


def summary(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return the verdicts, and how many there are of each kind."""
    counts = {outcome.value: sum(one.verdict is outcome for one in verdicts) for outcome in Outcome}
    return {**counts, "rows": verdicts}
