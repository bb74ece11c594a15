"""The shapes of importing a table of products."""

from typing import Any, Final

from marshmallow import fields

from app.kit import csv_text
from app.kit.csv_text import Line
from app.products.importing import Outcome
from app.products.sheet import COLUMNS
from app.web.fields import Choice, ListOf, Nested, Text, Whole
from app.web.schemas import Schema
from app.web.text_fields import refuse
from app.web.uploads import Upload

MOST_LINES: Final = 1_000
ALPHABETS: Final = frozenset({"utf-8", "utf8", "utf-16", "us-ascii"})
"""What a table may say that it is written in. Its first bytes say which."""

CSV: Final[dict[str, Any]] = {
    "type": "string",
    "description": "CSV (RFC 4180) in UTF-8.",
    "example": "sku,kind,name,description,category,price\r\nSHAMPOO-250,retail,Argan shampoo,,Hair care,120000\r\n",
}


class TableOfProducts(fields.Field[list[Line]]):
    """A CSV file whose first line names the columns; loads as its lines."""

    file = Upload()

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(**{**options, "metadata": {**self.file.metadata, **options["metadata"]}})

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Line]:
        content = self.file.deserialize(value)
        if value.mimetype_params.get("charset", "utf-8").lower() not in ALPHABETS:
            refuse("Must be UTF-8.")
        try:
            columns, lines = csv_text.read(content)
        except ValueError as error:
            refuse(str(error))
        unknown = [column[:100] for column in columns if column not in COLUMNS]
        if unknown:
            refuse(f"Unknown columns: {', '.join(unknown)}. There are: {', '.join(COLUMNS)}.")
        if "sku" not in columns:
            refuse("Has no column sku.")
        if len(lines) > MOST_LINES:
            refuse(f"Must have at most {MOST_LINES} lines.")
        return lines


class ImportIn(Schema):
    """A table of products; the same may be sent as the whole body, as `text/csv`."""

    file = TableOfProducts(required=True, metadata={"description": "CSV, of 1 MiB at most."})


class VerdictOut(Schema):
    """What has become of one line."""

    line = Whole(required=True, metadata={"description": "Where it begins; 1 names the columns.", "example": 2})
    sku = Text(required=True, metadata={"example": "SHAMPOO-250"})
    verdict = Choice(Outcome, required=True, metadata={"example": "updated"})
    errors = fields.Dict(
        fields.String(),
        fields.List(fields.String()),
        required=True,
        metadata={"description": "What is wrong, by column.", "example": {}},
    )
    notes = fields.Dict(
        fields.String(),
        fields.List(fields.String()),
        required=True,
        metadata={"description": "What was not listened to, by column.", "example": {}},
    )


class ImportOut(Schema):
    """What has become of the lines of a table."""

    created = Whole(required=True, metadata={"example": 0})
    updated = Whole(required=True, metadata={"example": 1})
    unchanged = Whole(required=True, metadata={"example": 0})
    refused = Whole(required=True, metadata={"example": 0})
    rows = ListOf(Nested(VerdictOut), max=MOST_LINES, required=True)
