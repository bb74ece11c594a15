"""Where the present request comes from, for whoever records it without knowing the web."""

from contextvars import ContextVar
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Origin:
    """The caller's network address, None in commands and jobs; the request's id; what the caller's program is."""

    address: str | None = None
    request_id: str = ""
    user_agent: str = ""


_NOWHERE = Origin()

_origin: ContextVar[Origin] = ContextVar("origin", default=_NOWHERE)


def present_origin() -> Origin:
    """Return the origin of what is being done."""
    return _origin.get()


def set_origin(origin: Origin) -> None:
    """Say where the request that begins now comes from."""
    _origin.set(origin)
