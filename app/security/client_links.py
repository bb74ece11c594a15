"""Signed links to one thing of a client, for whoever reads its mail: made from the thing itself, and kept nowhere.

The token of such a link is `<id>-<signature>`. The signature is of the thing, its client and that client's email: of
another client, another email, or nobody's any more, it is not. Where keys are being changed, links of those before work
as well.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Generic, TypeVar

from flask import current_app

from app.kit.clock import utcnow
from app.models import Booking, Order, User
from app.security.errors import LinkUnknown
from app.security.signatures import SIGNATURE, is_signed, sign

Thing = TypeVar("Thing", Booking, Order)

_TOKEN = re.compile(rf"([1-9][0-9]{{0,17}})-({SIGNATURE})", re.ASCII)


@dataclass(frozen=True, slots=True)
class ClientLinks(Generic[Thing]):
    """The links to the things of one kind.

    `room` is the path they lead to. `keys` names the configured keys, which sign this kind alone: a link to a booking
    opens no order. `load` returns a thing with its client; `good_until` until when its links work, None for no end yet.
    """

    room: str
    keys: str
    load: Callable[[int], Thing | None]
    good_until: Callable[[Thing], datetime | None]

    def token_of(self, thing: Thing, client: User) -> str:
        """Return the token of a thing for its client, who has an email; the same each time."""
        return f"{thing.id}-{sign(_said(thing, client), self.keys)}"

    def url_of(self, thing: Thing, client: User) -> str:
        """Return the URL of the frontend's or ours, as configured; never of the host that a request names."""
        settings = current_app.extensions["settings"]
        home = settings.frontend_url or f"{settings.public_base_url}/api"
        return f"{home}/{self.room}/manage/{self.token_of(thing, client)}"

    def opened_by(self, token: str) -> tuple[Thing, User]:
        """Return the thing that a token opens, and its client. Raises `LinkUnknown`, whatever is wrong."""
        parts = _TOKEN.fullmatch(token)
        thing = self.load(int(parts[1])) if parts else None
        client = _client_of(thing)
        if parts is None or thing is None or client is None or not self._opens(parts[2], thing, client):
            raise LinkUnknown
        return thing, client

    def _opens(self, signature: str, thing: Thing, client: User) -> bool:
        if not is_signed(_said(thing, client), signature, self.keys):
            return False
        until = self.good_until(thing)
        return _is_in_use(client) and (until is None or utcnow() < until)


def _client_of(thing: Booking | Order | None) -> User | None:
    return None if thing is None else thing.client


def _said(thing: Booking | Order, client: User) -> str:
    return f"{thing.id}:{thing.reference}:{client.id}:{client.email_key}"


def _is_in_use(client: User) -> bool:
    return client.is_active and client.email_key is not None and client.erased_at is None
