"""`create_admin.py`, run as people run it."""

import subprocess
import sys
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import create_engine, text

from app.kit.errors import Invalid
from app.models import Role, User
from create_admin import make_admin
from tests.api import Api
from tests.databases import PROJECT
from tests.factories import make_user, token_for
from tests.settings import process_environment

EMAIL, PASSWORD = "boss@example.test", "correct horse battery"


def run(url: str, *arguments: str | bytes, **environment: str) -> Any:
    """Run the script on a database, away from any terminal."""
    command = [sys.executable, "create_admin.py", *arguments]
    settings = process_environment(url, **environment)
    return subprocess.run(
        command, cwd=PROJECT, env=settings, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


def test_it_creates_and_promotes(app: Flask, api: Api) -> None:
    """A new account; then an existing client, whose old tokens stop working; then the same again."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    done = run(url, "--email", EMAIL, "--password", PASSWORD)
    assert (done.returncode, done.stdout) == (0, f"Admin created: {EMAIL}\n")
    client: User = make_user(email="ada@example.test")
    token = token_for(client)
    done = run(url, ADMIN_EMAIL="ADA@example.test", ADMIN_PASSWORD=PASSWORD)
    assert (done.returncode, done.stdout.split(":")[0]) == (0, "Admin promoted")
    assert api.get("/api/users/me", token=token).json["code"] == "token_revoked"
    for email in (EMAIL, "ada@example.test"):
        answer = api.post("/api/auth/login", {"email": email, "password": PASSWORD})
        assert (answer.status_code, answer.json["user"]["role"]) == (200, "admin")


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        ((), "ADMIN_PASSWORD"),
        (("--email", EMAIL, "--password", "short"), "at least 8"),
        (("--email", EMAIL, "--password", "password123"), "first that anybody would try"),
        (("--email", EMAIL, "--password", b"abcdefgh\xff"), "half a surrogate"),
        (("--email", EMAIL), "ADMIN_PASSWORD"),
        (("--email", "nobody", "--password", PASSWORD), "email"),
        (("--role", "admin"), "unrecognized"),
    ],
)
def test_what_is_wrong_is_said(app: Flask, arguments: tuple[str | bytes, ...], said: str) -> None:
    """A status other than 0, and a line that names it; no trace."""
    done = run(app.config["SQLALCHEMY_DATABASE_URI"], *arguments)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


def test_a_database_without_tables(database_url: str) -> None:
    """It says what to run."""
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg2:"))
    with engine.begin() as connection:
        connection.execute(text("ALTER TABLE users RENAME TO somebody"))
    engine.dispose()
    done = run(database_url, "--email", EMAIL, "--password", PASSWORD)
    assert (done.returncode, done.stdout) == (1, "")
    assert "db upgrade" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("url", ["sqlite:////nowhere/at/all.db", "postgresql://nobody@127.0.0.1:9/none"])
def test_a_database_that_is_not_there(url: str) -> None:
    """The same line."""
    done = run(url, "--email", EMAIL, "--password", PASSWORD)
    assert done.returncode == 1
    assert "The database is not there" in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.parametrize("role", [Role.STAFF, Role.OWNER, Role.ADMIN])
def test_promoting_restores_whoever_it_was(app: Flask, api: Api, role: Role) -> None:
    """Deactivated, without a password, an admin already: afterwards it is an active admin with this password."""
    user = make_user(role, email="ada@example.test", first_name="Ada", is_active=False)
    assert make_admin("ADA@example.test", PASSWORD) == "Admin promoted: ADA@example.test"
    answer = api.post("/api/auth/login", {"email": "ada@example.test", "password": PASSWORD})
    found = answer.json["user"]
    assert [found[name] for name in ("id", "role", "is_active", "first_name")] == [user.id, "admin", True, "Ada"]


def test_a_bad_password_changes_nobody(app: Flask, api: Api) -> None:
    """Not even half."""
    user = make_user(email=EMAIL)
    token = token_for(user)
    for password in ("short", "password123", EMAIL, "x" * 73, "abc\0defgh", "abcdefg\udcff", "Test Parlour"):
        with pytest.raises(Invalid):
            make_admin(EMAIL, password)
    assert api.get("/api/users/me", token=token).json["role"] == "client"
