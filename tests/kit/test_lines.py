"""Text that has to stay on one line, and to look like what it is."""

import pytest

from app.kit.lines import one_line


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("two\r\nlines", "two lines"),
        ("  much \t space\u2028and\u2029more\x00", "much space and more"),
        ("\u202egnp.exe\u202c", "gnp.exe"),
        ("un\u200bseen\ufeff \u2066marks\u2069", "unseen marks"),
        (
            "\u0645\u06cc\u200c\u0631\u0648\u0645 \U0001f469\u200d\U0001f680",
            "\u0645\u06cc\u200c\u0631\u0648\u0645 \U0001f469\u200d\U0001f680",
        ),
    ],
)
def test_one_line(text: str, line: str) -> None:
    """Nothing that ends lines, turns text around or hides in it; the joiners that words and emoji need stay."""
    assert one_line(text) == line
