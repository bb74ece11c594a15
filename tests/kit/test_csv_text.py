"""Tables as files for spreadsheets, and back."""

import csv
import re
from codecs import BOM_UTF8
from io import StringIO

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kit.csv_text import plain, read, safe, written
from tests.cases import each_case


@each_case("first", list("=+-@\t\r\0\n＝＋－＠"))  # noqa: RUF001  # Excel takes the wide signs too
def test_csv_01_no_text_is_a_formula(first: str) -> None:
    """It stands behind an apostrophe, which is taken away again."""
    assert safe(f"{first}1+1") == f"'{first}1+1"
    assert plain(f"'{first}1+1") == f"{first}1+1"


@each_case("split_at", [";", "\t", "\n", "\r", "|"])
@each_case("before", ["", " ", '"', "'"])
def test_no_part_of_a_text_is_a_formula(split_at: str, before: str) -> None:
    """Where a spreadsheet splits at something else than we do, it sees no quotes, and each part begins a cell."""
    assert safe(f"foo{split_at}{before}=1+1{split_at}bar") == f"foo{split_at}'{before}=1+1{split_at}bar"


LEADING = "=+-@\uff1d\uff0b\uff0d\uff20"


@given(st.text(alphabet="'\"=-a \t;|\n,", max_size=8))
def test_however_a_file_is_split(text: str) -> None:
    """No cell begins with a sign of formulas, and every text comes back."""
    line = written([["a", safe(text), safe(text)]]).decode("utf-8-sig")
    for split_at in ";\t|":
        for row in re.split("[\r\n]", line):
            cells = row.split(split_at)
            assert not any(cell.lstrip(' "').startswith(tuple(LEADING)) for cell in cells)
    assert plain(safe(text)) == text


@each_case("text", ["", "soap", "O'Neil", "'tis", "1+1", "a=b", "' =1", "a; b", "a, -20 %", "a\n\nb"])
def test_other_text_stays(text: str) -> None:
    assert safe(text) == plain(text) == text


@given(st.text(alphabet="'=+-@a \t", max_size=6))
def test_every_text_comes_back(text: str) -> None:
    """Also what began with apostrophes itself."""
    assert plain(safe(text)) == text
    assert safe(text).lstrip("'")[:1] not in {"=", "+", "-", "@", "\t"} or safe(text).startswith("'")


@given(st.lists(st.lists(st.text(alphabet='ab",;\n\t é', min_size=1), min_size=2, max_size=2), min_size=1))
def test_csv_02_every_table_comes_back(rows: list[list[str]]) -> None:
    """By our own reading, and by anybody's who reads RFC 4180."""
    file = written([["one", "two"], *rows])
    columns, lines = read(file)
    assert (columns, [list(line.cells.values()) for line in lines]) == (["one", "two"], rows)
    text = file.removeprefix(BOM_UTF8).decode()
    assert list(csv.reader(StringIO(text, newline=""), strict=True)) == [["one", "two"], *rows]


def test_numbers_stay_numbers() -> None:
    """A negative one is no formula: it is written as it is."""
    assert written([["n"], [-5], [None]]) == BOM_UTF8 + b'n\r\n-5\r\n""\r\n'


@each_case("encoding", ["utf-8", "utf-8-sig", "utf-16"])
@each_case("delimiter", [",", ";", "\t"])
@each_case("end", ["\n", "\r\n"])
def test_what_spreadsheets_write(encoding: str, delimiter: str, end: str) -> None:
    """Each with its mark, its delimiter and its ends of lines."""
    table = end.join([delimiter.join(["SKU ", " Name"]), delimiter.join(["a", "Café"]), ""]).encode(encoding)
    columns, (line,) = read(table)
    assert (columns, line.number, line.cells) == (["sku", "name"], 2, {"sku": "a", "name": "Café"})


def test_lines_are_numbered_as_in_an_editor() -> None:
    """A cell of two lines counts; empty lines count, and are no lines of the table."""
    _, lines = read(b'a,b\n"1\n2",x\n\n,\ny\nz,1,2,3\n')
    assert [(line.number, line.cells, line.overflow) for line in lines] == [
        (2, {"a": "1\n2", "b": "x"}, 0),
        (6, {"a": "y"}, 0),
        (7, {"a": "z", "b": "1"}, 2),
    ]


@each_case(
    ("content", "said"),
    [
        (b"", "Has no first line"),
        (b"\n", "Has no first line"),
        (b",,\n", "Has no first line"),
        (b"a,b,A\n", "twice: a"),
        (b"a,b,,\n", "twice"),
        (b'a,b\n"x,y\n', "no CSV file"),
        (b'a,b\n"x"y,z\n', "no CSV file"),
        (b"a\n" + b"x" * 200_000, "no CSV file"),
        ("name\nCafé\n".encode("cp1252"), "UTF-8"),
        (b"\xff\xfea", "UTF-8"),
    ],
)
def test_what_is_no_table(content: bytes, said: str) -> None:
    with pytest.raises(ValueError, match=said):
        read(content)
