"""Where the data is: DATABASE_URL, or DB_NAME and its companions, or an SQLite file."""

from pathlib import Path
from typing import Final

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from app.settings.checks import is_port
from app.settings.environment import Environment, SettingsError

DRIVERS: Final = {"postgres": "postgresql+psycopg2", "postgresql": "postgresql+psycopg2"}
COMPANIONS: Final = ("DB_USER", "DB_PASSWORD", "DB_HOST", "DB_PORT")


def read_database_url(env: Environment, folder: Path) -> str:
    """Return SQLAlchemy's address of the database; without any setting a file in `folder`, which is then made."""
    given = env.str("DATABASE_URL", None)
    if given is not None:
        return _with_driver(given)
    name = env.str("DB_NAME", None)
    if name is not None:
        return _of_parts(env, name)
    for companion in COMPANIONS:
        if env.is_set(companion):
            raise SettingsError(f"DB_NAME is missing: {companion} says nothing without it.")
    folder.mkdir(exist_ok=True)
    return f"sqlite:///{folder / 'parlour.sqlite3'}"


def _with_driver(given: str) -> str:
    try:
        url = make_url(given)
    except (ArgumentError, ValueError):
        raise SettingsError("DATABASE_URL is not a database address.") from None
    driver = DRIVERS.get(url.drivername, url.drivername)
    if driver not in {*DRIVERS.values(), "sqlite"}:
        raise SettingsError("DATABASE_URL must begin with postgresql:// or sqlite://.")
    return url.set(drivername=driver).render_as_string(hide_password=False)


def _of_parts(env: Environment, name: str) -> str:
    return URL.create(
        DRIVERS["postgresql"],
        username=env.str("DB_USER", "postgres"),
        password=env.str("DB_PASSWORD", None),
        host=env.str("DB_HOST", "127.0.0.1"),
        port=env.int("DB_PORT", 5432, validate=is_port),
        database=name,
    ).render_as_string(hide_password=False)
