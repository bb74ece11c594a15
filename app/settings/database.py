"""Where the data is: DATABASE_URL, or DB_NAME and its companions, or an SQLite file."""

from pathlib import Path
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.settings.checks import is_port
from app.settings.environment import Environment, SettingsError

DRIVERS: Final = {"postgres": "postgresql+psycopg2", "postgresql": "postgresql+psycopg2"}
WELL_KNOWN: Final = {"for-development-only", "password", "postgres", "changeme", "secret", "example", "parlour"}
"""Passwords that stand in docker-compose.yml, in manuals and in sample files."""

COMPANIONS: Final = ("DB_USER", "DB_PASSWORD", "DB_HOST", "DB_PORT")


def read_database_url(env: Environment, folder: Path, *, in_production: bool = False) -> str:
    """Return SQLAlchemy's address of the database; without any setting a file in `folder`, which is then made.

    Raises `SettingsError`, in production for a well-known password too.
    """
    given, name = env.str("DATABASE_URL", None), env.str("DB_NAME", None)
    if given is None and name is None:
        return _own_file(env, folder)
    url = _with_driver(given) if given is not None else _of_parts(env, str(name))
    if in_production and url.password in WELL_KNOWN:
        of = "DB_PASSWORD" if given is None else "DATABASE_URL"
        raise SettingsError(f"{of} has a well-known password; make one with: openssl rand -hex 16")
    return url.render_as_string(hide_password=False)


def _own_file(env: Environment, folder: Path) -> str:
    for companion in COMPANIONS:
        if env.is_set(companion):
            raise SettingsError(f"DB_NAME is missing: {companion} says nothing without it.")
    folder.mkdir(exist_ok=True)
    return f"sqlite:///{folder / 'parlour.sqlite3'}"


def _with_driver(given: str) -> URL:
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        raise SettingsError("DATABASE_URL is not a database address.") from None
    driver = DRIVERS.get(url.drivername, url.drivername)
    if driver not in {*DRIVERS.values(), "sqlite"}:
        raise SettingsError("DATABASE_URL must begin with postgresql:// or sqlite://.")
    return url.set(drivername=driver)


def _of_parts(env: Environment, name: str) -> URL:
    return URL.create(
        DRIVERS["postgresql"],
        username=env.str("DB_USER", "postgres"),
        password=env.str("DB_PASSWORD", None),
        host=env.str("DB_HOST", "127.0.0.1"),
        port=env.int("DB_PORT", 5432, validate=is_port),
        database=name,
    )
