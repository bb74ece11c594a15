"""The settings, from the environment or `.env`: read once, validated whole, handed on as one frozen value.

A group of settings has its file in `app/settings/`: what its names are, what may stand in them, what it means.
"""

import os
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from dotenv import dotenv_values
from environs import EnvError
from marshmallow.validate import OneOf, Range

from app.kit.business import Business
from app.settings.business import read_business
from app.settings.callers import TrustedProxies, read_origins, read_proxies
from app.settings.checks import is_port, is_web_address, is_web_origin
from app.settings.database import read_database_url
from app.settings.dialogflow import read_dialogflow_secret
from app.settings.environment import Environment, SettingsError
from app.settings.images import Cloudinary, Images, read_images
from app.settings.jobs import Jobs, read_jobs
from app.settings.limits import Limits, read_limits
from app.settings.mail import Mail, read_mail
from app.settings.operations import Operations, read_operations
from app.settings.payments import Payments, read_payments
from app.settings.secret_keys import SECRET_NAMES, read_secret_keys
from app.settings.sms import Sms, read_sms

__all__ = [
    "INSTANCE",
    "ROOT",
    "SECRET_NAMES",
    "SILENT_SECONDS",
    "WEB_THREADS",
    "Cloudinary",
    "Images",
    "Jobs",
    "Limits",
    "Mail",
    "Operations",
    "Payments",
    "Settings",
    "SettingsError",
    "Sms",
    "TrustedProxies",
    "load_settings",
    "settings_or_exit",
]

ROOT: Final = Path(__file__).resolve().parent
INSTANCE: Final = ROOT / "instance"

ENVIRONMENTS: Final = ("development", "production", "testing")
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
WEB_THREADS: Final = 8
"""Requests that one process serves at once; its database pool has at least as many connections."""

SILENT_SECONDS: Final = 5
"""How long a caller may stay silent in the middle of its request, or take nothing of its answer."""


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a deployment can choose. Secrets and the database's address stay out of its `repr`.

    Of several keys the first one signs, and all verify.
    """

    environment: str
    secret_keys: tuple[str, ...] = field(repr=False)
    jwt_secret_keys: tuple[str, ...] = field(repr=False)
    jwt_refresh_secret_keys: tuple[str, ...] = field(repr=False)
    database_url: str = field(repr=False)
    access_token_minutes: int
    refresh_token_days: int
    log_level: str
    host: str
    port: int
    web_concurrency: int
    public_base_url: str
    frontend_url: str | None
    cors_origins: tuple[str, ...]
    trusted_proxies: TrustedProxies
    limits: Limits
    mail: Mail
    sms: Sms
    images: Images
    payments: Payments
    jobs: Jobs
    operations: Operations
    bcrypt_rounds: int
    catalogue_lease_ms: int
    webhooks_allow_private: bool
    dialogflow_secret: str | None = field(repr=False)
    business: Business

    @property
    def secret_key(self) -> str:
        """The key that signs now."""
        return self.secret_keys[0]

    @property
    def in_production(self) -> bool:
        """Whether this is the real thing."""
        return self.environment == "production"

    @property
    def warnings(self) -> tuple[str, ...]:
        """What is legal and probably not meant, a line each."""
        found = self.payments.warnings(self.business.currency)
        return (*self._missing_in_production(), *found) if self.in_production else found

    def _missing_in_production(self) -> Iterator[str]:
        if self.mail.server is None:
            yield f"MAIL_SERVER is not set: nobody gets mail, it is written to files in {self.mail.folder}."
        if self.database_url.startswith("sqlite"):
            yield "DATABASE_URL names no PostgreSQL: everything is in one SQLite file of this machine."
        if self.web_concurrency > 1 and self.limits.redis_url is None:
            yield "REDIS_URL is not set: each process counts limits for itself, that of signing in too."


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of `environ` alone, or else of the process' environment over `.env`.

    Raises `SettingsError`, naming the variable, for a value that cannot be meant.
    """
    env = Environment({**dotenv_values(ROOT / ".env"), **os.environ} if environ is None else environ)
    try:
        return _settings(env)
    except EnvError as error:
        raise SettingsError(env.explain(error)) from None


def settings_or_exit() -> Settings:
    """Return the settings of this process; where one is wrong, end it with a line that says which (status 1)."""
    try:
        return load_settings()
    except SettingsError as error:
        sys.exit(f"Settings: {error}")


def _settings(env: Environment) -> Settings:
    environment = env.str("FLASK_ENV", "development", validate=OneOf(ENVIRONMENTS, error="Must be one of: {choices}."))
    secret_keys, jwt_secret_keys, jwt_refresh_secret_keys = read_secret_keys(env, environment, INSTANCE)
    port = env.int("PORT", 5000, validate=is_port)
    in_production = environment == "production"
    mail, frontend_url = read_mail(env, INSTANCE), _web_address(env, "FRONTEND_URL")
    public_base_url = _web_address(env, "PUBLIC_BASE_URL", is_web_origin)
    if in_production and mail.server is not None and not (public_base_url or frontend_url):
        raise SettingsError("PUBLIC_BASE_URL or FRONTEND_URL is missing: the links in mails lead there.")
    return Settings(
        environment=environment,
        secret_keys=secret_keys,
        jwt_secret_keys=jwt_secret_keys,
        jwt_refresh_secret_keys=jwt_refresh_secret_keys,
        database_url=read_database_url(env, INSTANCE, in_production=in_production),
        access_token_minutes=env.int("ACCESS_TOKEN_EXPIRE", 15, validate=Range(1, 1440)),
        refresh_token_days=env.int("REFRESH_TOKEN_EXPIRE", 7, validate=Range(1, 365)),
        log_level=env.str("LOG_LEVEL", "INFO", validate=OneOf(LOG_LEVELS, error="Must be one of: {choices}.")),
        host=env.str("HOST", "127.0.0.1"),
        port=port,
        web_concurrency=env.int("WEB_CONCURRENCY", 1, validate=Range(1, 128)),
        public_base_url=public_base_url or f"http://127.0.0.1:{port}",
        frontend_url=frontend_url,
        cors_origins=read_origins(env.str("CORS_ORIGINS", "")),
        trusted_proxies=read_proxies(env.str("TRUSTED_PROXIES", "0"), everybody_allowed=not in_production),
        limits=read_limits(env),
        mail=mail,
        sms=read_sms(env),
        images=read_images(env, INSTANCE),
        payments=read_payments(env, in_production=in_production),
        jobs=read_jobs(env),
        operations=read_operations(env),
        catalogue_lease_ms=env.int("CATALOGUE_LEASE_MS", 100, validate=Range(0, 1000)),
        bcrypt_rounds=env.int("BCRYPT_ROUNDS", 12, validate=Range(4, 16)),
        webhooks_allow_private=env.bool("WEBHOOKS_ALLOW_PRIVATE", default=False),
        dialogflow_secret=read_dialogflow_secret(env, environment),
        business=read_business(env),
    )


def _web_address(env: Environment, name: str, check: Callable[[str], None] = is_web_address) -> str | None:
    """Return the address of a setting, without a slash at its end; None where it is not set."""
    address = env.str(name, None, validate=check)
    return address and address.rstrip("/")
