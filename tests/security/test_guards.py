"""Guards: deny by default, and who gets through which kind of guard, whatever stands in the request."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask, g
from werkzeug.routing import Rule

from app.models import Role
from app.security.guards import current_actor, guard_of, optional_actor, public, refuse_unguarded, roles, signed_in
from app.web import problems
from app.web.uploads import takes_upload
from tests.api import Api, Client
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import make_user, token_for

METHODS = {"GET", "POST", "PUT", "PATCH", "DELETE"}


def test_a_view_that_forgot_its_guard_lets_nobody_in() -> None:
    """403 before anything of it runs."""
    app = Flask("forgetful")
    app.test_client_class = Client
    problems.install(app)
    app.before_request(refuse_unguarded)
    reached: list[str] = []

    @app.route("/open")
    def open_door() -> str:
        reached.append("open")
        return ""

    for method in ("GET", "HEAD"):
        assert Api(app.test_client()).call(method, "/open").status_code == 403
    assert reached == []


@pytest.mark.databases("sqlite")
def test_the_guard_of_a_view_is_found_under_its_other_decorators(app: Flask) -> None:
    """What the tests below and the documents read."""
    guard = guard_of(app.view_functions["services.create"])
    assert guard is not None
    assert (guard.public, [role.value for role in guard.roles]) == (False, ["admin"])


@pytest.mark.databases("sqlite")
def test_every_rule_has_a_guard(app: Flask) -> None:
    """System pages, static files and documents too."""
    assert [rule.rule for rule in app.url_map.iter_rules() if guard_of(app.view_functions[rule.endpoint]) is None] == []


def test_each_kind_of_guard(app: Flask) -> None:
    """Which roles each lets in; whoever may come in is known inside."""
    everybody = signed_in(current_actor)
    some = roles(Role.STAFF, Role.ADMIN)(current_actor)
    anybody = public(optional_actor)
    assert guard_of(everybody).roles == set(Role)  # type: ignore[union-attr]  # without one it fails
    assert guard_of(some).roles == {Role.STAFF, Role.ADMIN}  # type: ignore[union-attr]  # without one it fails
    for role in Role:
        user = make_user(role)
        with app.test_request_context(headers={"Authorization": f"Bearer {token_for(user)}"}):
            for view in (everybody, anybody):
                g.pop("bearer", None)  # the test's own context lives on from request to request
                actor = view()
                assert actor is not None
                assert (actor.id, actor.role) == (user.id, role)
    with app.test_request_context():
        g.pop("bearer", None)
        assert anybody() is None


def guarded_doors(app: Flask) -> Iterator[tuple[str, str, dict[str, Any], frozenset[Role]]]:
    """Yield method, some path, some nonsense to send there, and the roles let in, of every route that is not public."""
    with app.test_request_context():
        for rule in app.url_map.iter_rules():
            view = app.view_functions[rule.endpoint]
            guard = guard_of(view)
            if guard is not None and not guard.public:
                for method in sorted((rule.methods or set()) & (METHODS | {"HEAD"})):
                    yield method, path_of(rule), nonsense(method, view), guard.roles


def nonsense(method: str, view: Callable[..., Any]) -> dict[str, Any]:
    """Return what a view never takes, in the kind of body that it takes."""
    if method not in METHODS - {"GET"}:
        return {}
    return {"form" if takes_upload(view) else "json": {"no such field": "1"}}


def path_of(rule: Rule) -> str:
    """Return a path that the rule matches; its ids name nothing."""
    path = rule.rule.replace("<date:day>", "2030-01-07")
    for name in rule.arguments:
        path = path.replace(f"<id:{name}>", str(2**40))
    return path


def test_without_a_token_every_guarded_door_is_shut(app: Flask, api: Api) -> None:
    """AZ-13: 401 before the shape of the request is looked at."""
    doors = list(guarded_doors(app))
    assert len(doors) > 30
    for method, path, sent, _ in doors:
        assert (method, path, api.call(method, path, **sent).status_code) == (method, path, 401)


@pytest.mark.parametrize("role", list(Role))
def test_other_roles_are_refused_before_anything_is_read(app: Flask, api: Api, role: Role) -> None:
    """AZ-13: 403 whatever the body and whether or not the thing exists; nobody learns from the refusal."""
    token = token_for(make_user(role))
    shut = [(method, path, sent) for method, path, sent, allowed in guarded_doors(app) if role not in allowed]
    assert bool(shut) is (role is not Role.ADMIN)
    for method, path, sent in shut:
        assert (method, path, api.call(method, path, token=token, **sent).status_code) == (method, path, 403)


@refused_by_shape
@each_case(
    "path",
    [
        "/api/staff/schedule/",
        "/api/staff/schedule?from=2030-01-07&to=2030-01-08",
        "//api/staff/schedule",
        "/api//staff/schedule",
        "/api/./staff/schedule",
        "/api/services/../staff/schedule",
        "/api/services/%2e%2e/staff/schedule",
        "/api/staff%2fschedule",
        "/api/staff/%73chedule",
        "/API/STAFF/SCHEDULE",
        "/api/staff/schedule;x=1",
        "/api/staff/schedule.json",
        "/api/staff/schedule%20",
        "/api/staff/schedule%00",
    ],
)
def test_other_ways_to_write_a_path_lead_to_the_same_guard(api: Api, path: str) -> None:
    """AZ-15: the door's own answer or no such path; never the page."""
    assert api.get(path).status_code in {401, 404}
    assert api.get(path, token=token_for(make_user())).status_code in {403, 404}


def test_methods_are_what_the_request_line_says(api: Api) -> None:
    """AZ-14: overrides in headers and queries are not read; HEAD and OPTIONS show nothing."""
    token = token_for(make_user(Role.ADMIN))
    made = api.post("/api/staff", {"name": "Jo"}, token=token).headers["Location"]
    for name in ("X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"):
        assert api.get(made, token=token, headers={name: "DELETE"}).status_code == 200
    assert api.get(f"{made}?_method=DELETE", token=token).status_code == 200
    assert api.get(made, token=token).json["active"] is True
    for method in ("HEAD", "OPTIONS"):
        answer = api.call(method, "/api/users/me")
        assert answer.status_code == (401 if method == "HEAD" else 200)
        assert answer.data == b""
