"""What Schemathesis is told beside the document; see `scripts/fuzz.py`."""

from typing import Any
from urllib.parse import quote

import schemathesis

LONGEST_LINE = 8000
"""Past 8,190 bytes gunicorn answers by itself, in HTML."""

DEMO_ROWS = 140
"""So many bookings has the demo; the other tables have fewer rows."""


@schemathesis.hook
def before_load_schema(_context: Any, raw_schema: dict[str, Any]) -> None:
    """Take "any other problem" away: every status must be documented by name."""
    for path in raw_schema["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict):
                operation["responses"].pop("default")


@schemathesis.hook
def map_path_parameters(_context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Bring large ids down to those that exist; 2^63 and its like are tried by the test suite."""
    return path_parameters and {
        name: value % DEMO_ROWS + 1 if isinstance(value, int) and value > DEMO_ROWS else value
        for name, value in path_parameters.items()
    }


@schemathesis.hook
def filter_case(_context: Any, case: Any) -> bool:
    """Leave out addresses that do not reach the application."""
    query = quote(str(case.query or ""), errors="surrogatepass")
    return len(case.as_transport_kwargs()["url"]) + len(query) < LONGEST_LINE
