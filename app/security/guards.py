"""Guards: every view says who may come in. A view that says nothing lets nobody in."""

import functools
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, ParamSpec, TypeVar

from flask import current_app, request
from flask.globals import request_ctx

from app.kit.errors import Forbidden, Refusal
from app.models import Role
from app.security.actor import Account, Actor
from app.security.bearer import present_bearer
from app.security.errors import BAD_TOKEN, TokenMissing, TokenRevoked

P = ParamSpec("P")
R = TypeVar("R")


@dataclass(frozen=True, slots=True)
class Guard:
    """Who may come in: everybody, or accounts of these roles."""

    public: bool
    roles: frozenset[Role]

    @property
    def refusals(self) -> tuple[type[Refusal], ...]:
        """What a request that may not come in is answered with."""
        return () if self.public else (TokenMissing, *BAD_TOKEN, Forbidden)


def public(view: Callable[P, R]) -> Callable[P, R]:
    """Let everybody in, signed in or not."""

    @functools.wraps(view)
    def unguarded(*args: P.args, **kwargs: P.kwargs) -> R:
        return view(*args, **kwargs)

    unguarded.guard = Guard(public=True, roles=frozenset())  # type: ignore[attr-defined]  # marks the function
    return unguarded


def roles(*allowed: Role) -> Callable[[Callable[P, R]], Callable[P, R]]:
    """Let in only accounts of these roles: 401 without a valid token, 403 with another role."""
    guard = Guard(public=False, roles=frozenset(allowed))

    def guarding(view: Callable[P, R]) -> Callable[P, R]:
        @functools.wraps(view)
        def guarded(*args: P.args, **kwargs: P.kwargs) -> R:
            if present_bearer().account.role not in guard.roles:
                raise Forbidden  # before a stale token is refused: whoever has lost a role is told so
            current_actor()
            return view(*args, **kwargs)

        guarded.guard = guard  # type: ignore[attr-defined]  # marks the function
        return guarded

    return guarding


def signed_in(view: Callable[P, R]) -> Callable[P, R]:
    """Let in every account, whatever its role."""
    return roles(*Role)(view)


def current_actor() -> Actor:
    """Return who is asking. Raises `Unauthorized` where nobody valid is."""
    bearer = present_bearer()
    if bearer.is_stale:
        raise TokenRevoked
    return Actor(id=bearer.account.id, role=bearer.account.role)


def current_account() -> Account:
    """Return the account of whoever is asking, as it came with the token. Raises `Unauthorized` where nobody is."""
    return present_bearer().account


def current_session_id() -> int:
    """Return the session that the request was signed in by. Raises `Unauthorized` where there is none."""
    return present_bearer().session_id


def optional_actor() -> Actor | None:
    """Return who is asking, None for anonymous callers. A token that is sent must be valid."""
    return current_actor() if "Authorization" in request.headers else None


def requested_view() -> Any:
    """Return the view function that the request asks for; None where its path leads nowhere."""
    return current_app.view_functions.get(request.endpoint or "")


def guard_of(view: Any) -> Guard | None:
    """Return the guard of a view function; None where it has none."""
    guard: Guard | None = getattr(view, "guard", None)
    return guard


def refuse_unguarded() -> None:
    """Refuse a request to a view without a guard: deny by default."""
    endpoint = request_ctx.request.endpoint
    if endpoint is not None and guard_of(current_app.view_functions.get(endpoint)) is None:
        raise Forbidden
