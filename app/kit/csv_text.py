"""Tables as files that spreadsheets read and write: CSV (RFC 4180), in which no cell is a formula.

A text that a spreadsheet would take for one, `=1+1` for example, stands behind an apostrophe, as OWASP recommends;
`plain` takes it away again. So does a part of a text that would be a cell of its own, where a spreadsheet splits at
semicolons, say: then our quotes stand in the middle of its cells, and mean nothing. What stands in the file is
otherwise what it says: numbers stay numbers.
"""

import csv
import re
from codecs import BOM_UTF8, BOM_UTF16_BE, BOM_UTF16_LE
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from typing import Any

DELIMITERS = (",", ";", "\t")
"""A spreadsheet writes what its country's numbers leave free."""

_SIGN = "[=+\\-@\uff1d\uff0b\uff0d\uff20]"
"""The four wide ones are those of East Asian keyboards, which Excel takes for the narrow ones."""

_WHOLE, _PART = rf"(?='*(?:{_SIGN}|[\t\r\n\0]))", rf"(?=['\" ]*{_SIGN})"
"""What follows where a text, or a part of it, needs an apostrophe, or one more: so that taking one away again is right
for all."""

_BARE = re.compile(rf"\A{_WHOLE}|(?<=[;|\t\r\n]){_PART}")
_MARKED = re.compile(rf"\A'{_WHOLE}|(?<=[;|\t\r\n])'{_PART}")


@dataclass(frozen=True, slots=True)
class Line:
    """One record: the number of the line where it begins, and its cells by column. Columns it is too short for lack."""

    number: int
    cells: dict[str, str]
    overflow: int = 0
    """Cells beyond the last column."""


def safe(text: str) -> str:
    """Return text as it may stand in a cell."""
    return _BARE.sub("'", text)


def plain(cell: str) -> str:
    """Return the text that a cell stands for: what `safe` was given."""
    return _MARKED.sub("", cell)


def written(rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """Return a file of rows in UTF-8, with the mark by which Excel knows it; the texts are `safe` already."""
    return BOM_UTF8 + written_below(rows)


def written_below(rows: Iterable[Sequence[str | int | None]]) -> bytes:
    """Return more rows for below those of such a file."""
    sheet = StringIO(newline="")
    csv.writer(sheet, lineterminator="\r\n").writerows(rows)
    return sheet.getvalue().encode()


def read(content: bytes) -> tuple[list[str], list[Line]]:
    """Return the columns, in small letters, and the lines below them that are not empty.

    Text is UTF-8, or UTF-16 where its mark says so; columns are apart by comma, semicolon or tab, as the first line
    has it. Raises `ValueError` for what is no such file.
    """
    text = _decoded(content)
    first = text.partition("\n")[0]
    try:
        rows = _numbered(
            csv.reader(StringIO(text, newline=""), delimiter=max(DELIMITERS, key=first.count), strict=True)
        )
        _, header = next(rows, (1, []))
        columns = [cell.strip().casefold() for cell in header]
        _refuse_columns(columns)
        return columns, [_line(number, columns, row) for number, row in rows if any(row)]
    except csv.Error as error:
        raise ValueError(f"Is no CSV file: {error}.") from None


def _decoded(content: bytes) -> str:
    encoding = "utf-16" if content.startswith((BOM_UTF16_LE, BOM_UTF16_BE)) else "utf-8-sig"
    try:
        return content.decode(encoding)
    except UnicodeDecodeError:
        raise ValueError("Must be UTF-8: save it as “CSV UTF-8”.") from None


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Yield each record with the number of the line where it begins: a quoted cell may have several."""
    while True:
        number = reader.line_num + 1
        try:
            yield number, next(reader)
        except StopIteration:
            return


def _refuse_columns(columns: list[str]) -> None:
    if not any(columns):
        raise ValueError("Has no first line that names its columns.")
    twice = {column for column in columns if columns.count(column) > 1}
    if twice:
        raise ValueError(f"Has these columns twice: {', '.join(sorted(twice))}.")


def _line(number: int, columns: list[str], row: list[str]) -> Line:
    return Line(number, dict(zip(columns, row, strict=False)), max(0, len(row) - len(columns)))
