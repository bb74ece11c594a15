"""How mail leaves."""

from dataclasses import dataclass, field
from pathlib import Path

from marshmallow.validate import Range

from app.settings.checks import is_mailbox, is_port
from app.settings.environment import Environment, SettingsError


@dataclass(frozen=True, slots=True)
class Mail:
    """How mail leaves: by SMTP through `server`, or without one as `.eml` files into `folder`."""

    server: str | None
    port: int
    username: str | None
    password: str | None = field(repr=False)
    use_tls: bool
    sender: str
    folder: Path
    timeout_seconds: float = 5.0
    """How long a server may stay silent, at each step."""


def read_mail(env: Environment, folder: Path) -> Mail:
    """Return the ways of MAIL_…; files go below `folder` unless MAIL_DIR names another."""
    username, password = env.str("MAIL_USERNAME", None), env.str("MAIL_PASSWORD", None)
    if username is not None and password is None:
        raise SettingsError("MAIL_PASSWORD is missing beside MAIL_USERNAME.")
    if password is not None and username is None:
        raise SettingsError("MAIL_USERNAME is missing beside MAIL_PASSWORD.")
    return Mail(
        server=env.str("MAIL_SERVER", None),
        port=env.int("MAIL_PORT", 587, validate=is_port),
        username=username,
        password=password,
        use_tls=env.bool("MAIL_USE_TLS", default=True),
        sender=env.str("MAIL_FROM", "Parlour <no-reply@parlour.example>", validate=is_mailbox),
        folder=Path(env.str("MAIL_DIR", str(folder / "mail"))),
        timeout_seconds=env.float("MAIL_TIMEOUT_SECONDS", 5.0, validate=Range(0.1, 60)),
    )
