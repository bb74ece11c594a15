"""Text that has to stay on one line: a header, a subject, a text message."""

import unicodedata
from typing import Final

_BREAKING: Final = frozenset({"Cc", "Cs", "Zl", "Zp"})
"""The Unicode categories of which no character may stand in a header: controls, surrogates, separators of lines."""


_JOINERS: Final = frozenset("\u200c\u200d")
"""What is unseen and yet part of words, and of emoji. Others of its category turn text around, or hide it."""


def breaks_lines(text: str) -> bool:
    """Say whether text holds what could end a line, or what no header may hold."""
    return any(unicodedata.category(character) in _BREAKING for character in text)


def one_line(text: str) -> str:
    """Return text with a single space for whatever could end a line, and for every other run of white space.

    What has no form of its own is left out: text cannot be made to look like another.
    """
    seen = "".join(character for character in text if not _is_unseen(character))
    return " ".join("".join(" " if breaks_lines(character) else character for character in seen).split())


def _is_unseen(character: str) -> bool:
    return unicodedata.category(character) == "Cf" and character not in _JOINERS
