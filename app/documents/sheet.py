"""Drawing a document on A4 pages: who, to whom, what, how much; as many pages as it needs.

Text is drawn in DejaVu Sans, of which a file holds the signs that it uses: Latin, Greek, Cyrillic, Arabic, Hebrew and
others, joined and turned as their scripts want it. Signs that it lacks (Chinese, say) stand
as a box, and a note says so.
"""

from collections.abc import Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from datetime import datetime
from itertools import groupby
from pathlib import Path
from typing import Final, Literal

import segno
from fpdf import FPDF, XPos, YPos
from fpdf.enums import TableBordersLayout
from fpdf.fonts import FontFace, TTFFont

from app.documents.errors import Busy
from app.kit.turns import Turns

FONTS: Final = Path(__file__).with_name("fonts")
FAMILY: Final = "DejaVu"
MARGIN: Final = 18
WIDTH: Final = 210 - 2 * MARGIN
QR_SIDE: Final = 26
LINE: Final = 5
PALE: Final = (238, 238, 238)
GREY: Final = 110
LACKING: Final = "\N{WHITE SQUARE}"
TURNING: Final = dict.fromkeys(map(ord, "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"))
"""Signs that nobody sees and that turn what follows them (Unicode's Bidi_Control): a name could rewrite its line."""

LACKING_NOTE: Final = f"{LACKING} stands for a sign that the typeface of this file lacks."

TOTAL: Final = "Total"
"""The sum that stands out."""

turns = Turns(at_once=2, waiting=8, busy=Busy)
"""A page takes a fifth of a second of a processor: the rest of the house goes on meanwhile."""

Align = Literal["LEFT", "RIGHT"]
Style = Literal["", "B"]


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, its share of the width, and where its text stands."""

    heading: str
    share: int
    align: Align = "RIGHT"


@dataclass(frozen=True, slots=True)
class Table:
    """Columns, and rows with a text for each."""

    columns: Sequence[Column]
    rows: Sequence[Sequence[str]]


@dataclass(frozen=True, slots=True)
class Content:
    """All that stands on a document. `code` is what the square at its top says to a camera."""

    title: str
    number: str
    issued_at: datetime
    seller: Sequence[str]
    client: Sequence[str]
    facts: Sequence[tuple[str, str]]
    items: Table
    sums: Sequence[tuple[str, str]]
    code: str
    taxes: Table | None = None
    notes: Sequence[str] = field(default=())


class Sheet(FPDF):
    """The pages of one document, with its number and the page at the foot of each."""

    def __init__(self, number: str) -> None:
        """Begin without a page."""
        super().__init__(format="A4")
        self.number, self.lacks_signs = number, False
        self.set_margins(MARGIN, MARGIN)
        self.set_auto_page_break(auto=True, margin=MARGIN + LINE)
        self.add_font(FAMILY, fname=FONTS / "DejaVuSans.ttf")
        self.add_font(FAMILY, style="B", fname=FONTS / "DejaVuSans-Bold.ttf")
        self.set_text_shaping(use_shaping_engine=True)
        both = (font.cmap for font in self.fonts.values() if isinstance(font, TTFFont))
        self.known_signs = set.intersection(*map(set, both))

    def close(self) -> None:
        """Let go of the files of the typeface, which are read as they are needed."""
        for font in self.fonts.values():
            if isinstance(font, TTFFont):
                font.ttfont.close()

    def footer(self) -> None:
        """Say which document this is, which of its pages, and whether something could not be drawn."""
        self.set_y(-MARGIN)
        self.set_font(FAMILY, size=7)
        self.set_text_color(GREY)
        note = f"  ·  {LACKING_NOTE}" if self.lacks_signs else ""
        self.cell(WIDTH, LINE, f"{self.number}  ·  {self.page_no()} / {{nb}}{note}", align="C")
        self.set_text_color(0)

    def signs(self, text: str) -> str:
        """Return text as it can be drawn on a line: a box for each sign that there is none of.

        It has no line breaks, and nothing that turns it but its own letters.
        """
        flat = " ".join(text.translate(TURNING).split())
        drawn = "".join(sign if ord(sign) in self.known_signs else LACKING for sign in flat)
        self.lacks_signs = self.lacks_signs or drawn != flat
        return drawn

    def paragraph(self, text: str, *, size: float = 9, style: Style = "", width: float = WIDTH) -> None:
        """Write below what is there, from the left margin; long text goes on in lines below."""
        self.set_font(FAMILY, style, size)
        self.multi_cell(width, size * 0.55, self.signs(text), align="L", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def draw(content: Content) -> bytes:
    """Return the document as a PDF file: the same bytes for the same content. Raises `Busy`."""
    with turns.taken(), closing(Sheet(content.number)) as sheet:
        _draw_pages(sheet, content)
        return bytes(sheet.output())


def _draw_pages(sheet: Sheet, content: Content) -> None:
    sheet.set_title(f"{content.title} {content.number}")
    sheet.set_author(content.seller[0])
    sheet.set_lang("en")
    sheet.set_creation_date(content.issued_at)
    sheet.add_page()
    _draw_head(sheet, content)
    _draw_table(sheet, content.items)
    _draw_sums(sheet, content.sums)
    if content.taxes is not None:
        sheet.ln(LINE)
        _draw_table(sheet, content.taxes, width=WIDTH * 0.6)
    sheet.ln(LINE)
    for note in content.notes:
        sheet.paragraph(note)


def _draw_head(sheet: Sheet, content: Content) -> None:
    """Draw who issued what to whom, beside the square for cameras."""
    _draw_code(sheet, content.code)
    beside = WIDTH - QR_SIDE - LINE
    name, *more = content.seller
    sheet.paragraph(name, size=14, style="B", width=beside)
    for line in more:
        sheet.paragraph(line, width=beside)
    sheet.set_y(max(sheet.get_y(), MARGIN + QR_SIDE) + LINE)
    sheet.paragraph(f"{content.title} {content.number}", size=16, style="B")
    sheet.ln(2)
    for label, value in content.facts:
        sheet.paragraph(f"{label}: {value}")
    if content.client:
        sheet.ln(2)
        for line in content.client:
            sheet.paragraph(line, style="B")
    sheet.ln(LINE)


def _draw_code(sheet: Sheet, code: str) -> None:
    """Draw a QR code (ISO/IEC 18004) at the top right, in runs of dark squares."""
    rows = [bytes(row) for row in segno.make(code, error="m", micro=False).matrix]
    side, left = QR_SIDE / len(rows), MARGIN + WIDTH - QR_SIDE
    sheet.set_fill_color(0)
    for down, row in enumerate(rows):
        for begin, end in _runs(row):
            sheet.rect(left + begin * side, MARGIN + down * side, (end - begin) * side, side, style="F")


def _runs(row: bytes) -> Iterator[tuple[int, int]]:
    """Yield where runs of ones begin and end."""
    begin = 0
    for dark, run in groupby(row):
        end = begin + len(list(run))
        if dark:
            yield begin, end
        begin = end


def _draw_table(sheet: Sheet, table: Table, *, width: float = WIDTH) -> None:
    """Draw a table from the left margin; its headings stand on each page that it reaches."""
    sheet.set_font(FAMILY, size=8.5)
    drawn = sheet.table(
        width=width,
        align="LEFT",
        col_widths=tuple(column.share for column in table.columns),
        text_align=tuple(column.align for column in table.columns),
        borders_layout=TableBordersLayout.HORIZONTAL_LINES,
        headings_style=FontFace(emphasis="BOLD", fill_color=PALE),
        line_height=LINE,
        padding=(0.8, 1),
        v_align="TOP",
    )
    with drawn as rows:
        for texts in ([column.heading for column in table.columns], *table.rows):
            row = rows.row()
            for text in texts:
                row.cell(sheet.signs(text))


def _draw_sums(sheet: Sheet, sums: Sequence[tuple[str, str]]) -> None:
    """Draw the totals at the right, together on one page."""
    if sheet.will_page_break((len(sums) + 1) * LINE * 1.2):
        sheet.add_page()
    sheet.ln(2)
    for label, value in sums:
        sheet.set_font(FAMILY, "B" if label == TOTAL else "", 9)
        sheet.cell(WIDTH * 0.72, LINE * 1.1, sheet.signs(label), align="R")
        sheet.cell(WIDTH * 0.28, LINE * 1.1, value, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
