"""What a change presupposes (api.md §1): `If-Match: "<version>"` names the version that the caller has seen."""

from flask import request

from app.kit.errors import StaleVersion
from app.kit.versions import Seen
from app.web.error_docs import Decorator, noting

PARAMETER = {
    "in": "header",
    "name": "If-Match",
    "description": 'The `version` that you have seen, in quotes: `"3"`. Another one by now: 412.',
    "schema": {"type": "string"},
}


def seen_version() -> Seen:
    """Return the versions that the present request names; None where it names none. `*` is any."""
    return request.if_match if "If-Match" in request.headers else None


versioned: Decorator = noting(parameters=(PARAMETER,), refusals=(StaleVersion,))
"""Document that a view honours `If-Match`, and answers 412."""
