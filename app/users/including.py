"""What rooms above this one add to an account where it is asked for: `?include=`."""

from collections.abc import Callable
from typing import Any, Final

RECOMMENDATIONS: Final = "recommendations"

INCLUDABLE: Final = (RECOMMENDATIONS,)

Part = Callable[[int], Any]
"""Returns what belongs to an account, ready for JSON."""

_parts: dict[str, Part] = {}


def includes(name: str, part: Part) -> None:
    """Let `part` make what is asked for by `name`, which is one of `INCLUDABLE`."""
    _parts[name] = part


def included(name: str | None, user_id: int) -> dict[str, Any]:
    """Return what is asked for, by its name; nothing where nothing is."""
    return {} if name is None else {name: _parts[name](user_id)}
