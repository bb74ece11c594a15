"""Paths of earlier backends, row by row: each is answered as the canonical endpoint would answer."""

from typing import Any

import pytest
from flask import Flask
from werkzeug.exceptions import HTTPException

from app.models import Role
from app.web.legacy_paths import MOST_STEPS, SINCE, TABLE, rewritten
from tests.api import Api
from tests.cases import each_case
from tests.conftest import make_application
from tests.factories import make_product, make_service, make_user, token_for

WALK = (
    # asked of an earlier backend: what it is here
    ("GET /api/v1/services", "GET /api/services"),
    ("GET /api/v2/services/7", "GET /api/services/7"),
    ("POST /api/v1/register", "POST /api/auth/register"),
    ("POST /api/register", "POST /api/auth/register"),
    ("POST /api/users/register", "POST /api/auth/register"),
    ("POST /auth/register", "POST /api/auth/register"),
    ("POST /api/login", "POST /api/auth/login"),
    ("POST /api/users/login", "POST /api/auth/login"),
    ("POST /auth/login", "POST /api/auth/login"),
    ("POST /auth/refresh", "POST /api/auth/refresh"),
    ("POST /auth/logout", "POST /api/auth/logout"),
    *(
        (f"{method} {path}", f"{'GET' if method == 'GET' else 'PATCH'} /api/users/me")
        for path in ("/me", "/api/me", "/api/auth/me", "/api/auth/profile", "/api/users/profile")
        for method in ("GET", "PATCH", "PUT")
    ),
    ("PUT /api/users/me", "PATCH /api/users/me"),
    ("GET /services", "GET /api/services"),
    ("GET /services/7/staff", "GET /api/services/7/staff"),
    ("POST /bookings", "POST /api/bookings"),
    ("GET /bookings/7/history", "GET /api/bookings/7/history"),
    ("GET /reviews", "GET /api/reviews"),
    ("DELETE /reviews/7", "DELETE /api/reviews/7"),
    ("GET /api/employees", "GET /api/staff"),
    ("GET /api/employees/7/hours", "GET /api/staff/7/hours"),
    ("GET /api/spaces/spaces", "GET /api/spaces"),
    ("PUT /api/spaces/spaces/7", "PUT /api/spaces/7"),
    ("GET /api/bookings/bookings", "GET /api/bookings"),
    ("GET /api/bookings/bookings/7", "GET /api/bookings/7"),
    ("POST /api/bookings/bookings/7/approve", "POST /api/bookings/7/approve"),
    ("PATCH /api/bookings/bookings/7/decline", "POST /api/bookings/7/decline"),
    ("GET /api/payments/payments", "GET /api/payments"),
    ("POST /api/payments/payments", "POST /api/payments"),
    *(
        (f"{method} /api/bookings/7/{step}", f"POST /api/bookings/7/{step}")
        for step in ("approve", "decline", "cancel")
        for method in ("PUT", "PATCH")
    ),
    ("PUT /api/inventory/SKU-1/update_stock", "PUT /api/inventory/SKU-1/stock"),
    ("POST /api/sales/retail", "POST /api/sales"),
    ("GET /api/assignments", "GET /api/services/assignments"),
    ("DELETE /api/assignments/7", "DELETE /api/services/assignments/7"),
    ("GET /api/availability", "GET /api/bookings/availability"),
    *(
        (f"PUT /api/{room}/7", f"PATCH /api/{room}/7")
        for room in ("services", "products", "users", "staff", "bookings")
    ),
    ("PUT /api/employees/7", "PATCH /api/staff/7"),
    ("PUT /api/v1/bookings/bookings/7/cancel", "POST /api/bookings/7/cancel"),
)

OURS = (
    "/bookings/manage/1-2",
    "/orders/manage/1-2",
    "/api/spaces/7",
    "/api/bookings/7",
    "/services.txt",
    "/mean",
    "/api",
)
"""What looks like a row, and is none."""

walk = each_case(("earlier", "canonical"), WALK)


def routed(app: Flask, method: str, path: str) -> bool:
    """Say whether the application has an endpoint for that."""
    try:
        return bool(app.url_map.bind("localhost").match(path, method))
    except HTTPException:
        return False


@walk
def test_every_row_leads_to_an_endpoint(app: Flask, earlier: str, canonical: str) -> None:
    """Fails where the canonical endpoint is not there: a row that leads nowhere is a broken promise."""
    method, path = canonical.split()
    found = rewritten(*earlier.split())
    assert (found.method, found.path, found.changed) == (method, path, True)
    assert routed(app, method, path), f"{canonical} has no endpoint."


@walk
@pytest.mark.databases("sqlite")
def test_the_answer_is_the_canonical_one(api: Api, earlier: str, canonical: str) -> None:
    """Its status and its code, with a slash at the end too; said to be deprecated, and in favour of what."""
    asked, meant = earlier.split(), canonical.split()
    expected = api.call(*meant)
    for slash in ("", "/"):
        answer = api.call(asked[0], asked[1] + slash)
        assert (answer.status_code, (answer.json or {}).get("code")) == (
            expected.status_code,
            (expected.json or {}).get("code"),
        )
        assert answer.headers["Deprecation"] == f"@{SINCE}"
        assert answer.headers["Link"].rstrip(";").replace("/>", ">") == f'<{meant[1]}>; rel="successor-version"'
    assert {"Deprecation", "Link"}.isdisjoint(expected.headers.keys())


def test_every_row_is_walked() -> None:
    for row in TABLE:
        assert any(row.pattern.fullmatch(earlier.split()[1]) for earlier, _ in WALK), row.pattern.pattern


@pytest.mark.parametrize("path", OURS)
def test_what_is_no_earlier_path(path: str) -> None:
    assert not rewritten("GET", path).changed
    assert not rewritten("POST", path).changed


def test_other_methods_stay_what_they_are() -> None:
    for asked in (
        ("GET", "/api/login"),
        ("GET", "/api/bookings/7/cancel"),
        ("PUT", "/api/spaces/7"),
        ("DELETE", "/me"),
    ):
        assert not rewritten(*asked).changed


def test_a_chain_ends() -> None:
    """However often a path says the same again."""
    assert rewritten("GET", f"/api{'/v1' * 1000}/me").path == f"/api{'/v1' * (1000 - MOST_STEPS)}/me"
    assert rewritten("GET", f"/api{'/v1' * (MOST_STEPS - 1)}/me").path == "/api/users/me"


@pytest.mark.databases("sqlite")
def test_documents(api: Api) -> None:
    """`/docs` leads on, and says that it is an earlier path."""
    answer = api.get("/docs")
    assert (answer.status_code, answer.headers["Location"]) == (302, "/apidocs/")
    assert answer.headers["Deprecation"] == f"@{SINCE}"


ADA = {"email": "ada@example.test", "password": "correct horse battery", "name": "Ada Mary Wanjiku", "role": "customer"}


@pytest.mark.parametrize("prefix", ["/api", "/api/users", "/auth"])
def test_signing_in_as_earlier_frontends_do(api: Api, prefix: str) -> None:
    """They register with one name and an old word for the role, and read `token` and `message`."""
    made = api.post(f"{prefix}/register", json=ADA)
    assert (made.status_code, made.json["token"], bool(made.json["message"])) == (201, made.json["access_token"], True)
    user = made.json["user"]
    assert (user["first_name"], user["last_name"], user["role"]) == ("Ada Mary", "Wanjiku", "client")
    signed = api.post(f"{prefix}/login", json={"email": ADA["email"], "password": ADA["password"]})
    assert (signed.status_code, signed.json["token"]) == (200, signed.json["access_token"])
    assert api.get("/me", token=signed.json["token"]).json["id"] == user["id"]
    wrong = api.post(f"{prefix}/login", json={"email": ADA["email"], "password": "no"})
    assert (wrong.status_code, "token" in wrong.json) == (401, False)


def test_the_canonical_answers_are_as_written(api: Api) -> None:
    """No `token`, no `message`; the whole name and the old words are taken there too."""
    made = api.post("/api/auth/register", json=ADA | {"role": "user", "name": "Ada"})
    assert made.status_code == 201
    assert {"token", "message"}.isdisjoint(made.json)
    assert (made.json["user"]["first_name"], made.json["user"]["last_name"]) == ("Ada", "")


def test_changing_a_profile_by_its_whole_name(api: Api) -> None:
    user = make_user()
    for put in ("/me", "/api/users/profile", "/api/users/me"):
        answer = api.put(put, json={"name": "  Grace   Brewster  Hopper "}, token=token_for(user))
        assert (answer.status_code, answer.json["first_name"], answer.json["last_name"]) == (
            200,
            "Grace   Brewster",
            "Hopper",
        )


@each_case(
    ("body", "named"),
    [
        ({"name": "Ada Lovelace", "first_name": "Ada"}, {"name"}),
        ({"name": "Ada Lovelace", "last_name": ""}, {"name"}),
        ({"name": 7}, {"name"}),
        ({"name": " "}, {"name"}),
        ({"name": None}, {"name"}),
        ({"name": f"{'a' * 101} b"}, {"first_name"}),
    ],
)
def test_names_that_cannot_be(api: Api, body: dict[str, Any], named: set[str]) -> None:
    user = make_user()
    before = user.first_name, user.last_name
    answer = api.patch("/api/users/me", json=body, token=token_for(user))
    assert (answer.status_code, set(answer.json["errors"])) == (422, named)
    shown = api.get("/api/users/me", token=token_for(user)).json
    assert (shown["first_name"], shown["last_name"]) == before


def test_what_is_put_is_patched(api: Api) -> None:
    """A member that is left out stays as it was."""
    admin, service = token_for(make_user(Role.ADMIN)), make_service()
    answer = api.put(f"/services/{service.id}", json={"name": "Cut"}, token=admin)
    assert (answer.status_code, answer.json["name"], answer.json["price"]["amount"]) == (
        200,
        "Cut",
        service.price_amount,
    )


def test_stock_by_its_earlier_path(api: Api) -> None:
    admin, product = token_for(make_user(Role.ADMIN)), make_product(1000)
    body = {"delta": 3, "reason": "receipt"}
    answer = api.put(f"/api/v1/inventory/{product.sku}/update_stock", json=body, token=admin)
    assert answer.status_code == 200
    assert answer.headers["Link"] == f'</api/inventory/{product.sku}/stock>; rel="successor-version"'


@pytest.mark.databases("sqlite")
def test_preflights_of_earlier_paths(database_url: str) -> None:
    """A browser asks first, by OPTIONS; the path is read as that of the method it asks for."""
    client = make_application(database_url, CORS_ORIGINS="https://app.example").test_client()
    for path, method in (("/api/login", "POST"), ("/me", "PUT"), ("/api/bookings/7/cancel", "PUT")):
        headers = {"Origin": "https://app.example", "Access-Control-Request-Method": method}
        answer = client.options(path, headers=headers)
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Origin"] == "https://app.example"
        assert method in answer.headers["Access-Control-Allow-Methods"]
