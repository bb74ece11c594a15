"""The settings, from the environment or `.env`: read once, validated whole, handed on as one frozen value."""

import os
import re
import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Any, Final
from urllib.parse import urlsplit

from dotenv import dotenv_values
from environs import EnvError, FileAwareEnv
from marshmallow import ValidationError
from marshmallow.validate import OneOf, Range
from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.kit.business import Business
from app.kit.keys import derive_key
from app.kit.money import LARGEST_AMOUNT
from app.kit.places import COUNTRY_CODES, CURRENCY_CODES, ZONE_NAMES

ROOT: Final = Path(__file__).resolve().parent
INSTANCE: Final = ROOT / "instance"

ENVIRONMENTS: Final = ("development", "production", "testing")
LOG_LEVELS: Final = ("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
WEB_THREADS: Final = 8
"""Requests that one process serves at once; its database pool has as many connections."""

SECRET_NAMES: Final = ("SECRET_KEY", "JWT_SECRET_KEY", "JWT_REFRESH_SECRET_KEY")
SHORTEST_SECRET: Final = 32
FEWEST_CHARACTERS: Final = 10
WELL_KNOWN: Final = re.compile(
    r"change.?me|your.?(own.?)?secret|(super|top).?secret|secret.?key|example|insecure|password"
)
"""What the secrets of tutorials and sample files have in common."""

MOST_DIGITS: Final = 3

_ORIGIN: Final = re.compile(r"https?://[a-z0-9.-]+(:[0-9]{1,5})?")
_LIMIT: Final = re.compile(r"[1-9][0-9]{0,8}/[1-9]?[0-9]{0,3} ?(second|minute|hour|day)s?")
_MAILBOX: Final = re.compile(r"([^<>@\r\n]*<)?[^<>@\s]+@[^<>@\s]+>?")

DRIVERS: Final = {"postgres": "postgresql+psycopg2", "postgresql": "postgresql+psycopg2"}


class SettingsError(Exception):
    """A setting is wrong; the message begins with its name."""


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


@dataclass(frozen=True, slots=True)
class Limits:
    """How often callers may ask, as `count/period`; counted in Redis where there is one, else in this process."""

    enabled: bool
    redis_url: str | None = field(repr=False)
    sign_in: str
    caller: str


@dataclass(frozen=True, slots=True)
class TrustedProxies:
    """Whose `X-Forwarded-For` is believed: the last `count` proxies, or those in `networks`; usually nobody's."""

    count: int = 0
    networks: tuple[IPv4Network | IPv6Network, ...] = ()


@dataclass(frozen=True, slots=True)
class Settings:
    """Everything a deployment can choose. Secrets and the database's address stay out of its `repr`.

    Of several keys the first one signs, and all verify.
    """

    environment: str
    secret_key: str = field(repr=False)
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
    bcrypt_rounds: int
    business: Business

    @property
    def in_production(self) -> bool:
        """Whether this is the real thing."""
        return self.environment == "production"


def load_settings(environ: Mapping[str, str] | None = None) -> Settings:
    """Return the settings of `environ` alone, or else of the process' environment over `.env`.

    Raises `SettingsError`, naming the variable, for a value that cannot be meant.
    """
    given = {**dotenv_values(ROOT / ".env"), **os.environ} if environ is None else environ
    try:
        return _settings(_Env({name: value for name, value in given.items() if value}))
    except EnvError as error:
        raise SettingsError(str(error)) from None


class _Env(FileAwareEnv):
    """environs over a given mapping; `NAME_FILE` may stand for any `NAME`."""

    def __init__(self, given: Mapping[str, str]) -> None:
        super().__init__()
        self._given = given

    def _get_value(self, env_key: str, default: Any) -> Any:
        path = self._given.get(f"{env_key}_FILE")
        if path is None:
            return self._given.get(env_key, default)
        if env_key in self._given:
            raise EnvError(f"{env_key} and {env_key}_FILE are both set.")
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise EnvError(f"{env_key}_FILE names no readable text file.") from error


def _settings(env: _Env) -> Settings:
    environment = env.str("FLASK_ENV", "development", validate=OneOf(ENVIRONMENTS))
    secret_keys, jwt_secret_keys, jwt_refresh_secret_keys = _secrets(env, environment)
    port = env.int("PORT", 5000, validate=Range(1, 65535))
    return Settings(
        environment=environment,
        secret_key=secret_keys[0],
        jwt_secret_keys=jwt_secret_keys,
        jwt_refresh_secret_keys=jwt_refresh_secret_keys,
        database_url=_database_url(env),
        access_token_minutes=env.int("ACCESS_TOKEN_EXPIRE", 15, validate=Range(1, 1440)),
        refresh_token_days=env.int("REFRESH_TOKEN_EXPIRE", 7, validate=Range(1, 365)),
        log_level=env.str("LOG_LEVEL", "INFO", validate=OneOf(LOG_LEVELS)),
        host=env.str("HOST", "127.0.0.1"),
        port=port,
        web_concurrency=env.int("WEB_CONCURRENCY", 1, validate=Range(1, 128)),
        public_base_url=env.str("PUBLIC_BASE_URL", f"http://127.0.0.1:{port}", validate=_is_web_address).rstrip("/"),
        frontend_url=(env.str("FRONTEND_URL", "", validate=_is_web_address_if_any)).rstrip("/") or None,
        cors_origins=_origins(env.str("CORS_ORIGINS", "")),
        trusted_proxies=_proxies(env.str("TRUSTED_PROXIES", "0")),
        limits=_limits(env),
        mail=_mail(env),
        bcrypt_rounds=env.int("BCRYPT_ROUNDS", 12, validate=Range(4, 16)),
        business=_business(env),
    )


def _business(env: _Env) -> Business:
    return Business(
        name=env.str("BUSINESS_NAME", "Parlour"),
        currency=env.str("BUSINESS_CURRENCY", "KES", validate=_is_in(CURRENCY_CODES, "ISO 4217 currency")),
        timezone=env.str("BUSINESS_TIMEZONE", "Africa/Nairobi", validate=_is_in(ZONE_NAMES, "IANA time zone")),
        country=env.str("BUSINESS_COUNTRY", "KE", validate=_is_in(COUNTRY_CODES, "ISO 3166 country")),
        slot_minutes=env.int("SLOT_MINUTES", 15, validate=Range(1, 1440)),
        hold_minutes=env.int("HOLD_MINUTES", 10, validate=Range(1, 1440)),
        owner_signup=env.bool("OWNER_SIGNUP", default=True),
        deposit_above=env.int("DEPOSIT_ABOVE", None, validate=Range(0, LARGEST_AMOUNT)),
        deposit_above_percent=env.int("DEPOSIT_ABOVE_PERCENT", 0, validate=Range(0, 100)),
        tax_rate_percent=env.decimal("TAX_RATE_PERCENT", Decimal(0), validate=Range(Decimal(0), Decimal(100))),
    )


def _limits(env: _Env) -> Limits:
    return Limits(
        enabled=env.bool("RATELIMIT_ENABLED", default=True),
        redis_url=env.str("REDIS_URL", None, validate=_is_redis_address),
        sign_in=env.str("RATELIMIT_SIGN_IN", "10/minute", validate=_is_limit),
        caller=env.str("RATELIMIT_CALLER", "600/minute", validate=_is_limit),
    )


def _mail(env: _Env) -> Mail:
    return Mail(
        server=env.str("MAIL_SERVER", None),
        port=env.int("MAIL_PORT", 587, validate=Range(1, 65535)),
        username=env.str("MAIL_USERNAME", None),
        password=env.str("MAIL_PASSWORD", None),
        use_tls=env.bool("MAIL_USE_TLS", default=True),
        sender=env.str("MAIL_FROM", "Parlour <no-reply@parlour.example>", validate=_is_mailbox),
        folder=Path(env.str("MAIL_DIR", str(INSTANCE / "mail"))),
    )


def _origins(text: str) -> tuple[str, ...]:
    """Return the exact origins, such as `https://app.example`, or `*` alone for all."""
    origins = tuple(one for one in re.split(r"[\s,]+", text.strip()) if one)
    if origins != ("*",) and any(not _ORIGIN.fullmatch(one) for one in origins):
        raise SettingsError("CORS_ORIGINS must be origins such as https://app.example, with commas between them.")
    return origins


def _proxies(text: str) -> TrustedProxies:
    """Read a number of proxies, or their addresses and networks."""
    if text.strip().isdecimal() and len(text) < MOST_DIGITS:
        return TrustedProxies(count=int(text))
    try:
        return TrustedProxies(networks=tuple(ip_network(one) for one in re.split(r"[\s,]+", text.strip())))
    except ValueError:
        raise SettingsError("TRUSTED_PROXIES must be a number of proxies, or their addresses or networks.") from None


def _database_url(env: _Env) -> str:
    text = env.str("DATABASE_URL", None)
    if text is None:
        return _url_of_parts(env)
    try:
        url = make_url(text)
    except ArgumentError:
        raise SettingsError("DATABASE_URL is not a database address.") from None
    driver = DRIVERS.get(url.drivername, url.drivername)
    if driver not in {*DRIVERS.values(), "sqlite"}:
        raise SettingsError("DATABASE_URL must begin with postgresql:// or sqlite://.")
    return url.set(drivername=driver).render_as_string(hide_password=False)


def _url_of_parts(env: _Env) -> str:
    """Make the address from DB_NAME and its companions, or else name the SQLite file in `instance/`."""
    name = env.str("DB_NAME", None)
    if name is None:
        if env.str("DB_USER", None) or env.str("DB_PASSWORD", None) or env.str("DB_HOST", None):
            raise SettingsError("DB_NAME is missing beside the other DB_ settings.")
        INSTANCE.mkdir(exist_ok=True)
        return f"sqlite:///{INSTANCE / 'parlour.sqlite3'}"
    return URL.create(
        DRIVERS["postgresql"],
        username=env.str("DB_USER", "postgres"),
        password=env.str("DB_PASSWORD", None),
        host=env.str("DB_HOST", "127.0.0.1"),
        port=env.int("DB_PORT", 5432, validate=Range(1, 65535)),
        database=name,
    ).render_as_string(hide_password=False)


def _secrets(env: _Env, environment: str) -> list[tuple[str, ...]]:
    """Return the keys of each of `SECRET_NAMES`, deriving those left out from the first that is given."""
    given = {name: _keys(env.str(name, "")) for name in SECRET_NAMES}
    known = {name: keys for name, keys in given.items() if keys}
    if environment == "production":
        _refuse_weak(known)
    roots = next(iter(known.values()), None) or (_own_secret(environment),)
    return [known.get(name) or tuple(derive_key(root, name).hex() for root in roots) for name in SECRET_NAMES]


def _keys(text: str) -> tuple[str, ...]:
    """Read one key, or several with commas between them while keys are being changed."""
    return tuple(key.strip() for key in text.split(",") if key.strip())


def _refuse_weak(known: Mapping[str, Sequence[str]]) -> None:
    if not known:
        raise SettingsError("SECRET_KEY is missing.")
    for name, keys in known.items():
        for key in keys:
            if len(key.encode()) < SHORTEST_SECRET:
                raise SettingsError(f"{name} is shorter than {SHORTEST_SECRET} bytes.")
            if WELL_KNOWN.search(key.lower()) or len(set(key)) < FEWEST_CHARACTERS:
                raise SettingsError(f"{name} is well known or easily guessed; make one with: openssl rand -hex 32")
    everything = [key for keys in known.values() for key in keys]
    if len(set(everything)) != len(everything):
        raise SettingsError(f"{', '.join(known)} must differ; leave the others out to have them derived.")


def _own_secret(environment: str) -> str:
    """Return a secret of our own making; in development the same at every start, so that tokens live on."""
    fresh = secrets.token_hex(SHORTEST_SECRET)
    if environment == "testing":
        return fresh
    path = INSTANCE / "secret_key"
    INSTANCE.mkdir(exist_ok=True)
    draft = INSTANCE / f".secret_key.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text(fresh, encoding="utf-8")
    try:
        path.hardlink_to(draft)  # atomic: of several processes that start at once, all read the first one's
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    finally:
        draft.unlink()
    return fresh


def _is_in(names: frozenset[str], what: str) -> Callable[[str], None]:
    def check(value: str) -> None:
        if value not in names:
            raise ValidationError(f"not an {what}")

    return check


def _is_web_address_if_any(value: str) -> None:
    if value:
        _is_web_address(value)


def _is_redis_address(value: str | None) -> None:
    if value is not None and urlsplit(value).scheme not in {"redis", "rediss", "unix"}:
        raise ValidationError("not a redis address")


def _is_limit(value: str) -> None:
    if not _LIMIT.fullmatch(value):
        raise ValidationError("not a limit such as 10/minute")


def _is_mailbox(value: str) -> None:
    if not _MAILBOX.fullmatch(value):
        raise ValidationError("not an address such as Parlour <no-reply@parlour.example>")


def _is_web_address(value: str) -> None:
    parts = urlsplit(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValidationError("not an http or https address")
