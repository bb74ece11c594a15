"""Tables as answers: CSV files (RFC 4180), to be saved."""

from collections.abc import Iterable
from typing import Final

from flask import Response

MEDIA_TYPE: Final = "text/csv"


def table_answer(content: bytes | Iterable[bytes], name: str) -> Response:
    """Return the answer with a table, to be saved under a name without its ending."""
    answer = Response(content, mimetype=MEDIA_TYPE)
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}.csv"'
    return answer
