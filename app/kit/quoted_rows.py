"""What PostgreSQL says of an error, without the rows that it quotes: they are other people's data.

Its DETAIL, and whatever else follows the first message, holds values of rows, line ends and all, in the language of
the server. Of these only the names of a key's columns are kept.
"""

import re
from typing import Any, Final

from sqlalchemy.engine import ExceptionContext

_KEY: Final = re.compile(r'Key \([\w, "]+\)')
_DETAIL: Final = re.compile(r"D[EÉ]TAIL\s*:.*", re.DOTALL)


def leave_out_rows(context: ExceptionContext) -> None:
    """Reduce a driver's error, and SQLAlchemy's of it, to its first message: a listener of an engine's errors."""
    original: Any = context.original_exception
    said: Any = getattr(original, "diag", None)
    if said is None or said.message_primary is None:
        return
    kept = said.message_primary + _columns(said.message_detail or "")
    original.args = (kept,)
    if context.sqlalchemy_exception is not None:
        context.sqlalchemy_exception.args = (f"({type(original).__module__}.{type(original).__name__}) {kept}",)


def _columns(detail: str) -> str:
    key = _KEY.match(detail)
    return f"\nDETAIL: {key[0]} (hidden)" if key else ""


def without_rows(text: str) -> str:
    """Return what an error says up to the rows that it quotes: for what does not come by way of an engine."""
    return _DETAIL.sub("DETAIL: (hidden)", text)
