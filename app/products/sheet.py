"""Products as lines of a table: which column is which field, and what is wrong with a line, by column.

Money is in minor units, as everywhere. An empty cell is left out: what is there stays. But an empty description,
category, cost, or number of days says that there is none.
"""

import re
from collections.abc import Mapping
from typing import Any, Final

from marshmallow import ValidationError

from app.kit.csv_text import Line, plain, safe
from app.models import Product, ProductKind
from app.products.schemas import ProductChangesIn, ProductIn
from app.web.parsing import by_path

COLUMNS: Final = (
    *("sku", "kind", "name", "description", "category", "price", "cost", "currency", "reorder_level", "active"),
    *("tracked", "package_service_id", "package_visits", "valid_days", "gift_card_value"),
    *("on_hand", "reserved", "available"),
)
READ_ONLY: Final = frozenset({"reserved", "available"})
"""Columns that a file may have, and that say nothing."""

TEXTS: Final = frozenset({"sku", "kind", "name", "description", "category", "currency"})
EMPTIED: Final = frozenset({"category", "cost", "valid_days"})

OF_PACKAGES: Final = ("package_service_id", "package_visits")

PLACES: Final = {
    "price.amount": "price",
    "cost.amount": "cost",
    "price.currency": "currency",
    "cost.currency": "currency",
    "package": "package_service_id",
    "package.service_id": "package_service_id",
    "package.visits": "package_visits",
    "package.valid_days": "valid_days",
    "gift_card": "gift_card_value",
    "gift_card.value.amount": "gift_card_value",
    "gift_card.value": "gift_card_value",
    "gift_card.value.currency": "currency",
    "gift_card.valid_days": "valid_days",
}
"""The column of each field that is not called like its column."""

NEW, CHANGED = ProductIn(), ProductChangesIn()
CHOSEN_ONCE: Final = "Is chosen when a product is made."

_WHOLE = re.compile(r"-?[0-9]{1,18}")
_FLAGS = {"true": True, "false": False}


class BadLine(Exception):
    """What is wrong with a line, by column."""

    def __init__(self, errors: Mapping[str, list[str]]) -> None:
        """Take errors by the paths of fields."""
        super().__init__(str(errors))
        self.errors: dict[str, list[str]] = {}
        for path, said in errors.items():
            self.errors.setdefault(PLACES.get(path, path), []).extend(said)


def row_of(product: Product) -> list[str | int | None]:
    """Return a product as a row of `COLUMNS`."""
    is_card, category = product.kind is ProductKind.GIFT_CARD, product.category
    return [
        *(safe(product.sku), product.kind.value, safe(product.name), safe(product.description)),
        safe(category.name) if category else None,
        *(product.price_amount, product.cost_amount, product.currency, product.reorder_level),
        *(_word(product.active), _word(product.tracked), product.package_service_id, product.package_visits),
        *(product.valid_days, product.card_amount if is_card else None),
        *((product.on_hand, product.reserved, product.available) if product.tracked else (None, None, None)),
    ]


def fields_of(line: Line, present: Product | None) -> dict[str, Any]:
    """Return what a line says of a product, loaded as the body of a request would be. Raises `BadLine`."""
    if line.overflow:
        raise BadLine({"line": [f"Has {line.overflow} cells more than there are columns."]})
    said = {name: _value(name, cell) for name, cell in line.cells.items() if _says_something(name, cell)}
    if present is not None:
        _refuse_other_nature(said, present)
    kind = present.kind if present else said.get("kind", ProductKind.RETAIL)
    strange = [] if kind == ProductKind.PACKAGE else [name for name in OF_PACKAGES if name in said]
    if strange:
        raise BadLine({name: ["Only a package has it."] for name in strange})
    body = _body(said, kind)
    try:
        loaded: dict[str, Any] = (CHANGED if present else NEW).load(body)
    except ValidationError as error:
        raise BadLine(by_path({"line": error.messages})) from None
    return loaded


def counted_in(line: Line) -> int | None:
    """Return what a line says is on hand; None where it does not. Raises `BadLine`."""
    cell = line.cells.get("on_hand", "").strip()
    if cell and not _WHOLE.fullmatch(cell):
        raise BadLine({"on_hand": ["Must be a whole number."]})
    return int(cell) if cell else None


def _says_something(name: str, cell: str) -> bool:
    return name not in READ_ONLY and (bool(cell.strip()) or name in EMPTIED or name == "description")


def _value(name: str, cell: str) -> Any:
    """Return what a cell says; what is not of its column's kind stays text, for the schema to refuse."""
    if name in TEXTS:
        text = plain(cell)
        return None if name in EMPTIED and not text.strip() else text
    word = cell.strip()
    if name in EMPTIED and not word:
        return None
    if name in {"active", "tracked"}:
        return _FLAGS.get(word.lower(), word)
    return int(word) if _WHOLE.fullmatch(word) else word


def _refuse_other_nature(said: dict[str, Any], present: Product) -> None:
    """Take out what stays as it is for ever. Raises `BadLine` where it is said to be otherwise."""
    nature = {"kind": present.kind.value, "tracked": present.tracked}
    wrong = {name: [CHOSEN_ONCE] for name, now in nature.items() if said.pop(name, now) != now}
    if wrong:
        raise BadLine(wrong)
    said.pop("on_hand", None)


def _body(said: dict[str, Any], kind: str) -> dict[str, Any]:
    """Return the body that a request about this would have."""
    body = dict(said)
    currency = {name: body.pop(name) for name in ("currency",) if name in body}
    for name in ("price", "cost"):
        if body.get(name) is not None:
            body[name] = {"amount": body[name], **currency}
    terms = {name: body.pop(name) for name in ("package_service_id", "package_visits", "valid_days") if name in body}
    value = body.pop("gift_card_value", None)
    package = {name.removeprefix("package_"): told for name, told in terms.items() if told is not None}
    card = {} if value is None else {"value": {"amount": value, **currency}}
    if kind == ProductKind.GIFT_CARD:
        card |= {name: terms[name] for name in ("valid_days",) if name in terms}
        package.pop("valid_days", None)
    found = {"package": package, "gift_card": card}
    return body | {name: told for name, told in found.items() if told}


def _word(flag: bool) -> str:
    return "true" if flag else "false"
