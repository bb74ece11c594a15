"""Payment providers: adapters behind one interface, those that the settings name."""

from __future__ import annotations

import hashlib
import hmac
from typing import TYPE_CHECKING

from flask import current_app

from app.integrations.payments.provider import (
    BadCallback,
    BadPayment,
    Card,
    Failure,
    Incoming,
    Outcome,
    PaymentCall,
    Provider,
    ProviderDown,
    RefundCall,
    RefundSeen,
    Setup,
    Signed,
    Started,
    Status,
    Unsigned,
    Vault,
)
from app.kit.keys import derive_key

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings

__all__ = [
    "BadCallback",
    "BadPayment",
    "Card",
    "Failure",
    "Incoming",
    "Outcome",
    "PaymentCall",
    "Provider",
    "ProviderDown",
    "RefundCall",
    "RefundSeen",
    "Setup",
    "Signed",
    "Started",
    "Status",
    "Unsigned",
    "Vault",
    "callback_secret",
    "callback_url",
    "configured",
    "hash_of",
    "install",
    "provider_named",
    "providers",
]


def configured(settings: Settings) -> dict[str, Provider]:
    """Return the providers that `settings` name, by name."""
    found: dict[str, Provider] = {}
    if settings.payments.stripe is not None:
        from app.integrations.payments.stripe import Stripe  # noqa: PLC0415  # half a second that few need

        found[Stripe.name] = Stripe(settings.payments.stripe)
    if settings.payments.mpesa is not None and settings.business.currency == "KES":
        from app.integrations.payments.mpesa import Mpesa  # noqa: PLC0415  # the same

        found[Mpesa.name] = Mpesa(settings.payments.mpesa)
    return found


def install(app: Flask) -> None:
    """Open the providers that the settings of `app` name."""
    app.extensions["payments"] = configured(app.extensions["settings"])


def callback_secret(reference: str) -> str:
    """Return what stands in the address at which an unsigned provider tells of a payment: 64 hex digits."""
    settings: Settings = current_app.extensions["settings"]
    key = derive_key(settings.secret_key, "payment callback")
    return hmac.new(key, reference.encode(), hashlib.sha256).hexdigest()


def hash_of(secret: str) -> str:
    """Return by what a payment is found whose address has this secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def callback_url(provider: str, reference: str) -> str:
    """Return the address at which a provider tells of a payment."""
    settings: Settings = current_app.extensions["settings"]
    return f"{settings.public_base_url}/api/payments/webhooks/{provider}/{callback_secret(reference)}"


def providers() -> dict[str, Provider]:
    """Return the providers of the running application, by name."""
    found: dict[str, Provider] = current_app.extensions["payments"]
    return found


def provider_named(name: str) -> Provider | None:
    """Return a provider of the running application; None where the settings do not name it."""
    return providers().get(name)
