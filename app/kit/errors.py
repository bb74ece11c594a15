"""Families of refusals. A room derives its own; the web layer turns each into a problem (RFC 9457)."""

from collections.abc import Callable, Mapping
from typing import ClassVar, Self


class Refusal(Exception):
    """A request that is understood and not carried out. Raising one rolls the transaction back."""

    status: ClassVar[int] = 400
    code: ClassVar[str] = "bad_request"
    title: ClassVar[str] = "The request cannot be carried out."

    def __init__(
        self,
        detail: str = "",
        *,
        errors: Mapping[str, list[str]] | None = None,
        extra: Mapping[str, object] | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> None:
        """Keep what the problem will say: `errors` by field path, `extra` members, response `headers`."""
        super().__init__(detail or self.title)
        self.detail = detail or self.title
        self.errors = dict(errors or {})
        self.extra = dict(extra or {})
        self.headers = dict(headers or {})
        self.later: Callable[[], Mapping[str, object]] | None = None
        """What works out further `extra` members, which is done once the transaction is rolled back."""

    def tell_later(self) -> None:
        """Work out what was left for later, if anything was; called by whoever has ended the transaction."""
        if self.later is not None:
            self.extra = {**self.later(), **self.extra}


class BadRequest(Refusal):
    """The message itself cannot be read (400)."""


class Unauthorized(Refusal):
    """Nobody, or nobody we can be sure of, is asking (401)."""

    status = 401
    code = "unauthorized"
    title = "Sign in to do this."

    def __init__(self, detail: str = "") -> None:
        """Name the scheme that would be accepted, as RFC 9110 §11.6.1 demands."""
        super().__init__(detail, headers={"WWW-Authenticate": "Bearer"})


class Forbidden(Refusal):
    """The caller may see the thing but not do this to it (403)."""

    status = 403
    code = "forbidden"
    title = "You may not do this."


class NotFound(Refusal):
    """The thing does not exist, or not for this caller (404)."""

    status = 404
    code = "not_found"
    title = "There is no such thing, or it is not yours to see."

    @classmethod
    def naming(cls, field: str) -> Self:
        """Refuse an id in a body that names nothing the caller may see."""
        return cls(f"{field} names nothing that exists.", errors={field: ["Names nothing that exists."]})


class Conflict(Refusal):
    """The state of things stands against it (409)."""

    status = 409
    code = "conflict"
    title = "The present state does not allow this."


class StaleVersion(Refusal):
    """The caller changes a version that is no longer the present one (412)."""

    status = 412
    code = "version_conflict"
    title = "It has changed since you read it."


class Invalid(Refusal):
    """The message is readable, its values are not acceptable (422)."""

    status = 422
    code = "validation_failed"
    title = "Some fields are not acceptable."

    @classmethod
    def field(cls, name: str, message: str) -> Self:
        """Refuse one field, by its dotted path."""
        return cls(message, errors={name: [message]})


class Unavailable(Refusal):
    """Something we need does not answer just now (503)."""

    status = 503
    code = "unavailable"
    title = "Try again in a moment."
