"""How texts leave."""

from dataclasses import dataclass, field
from typing import Final

from marshmallow.validate import OneOf, Range

from app.settings.checks import is_web_address
from app.settings.environment import Environment, SettingsError

PROVIDERS: Final = ("log", "twilio", "africastalking")
NEEDED: Final = {
    "twilio": ("TWILIO_ACCOUNT_SID", "TWILIO_AUTH_TOKEN", "SMS_FROM"),
    "africastalking": ("AFRICASTALKING_USERNAME", "AFRICASTALKING_API_KEY"),
}


@dataclass(frozen=True, slots=True)
class Sms:
    """How texts leave: by `provider`, whose account has a name and a secret; `log` notes them and sends nothing.

    `api_base` stands for the provider's own address where it is set; a test's server, say.
    """

    provider: str
    sender: str | None
    account: str = ""
    secret: str = field(default="", repr=False)
    api_base: str | None = None
    timeout_seconds: float = 5.0


def read_sms(env: Environment) -> Sms:
    """Return the ways of SMS_…, TWILIO_… and AFRICASTALKING_…. Raises `SettingsError` where one is missing."""
    provider = env.str("SMS_PROVIDER", "log", validate=OneOf(PROVIDERS, error="Must be one of: {choices}."))
    needed = NEEDED.get(provider, ())
    for name in needed:
        if not env.is_set(name):
            raise SettingsError(f"{name} is missing beside SMS_PROVIDER={provider}.")
    account, secret = (env.str(name) for name in needed[:2]) if needed else ("", "")
    return Sms(
        provider=provider,
        sender=env.str("SMS_FROM", None),
        account=account,
        secret=secret,
        api_base=_address(env),
        timeout_seconds=env.float("SMS_TIMEOUT_SECONDS", 5.0, validate=Range(0.1, 60)),
    )


def _address(env: Environment) -> str | None:
    found: str | None = env.str("SMS_API_BASE", None, validate=is_web_address) if env.is_set("SMS_API_BASE") else None
    return found and found.rstrip("/")
