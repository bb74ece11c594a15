"""What Schemathesis is told beside the document, and the count of what it asks; see `exploring.py`."""

import atexit
import json
import os
from collections import Counter
from pathlib import Path
from typing import Any
from urllib.parse import quote

import schemathesis
from schemathesis.specs.openapi.checks import unsupported_method

LONGEST_LINE = 8000
"""Past 8,190 bytes gunicorn answers by itself."""

ROWS = 12
"""So many bookings has the world; most other tables have fewer rows."""

_statuses: Counter[str] = Counter()
_slowest: list[tuple[float, str]] = [(0.0, "")]


@schemathesis.hook
def before_load_schema(_context: Any, raw_schema: dict[str, Any]) -> None:
    """Take "any other problem" away: every status must be documented by name."""
    for path in raw_schema["paths"].values():
        for operation in path.values():
            if isinstance(operation, dict):
                operation["responses"].pop("default")


@schemathesis.hook
def map_path_parameters(_context: Any, path_parameters: dict[str, Any] | None) -> dict[str, Any] | None:
    """Bring large ids down to those that exist; 2^63 and its like are among our own calls."""
    return path_parameters and {
        name: value % ROWS + 1 if isinstance(value, int) and value > ROWS else value
        for name, value in path_parameters.items()
    }


@schemathesis.hook
def filter_case(_context: Any, case: Any) -> bool:
    """Leave out addresses that do not reach the application."""
    query = quote(str(case.query or ""), errors="surrogatepass")
    return len(case.as_transport_kwargs()["url"]) + len(query) < LONGEST_LINE


@schemathesis.hook
def after_call(_context: Any, case: Any, response: Any) -> None:
    """Count."""
    _statuses[str(response.status_code)] += 1
    _slowest[0] = max(_slowest[0], (response.elapsed, case.operation.label))


@schemathesis.check
def method_that_nobody_speaks(ctx: Any, response: Any, case: Any) -> bool | None:
    """Expect 405 for a method that is not documented; those of earlier backends are answered, and say so."""
    return None if "deprecation" in response.headers else unsupported_method(ctx, response, case)


@atexit.register
def _tell() -> None:
    count = {"statuses": _statuses, "slowest": _slowest[0]}
    Path(os.environ["FUZZ_COUNT"]).write_text(json.dumps(count), encoding="utf-8")
