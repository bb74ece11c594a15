"""How Stripe is spoken to: by its own SDK, at one version, with time limits; and what its errors mean to us."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from http import HTTPStatus
from typing import TYPE_CHECKING, Any, Final

import stripe
import structlog

from app.integrations.payments.places import waiting_place
from app.integrations.payments.provider import ProviderDown

if TYPE_CHECKING:
    from app.settings.payments import StripeAccount

API_VERSION: Final = "2026-10-28.endive"
"""What Stripe's objects look like. A newer one is looked at by hand first: https://docs.stripe.com/changelog."""

TIMEOUT: Final = (3.0, 8.0)
"""Seconds for connecting, and for each silence after it."""

RETRIES: Final = 1
"""How often the SDK repeats a request that got no answer, or a passing error; always under the same key."""

MOST_IN_A_PAGE: Final = 100
RETRY_SOON: Final = 5
RETRY_LATER: Final = 60
REPLAYED: Final = "idempotent-replayed"
"""The header of an answer that was given before."""

log = structlog.get_logger(__name__)

# Its own lines at INFO quote addresses and messages; and its telemetry would write into the home directory.
logging.getLogger("stripe").setLevel(logging.WARNING)
stripe.enable_telemetry = False


def client(account: StripeAccount) -> stripe.StripeClient:
    """Return the SDK's client of an account; safe in several threads, each with a connection of its own."""
    return stripe.StripeClient(
        account.secret_key,
        stripe_version=API_VERSION,
        base_addresses={"api": account.api_base},
        http_client=stripe.RequestsClient(timeout=TIMEOUT),
        max_network_retries=RETRIES,
    )


class NotStripes(Exception):
    """An answer is JSON, and no object of Stripe's."""


@contextmanager
def speaking() -> Iterator[None]:
    """Raise `ProviderDown` in place of the SDK's errors: by then nothing is known of what was asked.

    Those that say something of what was asked, refused cards and requests, are the caller's to catch inside. Where too
    many wait for providers already, nothing is asked, and that is `ProviderDown` as well.
    """
    try:
        with waiting_place():
            yield
    except stripe.RateLimitError as error:
        raise ProviderDown("RateLimitError", _seconds(error, RETRY_LATER)) from error
    except (stripe.APIConnectionError, stripe.APIError) as error:
        log.warning("stripe_down", **_about(error))
        raise ProviderDown(type(error).__name__, _seconds(error, RETRY_SOON)) from error
    except stripe.StripeError as error:  # our key, our rights, or a key used for something else: no caller's fault
        log.error("stripe_refuses_us", **_about(error))  # noqa: TRY400  # its text quotes what was sent
        raise ProviderDown(type(error).__name__, RETRY_LATER) from error
    except (NotStripes, AttributeError, LookupError, TypeError) as error:  # the SDK takes any JSON for an object
        log.exception("stripe_answers_otherwise")
        raise ProviderDown("no object of Stripe's", RETRY_SOON) from error


def whole(thing: Any) -> dict[str, Any]:
    """Return an object of Stripe's that has a state of its own, as a plain mapping. Raises `NotStripes`."""
    found = thing.to_dict()
    if not isinstance(found, Mapping) or not all(isinstance(found.get(name), str) for name in ("id", "status")):
        raise NotStripes
    return dict(found)


def note_refusal(error: stripe.StripeError) -> None:
    """Log that Stripe will not do what we asked for: by codes and its own id, never its sentence, which quotes."""
    log.warning("stripe_refused", **_about(error))


def is_missing(error: stripe.InvalidRequestError) -> bool:
    """Say whether it was refused because there is no such thing."""
    return error.http_status == HTTPStatus.NOT_FOUND


def _about(error: stripe.StripeError) -> dict[str, object]:
    names = ("http_status", "code", "param", "request_id")
    return {"error": type(error).__name__} | {name: getattr(error, name, None) for name in names}


def _seconds(error: stripe.StripeError, otherwise: int) -> int:
    said = (error.headers or {}).get("Retry-After", "")
    return int(said) if said.isdecimal() and len(said) < len("10000") else otherwise
