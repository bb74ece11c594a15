"""What text from outside may contain. Everything else is refused before it reaches a database or a page."""

import re
import unicodedata

LONGEST_MARKS = 20
"""Combining marks in a row; no script needs more, and a longer pile draws over its neighbours."""

_CONTROL = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff]")
_CONTROL_BUT_BREAKS = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\ud800-\udfff]")
_INVISIBLE = frozenset({"Zs", "Zl", "Zp", "Cf", "Cc"})


def has_control(text: str, *, breaks_allowed: bool = False) -> bool:
    """Say whether `text` holds control characters (`breaks_allowed`: but \\n and \\t) or half a pair."""
    return bool((_CONTROL_BUT_BREAKS if breaks_allowed else _CONTROL).search(text))


def is_blank(text: str) -> bool:
    """Say whether nothing of `text` would be seen: spaces, separators, zero-width characters."""
    if text.isascii():
        return not text.strip()
    return all(unicodedata.category(character) in _INVISIBLE for character in text)


def piles_marks(text: str) -> bool:
    """Say whether more than `LONGEST_MARKS` combining marks follow one another."""
    if text.isascii():
        return False
    row = 0
    for character in text:
        row = row + 1 if unicodedata.category(character)[0] == "M" else 0
        if row > LONGEST_MARKS:
            return True
    return False
