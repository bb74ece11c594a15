"""Many products at once from a table: each line is judged by itself, and what is wrong with one stops no other."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from app.extensions import db
from app.kit.csv_text import Line, plain
from app.kit.errors import Invalid, NotFound
from app.models import MovementKind, Product
from app.products import queries, stock
from app.products.errors import SkuTaken
from app.products.headings import Headings
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


@dataclass(frozen=True, slots=True)
class Entry:
    """What a line says of the product of a SKU's key, and its verdict to be."""

    key: str
    line: Line
    fields: dict[str, Any]
    verdict: Verdict


def import_products(lines: Sequence[Line], actor_id: int) -> list[Verdict]:
    """Create or change the product of each line that is good; return the verdicts in the order of the lines.

    The stock of a product that is there already stays: that is what its ledger is for. Of the lines of one SKU the
    first good one counts.

    Two imports at once wait for each other, and not in a circle: products that are there are locked by their ids, then
    categories made by their names, then products by their SKUs.
    """
    keys = [sku_key(_sku(line).strip()) for line in lines]
    known = {one.sku_key: one for one in db.session.scalars(queries.products_kept(keys))}
    verdicts = [Verdict(line.number, _sku(line)[:100]) for line in lines]
    entries = [_read(*one, known) for one in zip(keys, lines, verdicts, strict=True)]
    good = sorted((one for one in entries if one), key=lambda one: (one.key, one.line.number))
    named = {one.fields.get("category") for one in good}
    headings = Headings([name for name in named if name])
    receipts: dict[int, int] = {}
    done: dict[str, int] = {}
    for entry in good:
        if entry.key in done:
            entry.verdict.errors = {"sku": [f"Line {done[entry.key]} has it already."]}
            continue
        receipts |= _carry_out(entry, known.get(entry.key), headings)
        if entry.verdict.verdict is not Outcome.REFUSED:
            done[entry.key] = entry.line.number
    headings.drop_unused({one.fields.get("category") for one in good if one.verdict.verdict is not Outcome.REFUSED})
    stock.receive(receipts, stock.Because(actor_id, MovementKind.RECEIPT))
    return verdicts


def _read(key: str, line: Line, verdict: Verdict, known: Mapping[str, Product]) -> Entry | None:
    """Return what a line says; None where that is nothing good, and its verdict why."""
    try:
        counted_in(line)
        return Entry(key, line, fields_of(line, known.get(key)), verdict)
    except BadLine as wrong:
        verdict.errors = wrong.errors
    return None


def _carry_out(entry: Entry, present: Product | None, headings: Headings) -> dict[int, int]:
    """Do what a line says, or nothing of it; return what is to be received of a new product."""
    verdict = entry.verdict
    try:
        with refusing("sku_key", SkuTaken):
            return _create(entry, headings) if present is None else _change(entry, present, headings)
    except (Invalid, NotFound) as refusal:
        verdict.errors = BadLine(refusal.errors).errors
    except SkuTaken as refusal:
        verdict.errors = {"sku": [refusal.detail]}
    verdict.verdict = Outcome.REFUSED
    if present is not None:  # what the line had changed is unchanged: for another line of this SKU
        db.session.scalars(queries.product_kept(entry.key)).one()
    return {}


def _create(entry: Entry, headings: Headings) -> dict[int, int]:
    product = new_product(entry.fields, headings.__getitem__)
    db.session.flush()
    entry.verdict.verdict = Outcome.CREATED
    on_hand = entry.fields.get("on_hand")
    return {product.id: on_hand} if on_hand else {}


def _change(entry: Entry, present: Product, headings: Headings) -> dict[int, int]:
    before, on_hand = present.version, counted_in(entry.line)
    rewrite(present, entry.fields, headings.__getitem__)
    db.session.flush()
    if on_hand is not None and on_hand != present.on_hand:
        said = f"Stays {present.on_hand}: stock is set by PUT /api/inventory/{{sku}}/stock."
        entry.verdict.notes = {"on_hand": [said]}
    entry.verdict.verdict = Outcome.UNCHANGED if present.version == before else Outcome.UPDATED
    return {}


def _sku(line: Line) -> str:
    """Return what a line calls its product, without what no database takes: such a line is refused in a moment."""
    return plain(line.cells.get("sku", "")).replace("\0", "")


def summary(verdicts: Sequence[Verdict]) -> dict[str, Any]:
    """Return the verdicts, and how many there are of each kind."""
    counts = {outcome.value: sum(one.verdict is outcome for one in verdicts) for outcome in Outcome}
    return {**counts, "rows": verdicts}
