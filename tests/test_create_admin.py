"""`create_admin.py`, run as people run it."""

import subprocess
import sys
from typing import Any

import pytest
from flask import Flask

from app.models import User
from tests.api import Api
from tests.databases import PROJECT
from tests.factories import make_user, token_for
from tests.settings import process_environment

EMAIL, PASSWORD = "boss@example.test", "correct horse battery"


def run(url: str, *arguments: str, **environment: str) -> Any:
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
        (("--email", "nobody", "--password", PASSWORD), "email"),
    ],
)
def test_what_is_wrong_is_said(app: Flask, arguments: tuple[str, ...], said: str) -> None:
    """A status other than 0, and a line that names it; no trace."""
    done = run(app.config["SQLALCHEMY_DATABASE_URI"], *arguments)
    assert done.returncode != 0
    assert said in done.stderr
    assert "Traceback" not in done.stderr


@pytest.mark.databases("sqlite")
def test_a_database_without_tables(tmp_path: Any) -> None:
    """It says what to run."""
    done = run(f"sqlite:///{tmp_path}/empty.db", "--email", EMAIL, "--password", PASSWORD)
    assert done.returncode != 0
    assert "db upgrade" in done.stderr
