"""Deny by default, at run time."""

import pytest
from flask import Flask

from app.security.guards import guard_of, refuse_unguarded
from app.web import problems
from tests.api import Api, Client


def test_a_view_that_forgot_its_guard_lets_nobody_in() -> None:
    """403 before anything of it runs."""
    app = Flask("forgetful")
    app.test_client_class = Client
    problems.install(app)
    app.before_request(refuse_unguarded)
    reached: list[int] = []

    def forgetful() -> str:
        reached.append(1)
        return "in"

    app.add_url_rule("/open", view_func=forgetful)
    answer = Api(app.test_client()).get("/open")
    assert (answer.status_code, reached) == (403, [])


@pytest.mark.databases("sqlite")
def test_the_guard_of_a_view_is_found_under_its_other_decorators(app: Flask) -> None:
    """What the structure test and the documents read."""
    guard = guard_of(app.view_functions["services.create"])
    assert guard is not None
    assert (guard.public, [role.value for role in guard.roles]) == (False, ["admin"])
