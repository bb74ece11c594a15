"""Looking for words in columns, whatever their case, the same on both databases."""

import re
import unicodedata
from typing import Any

from sqlalchemy import ColumnElement, or_
from sqlalchemy.orm import InstrumentedAttribute


def mentions(q: str, *columns: ColumnElement[Any] | InstrumentedAttribute[Any]) -> ColumnElement[bool]:
    """Return the condition that one of `columns` has `q` in it, in capitals or not: "éclat" finds "ÉCLAT".

    `lower()` and ILIKE fold what the database's locale says: on SQLite, and on PostgreSQL with the locale C, ASCII
    alone. So the pattern names both forms of every letter itself, in the syntax that PostgreSQL's expressions and
    Python's, which SQLAlchemy gives SQLite, have in common.
    """
    pattern = "".join(_either_case(letter) for letter in q)
    return or_(*(column.regexp_match(pattern) for column in columns))


def folded(text: str) -> str:
    """Return the text without capitals and accents, so that "éclat", "ECLAT" and "eclat" are one word to look for."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def _either_case(letter: str) -> str:
    forms = {letter}
    for _ in range(2):  # twice: a word's last sigma has a capital, which has another small form
        forms |= {form for one in forms for form in (one.lower(), one.upper(), one.title()) if len(form) == 1}
    return re.escape(letter) if len(forms) == 1 else f"[{''.join(sorted(forms))}]"
