"""The secret that Dialogflow's webhooks bear."""

from marshmallow import ValidationError

from app.settings.environment import Environment
from app.settings.secret_keys import refuse_weak


def read_dialogflow_secret(env: Environment, environment: str) -> str | None:
    """Return the secret of DIALOGFLOW_SECRET; None where it is not set: then nobody is answered.

    Raises `SettingsError` for one that is weak in production.
    """
    secret: str | None = env.str("DIALOGFLOW_SECRET", None, validate=_is_ascii)
    if secret is not None and environment == "production":
        refuse_weak("DIALOGFLOW_SECRET", secret)
    return secret


def _is_ascii(value: str | None) -> None:
    """Check for what a header can carry."""
    if value is not None and not (value.isascii() and value.isprintable()):
        raise ValidationError("Must be printable ASCII characters.")
