"""`docs/settings.md` and `.env.example` cannot lie: what they list is what the programs ask for."""

import re
from decimal import Decimal, InvalidOperation

from app.database import POSTGRESQL_OPTIONS
from tests.databases import PROJECT
from tests.deploy.settings import asked_for, documented, exemplified

PAGE = PROJECT / "docs" / "settings.md"


def alike(text: str | None) -> str | Decimal | None:
    """Return a default in a form in which `5` and `5.0` are the same."""
    try:
        return Decimal(text or "nothing")
    except InvalidOperation:
        return text or None


def test_every_setting_is_on_the_page_and_in_the_example() -> None:
    asked = set(asked_for())
    assert "DATABASE_URL" in asked
    assert set(documented(PAGE)) == asked
    assert set(exemplified()) == asked


def test_the_page_tells_the_true_defaults() -> None:
    told = {name: alike(default) for name, default in documented(PAGE).items()}
    assert told == {name: alike(default) for name, default in asked_for().items()}


def test_what_the_example_sets_is_the_default() -> None:
    """Whoever copies it changes nothing by that."""
    lines = (PROJECT / ".env.example").read_text(encoding="utf-8").splitlines()
    set_there = dict(line.split("=", 1) for line in lines if re.match(r"[A-Z]", line))
    asked = asked_for()
    differing = {name: value for name, value in set_there.items() if alike(value) != alike(asked[name])}
    assert differing == {"PUBLIC_BASE_URL": "http://127.0.0.1:5000"}  # the default follows PORT


def test_pgbouncers_role_has_what_connections_ask_for() -> None:
    """PgBouncer leaves the options of connections out; the role that docs/scaling.md makes has them all."""
    page = (PROJECT / "docs" / "scaling.md").read_text(encoding="utf-8")
    made = dict(re.findall(r"ALTER ROLE parlour SET ([a-z_.]+) = '?([^';]+)'?;", page))
    asked = dict(re.findall(r"-c ([a-z_.]+)=(\S+)", POSTGRESQL_OPTIONS))
    assert {name: in_milliseconds(value) for name, value in made.items()} == asked


def in_milliseconds(value: str) -> str:
    """Return `5s` as PostgreSQL counts it."""
    return f"{value[:-1]}000" if re.fullmatch(r"\d+s", value) else value
