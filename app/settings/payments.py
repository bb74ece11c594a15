"""Who takes money for the business: its accounts with Stripe and with M-Pesa."""

from dataclasses import dataclass, field
from typing import Final

from marshmallow.validate import Regexp

from app.settings.checks import is_web_address
from app.settings.environment import Environment, SettingsError

STRIPE_API: Final = "https://api.stripe.com"
MPESA_API: Final = "https://api.safaricom.co.ke"
MPESA_SANDBOX: Final = "https://sandbox.safaricom.co.ke"
MPESA_NAMES: Final = ("MPESA_CONSUMER_KEY", "MPESA_CONSUMER_SECRET", "MPESA_SHORTCODE", "MPESA_PASSKEY")


def is_shortcode(value: str | None) -> None:
    """Check for the number of a till or paybill, or none."""
    if value is not None:
        Regexp(r"[0-9]{5,7}\Z", error="Must be 5 to 7 digits.")(value)


@dataclass(frozen=True, slots=True)
class StripeAccount:
    """An account with Stripe. Each webhook secret is good; without any, no message of Stripe is believed."""

    secret_key: str = field(repr=False)
    webhook_secrets: tuple[str, ...] = field(repr=False)
    api_base: str


@dataclass(frozen=True, slots=True)
class MpesaAccount:
    """A pay bill number with Safaricom's Daraja, or the store number of a till, which `till` then names."""

    consumer_key: str = field(repr=False)
    consumer_secret: str = field(repr=False)
    shortcode: str
    passkey: str = field(repr=False)
    api_base: str
    till: str | None = None


@dataclass(frozen=True, slots=True)
class Payments:
    """The providers that are set; cash, and what was paid ahead, are taken in any case."""

    stripe: StripeAccount | None
    mpesa: MpesaAccount | None

    def warnings(self, currency: str) -> tuple[str, ...]:
        """Return what is legal and probably not meant, a line each."""
        found = []
        if self.stripe is not None and not self.stripe.webhook_secrets:
            found.append("STRIPE_WEBHOOK_SECRET is not set: payments by card are found out about by asking only.")
        if self.mpesa is not None and currency != "KES":
            found.append("MPESA_SHORTCODE is set, but M-Pesa takes KES only and BUSINESS_CURRENCY is another.")
        return tuple(found)


def read_payments(env: Environment, *, in_production: bool) -> Payments:
    """Return the accounts of STRIPE_… and MPESA_…; production talks to the real M-Pesa unless told otherwise."""
    return Payments(_stripe(env), _mpesa(env, MPESA_API if in_production else MPESA_SANDBOX))


def _stripe(env: Environment) -> StripeAccount | None:
    key, hooks = env.str("STRIPE_SECRET_KEY", None), env.str("STRIPE_WEBHOOK_SECRET", "")
    base = env.str("STRIPE_API_BASE", STRIPE_API, validate=is_web_address).rstrip("/")
    if key is None:
        if hooks:
            raise SettingsError("STRIPE_SECRET_KEY is missing beside STRIPE_WEBHOOK_SECRET.")
        return None
    return StripeAccount(key, tuple(hook.strip() for hook in hooks.split(",") if hook.strip()), base)


def _mpesa(env: Environment, usual_base: str) -> MpesaAccount | None:
    checks = {"MPESA_SHORTCODE": is_shortcode}
    given = {name: env.str(name, None, validate=checks.get(name)) for name in MPESA_NAMES}
    base = env.str("MPESA_API_BASE", usual_base, validate=is_web_address).rstrip("/")
    till = env.str("MPESA_TILL", None, validate=is_shortcode)
    if not any([*given.values(), till]):
        return None
    for name, value in given.items():
        if value is None:
            raise SettingsError(f"{name} is missing: {', '.join(MPESA_NAMES)} go together.")
    key, secret, shortcode, passkey = (value or "" for value in given.values())
    return MpesaAccount(key, secret, shortcode, passkey, base, till)
