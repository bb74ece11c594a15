"""Whether a change is meant for the thing as it is now (`If-Match`, RFC 9110 §13.1.1)."""

from collections.abc import Container

from app.kit.errors import StaleVersion

Seen = Container[str] | None
"""The versions that the caller has seen, as text; None where it does not say."""


def require_version(version: int, seen: Seen) -> None:
    """Refuse a change by somebody who has seen other versions of a thing, which is locked. Raises `StaleVersion`."""
    if seen is not None and str(version) not in seen:
        raise StaleVersion
