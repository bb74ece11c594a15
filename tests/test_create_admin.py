"""`create_admin.py`, as people run it."""

import os
import subprocess
import sys
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from flask import Flask

from app.kit.errors import Invalid
from app.models import Role, User
from create_admin import main, make_admin
from tests.api import Api
from tests.auth.links import token_in
from tests.databases import PROJECT
from tests.factories import make_user, token_for
from tests.mailbox import Mailbox
from tests.settings import process_environment

EMAIL, PASSWORD = "boss@example.test", "correct horse battery"


def run(url: str, *arguments: str | bytes, **environment: str) -> Any:
    """Run the script on a database, away from any terminal."""
    command = [sys.executable, "create_admin.py", *arguments]
    settings = process_environment(url, **environment)
    return subprocess.run(
        command, cwd=PROJECT, env=settings, check=False, capture_output=True, text=True, stdin=subprocess.DEVNULL
    )


@pytest.fixture
def run_here(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Return a function that runs the script on the test's database, in this process: another takes a second."""

    def run_here(*arguments: str | bytes, **environment: str) -> None:
        for name, value in process_environment(app.config["SQLALCHEMY_DATABASE_URI"], **environment).items():
            monkeypatch.setenv(name, value)
        monkeypatch.setattr(sys, "argv", ["create_admin.py", *map(os.fsdecode, arguments)])
        main()

    return run_here


def test_it_creates_and_promotes(
    app: Flask, api: Api, run_here: Callable[..., None], capsys: pytest.CaptureFixture[str]
) -> None:
    """A new account; then an existing client, whose old tokens stop working; then the same again."""
    url = app.config["SQLALCHEMY_DATABASE_URI"]
    done = run(url, "--email", EMAIL, "--password", PASSWORD)
    assert (done.returncode, done.stdout) == (0, f"Admin created: {EMAIL}\n"), done.stderr
    client: User = make_user(email="ada@example.test")
    token = token_for(client)
    run_here(ADMIN_EMAIL="ADA@example.test", ADMIN_PASSWORD=PASSWORD)
    assert capsys.readouterr().out == "Admin promoted: ADA@example.test\n"
    assert api.get("/api/users/me", token=token).json["code"] == "token_revoked"
    for email in (EMAIL, "ada@example.test"):
        answer = api.post("/api/auth/login", {"email": email, "password": PASSWORD})
        assert (answer.status_code, answer.json["user"]["role"]) == (200, "admin")


@pytest.mark.databases("sqlite")  # none is asked about it
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
def test_what_is_wrong_is_said(
    run_here: Callable[..., None], capsys: pytest.CaptureFixture[str], arguments: tuple[str | bytes, ...], said: str
) -> None:
    """A status other than 0, and a line that names it; no trace."""
    with pytest.raises(SystemExit) as end:
        run_here(*arguments)
    assert end.value.code != 0
    assert said in f"{end.value.code} {capsys.readouterr().err}"


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


@pytest.mark.parametrize("has_account", [True, False])
def test_an_admins_email_counts_as_proved(app: Flask, api: Api, has_account: bool) -> None:
    """What staff wrote down for a walk-in of that email is the admin's."""
    walk_in = make_user(has_login=False, email=EMAIL, phone="+254712345678")
    if has_account:
        make_user(email=EMAIL)
    make_admin(EMAIL, PASSWORD)
    found = api.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD}).json
    assert (found["user"]["email_verified"], found["user"]["phone"]) == (True, "+254712345678")
    assert api.get(f"/api/users/{walk_in.id}", token=found["access_token"]).status_code == 404


def test_whoever_had_the_account_is_out(app: Flask, api: Api, mailbox: Mailbox) -> None:
    """A link that was mailed before takes nothing over; a lock is lifted."""
    make_user(email=EMAIL, locked_until=datetime(2999, 1, 1, tzinfo=UTC))
    api.post("/api/auth/password/forgot", {"email": EMAIL})
    (mail,) = mailbox.deliver()
    make_admin(EMAIL, PASSWORD)
    stolen = {"token": token_in(mail), "password": "the password of a thief"}
    assert api.post("/api/auth/password/reset", stolen).status_code == 400
    assert api.post("/api/auth/login", {"email": EMAIL, "password": PASSWORD}).status_code == 200
