"""The OpenAPI document of the whole application: valid, complete, and true where a test can tell."""

import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import jsonschema_rs
import pytest
import schemathesis
from flask import Flask

from app import create_app
from app.kit import clock
from app.models import BookingStatus, PendingReason, Role
from app.web import openapi
from app.web.blueprint import Blueprint
from config import load_settings
from tests.api import Api
from tests.cases import each_case
from tests.factories import make_booking, make_service, make_user, make_working_staff, token_for
from tests.settings import environment

PROBLEM = "application/problem+json"
PLACE = re.compile(r"<\w+:(\w+)>")
PLACES = re.compile(r"{(\w+)}")
SAMPLES = {"date": "2030-01-07", "day": "2030-01-07"}


@pytest.fixture(scope="module")
def application() -> Flask:
    return create_app(load_settings(environment("sqlite://")))


@pytest.fixture(scope="module")
def document(application: Flask) -> dict[str, Any]:
    found: dict[str, Any] = openapi.document(application)
    return found


def operations(document: dict[str, Any]) -> Iterator[tuple[str, dict[str, Any]]]:
    """Yield each operation after its method and path."""
    for path, methods in document["paths"].items():
        for method, operation in methods.items():
            if isinstance(operation, dict):
                yield f"{method.upper()} {path}", operation


def as_documented(rule: str) -> str:
    """Return Flask's path as OpenAPI writes it."""
    return PLACE.sub(r"{\1}", rule)


def problems(operation: dict[str, Any], status: int) -> dict[str, Any]:
    """Return the examples of an operation's problems of one status, by code."""
    found: dict[str, Any] = operation["responses"][str(status)]["content"][PROBLEM]["examples"]
    return found


@pytest.mark.databases("sqlite")  # nothing is asked of it that the two would answer differently
def test_what_takes_no_body_refuses_one(api: Api, document: dict[str, Any]) -> None:
    """422 names each field, after the guard and before anything is done; an empty body is none, and so is `{}`."""
    with clock.frozen(datetime(2030, 1, 7, 6, tzinfo=UTC)):
        tokens = {role.value: token_for(make_user(role)) for role in Role}
        writing = {name: one for name, one in operations(document) if "requestBody" not in one and name[:3] != "GET"}
        assert {"POST /api/auth/logout", "DELETE /api/services/{service_id}"} <= writing.keys()
        for name, operation in writing.items():
            method, _, path = name.partition(" ")
            place = PLACES.sub(lambda found: SAMPLES.get(found[1], "1"), path)
            token = tokens[operation["x-roles"][0]] if operation["x-roles"] else None
            answer = api.call(method, place, json={"surprise": 1, "for_self": True}, token=token)
            named = {"surprise": ["Unknown field."], "for_self": ["Unknown field."]}
            assert (answer.status_code, answer.json.get("errors")) == (422, named), name
            if token is not None:
                assert api.call(method, place, json={"surprise": 1}).status_code == 401
        assert api.post("/api/auth/logout", {}, token=token_for(make_user())).status_code == 204
        assert api.post("/api/auth/logout", token=token_for(make_user())).status_code == 204


def test_the_document_is_valid_openapi(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.0.3"
    schemathesis.openapi.from_dict(document).validate()


def test_every_endpoint_of_a_room_is_documented(application: Flask, document: dict[str, Any]) -> None:
    documented = {name for name, _ in operations(document)}
    served = {
        f"{method} {as_documented(rule.rule)}"
        for rule in application.url_map.iter_rules()
        if isinstance(application.blueprints.get(rule.endpoint.partition(".")[0]), Blueprint)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert served == documented
    assert len(served) > 40


def test_every_operation_says_what_it_does(document: dict[str, Any]) -> None:
    said = {tag["name"]: tag["description"] for tag in document["tags"]}
    assert all(said.values())
    ids = [operation["operationId"] for _, operation in operations(document)]
    assert len(set(ids)) == len(ids)
    for name, operation in operations(document):
        assert operation["summary"].endswith("."), name
        assert len(operation["summary"]) <= 110, name
        assert set(operation["tags"]) <= said.keys(), name


def test_every_error_has_an_example_problem(document: dict[str, Any]) -> None:
    schema = {**document["components"]["schemas"]["Problem"], "components": document["components"]}
    is_problem = jsonschema_rs.Draft4Validator(schema).validate
    for name, operation in operations(document):
        for status in operation["responses"].keys() - {"200", "201", "202", "204", "304", "default"}:
            examples = problems(operation, int(status))
            assert examples, (name, status)
            for code, example in examples.items():
                is_problem(example["value"])
                assert example["value"]["code"] == code
                assert f"`{code}`" in operation["responses"][status]["description"]


def test_what_honours_a_version_may_answer_412(document: dict[str, Any]) -> None:
    """And nothing else does."""
    told = {name for name, operation in operations(document) if "412" in operation["responses"]}
    asked = {
        name
        for name, operation in operations(document)
        if any(parameter.get("name") == "If-Match" for parameter in operation["parameters"])
    }
    assert told == asked
    assert len(told) > 10


def test_a_rehearsal_is_documented_beside_what_it_rehearses(document: dict[str, Any], api: Api) -> None:
    """With the same members, but for those that only a thing that was made has: these are null."""
    rehearsable = {
        name: operation["responses"]
        for name, operation in operations(document)
        if any(parameter["name"] == "dry_run" for parameter in operation["parameters"])
    }
    assert {
        "POST /api/bookings",
        "POST /api/bookings/series",
        "POST /api/orders",
        "POST /api/sales",
    } < rehearsable.keys()
    assert all("200" in answers for answers in rehearsable.values())
    schemas = document["components"]["schemas"]
    made, shown = schemas["BookingOut"], schemas["BookingRehearsed"]
    assert made["properties"].keys() == shown["properties"].keys()
    assert made["required"] == shown["required"]
    assert {name for name, member in shown["properties"].items() if member != made["properties"][name]} == {
        "id",
        "reference",
    }
    with clock.frozen(datetime(2030, 1, 7, 6, tzinfo=UTC)):
        service, client = make_service(), make_user()
        make_working_staff(service)
        asked = {"service_id": service.id, "starts_at": "2030-01-07T09:00:00Z"}
        answer = api.post("/api/bookings", asked, token=token_for(client), query={"dry_run": "true"})
    assert answer.status_code == 200, answer.text
    content = rehearsable["POST /api/bookings"]["200"]["content"]["application/json"]
    schema = {**content["schema"], "components": as_json_schema(document["components"])}
    jsonschema_rs.Draft4Validator(schema).validate(answer.json)
    assert answer.json["id"] is None


def test_an_address_in_any_script_fits_the_document(document: dict[str, Any], api: Api) -> None:
    """RFC 6531 lets a name be in any script; JSON Schema calls only such addresses `idn-email`."""
    account = {"email": "gr\u00e9ta@example.test", "password": "correct horse battery"}
    account |= {"first_name": "G", "last_name": "A"}
    answer = api.post("/api/auth/register", account)
    assert (answer.status_code, answer.json["user"]["email"]) == (201, account["email"])
    components = as_json_schema(document["components"])
    for name, shown in (("RegisterIn", account), ("AccountOut", answer.json["user"])):
        schema = {**components["schemas"][name], "components": components}
        jsonschema_rs.Draft4Validator(schema, validate_formats=True).validate(shown)


def test_what_is_sent_an_id_may_find_nothing_by_it(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]

    def members(schema: dict[str, Any]) -> Iterator[str]:
        named = [schemas[one.rpartition("/")[2]] for one in re.findall(r"#/components/schemas/\w+", str(schema))]
        yield from schema.get("properties", {})
        for one in named:
            yield from members(one)

    for name, operation in operations(document):
        for content in operation.get("requestBody", {}).get("content", {}).values():
            if any(member == "id" or member.endswith("_id") for member in members(content["schema"])):
                assert "404" in operation["responses"], name


def test_every_body_has_an_example_that_fits(document: dict[str, Any]) -> None:
    bodies = [
        (name, content)
        for name, operation in operations(document)
        for content in operation.get("requestBody", {}).get("content", {}).values()
    ]
    assert len(bodies) > 15
    for name, content in bodies:
        assert content["example"], name
        schema = {**content["schema"], "components": document["components"]}
        jsonschema_rs.Draft4Validator(schema).validate(content["example"])


def as_json_schema(node: Any) -> Any:
    """Return an OpenAPI 3.0 schema in the words of JSON Schema, which has no `nullable`."""
    if isinstance(node, list):
        return [as_json_schema(child) for child in node]
    if not isinstance(node, dict):
        return node
    plain = {key: as_json_schema(child) for key, child in node.items() if key != "nullable"}
    return {"anyOf": [plain, {"enum": [None]}]} if node.get("nullable") is True else plain


def test_every_answer_with_a_body_has_an_example_that_fits(document: dict[str, Any]) -> None:
    components = as_json_schema(document["components"])
    answers = [
        (name, status, content)
        for name, operation in operations(document)
        for status, answer in operation["responses"].items()
        if status.startswith("2")
        for content in answer.get("content", {}).values()
    ]
    assert len(answers) > 40
    for name, status, content in answers:
        assert content.get("example"), (name, status)
        schema = {**as_json_schema(content["schema"]), "components": components}
        jsonschema_rs.Draft4Validator(schema).validate(content["example"])


def strings(node: Any) -> Iterator[str]:
    """Yield every text within."""
    if isinstance(node, str):
        yield node
    for child in node.values() if isinstance(node, dict) else node if isinstance(node, list) else ():
        yield from strings(child)


def test_no_example_is_a_blank_form(document: dict[str, Any]) -> None:
    """Each text says what could really stand there."""
    for name, operation in operations(document):
        answers = [answer for status, answer in operation["responses"].items() if status.startswith("2")]
        for shown in (operation.get("requestBody", {}), *answers):
            for content in shown.get("content", {}).values():
                assert "text" not in set(strings(content["example"])), name


def test_an_example_is_a_thing_of_our_world(document: dict[str, Any]) -> None:
    answer = document["paths"]["/api/bookings"]["post"]["responses"]["201"]["content"]["application/json"]
    booking = answer["example"]
    assert booking.keys() == document["components"]["schemas"]["BookingOut"]["properties"].keys()
    assert (booking["items"][0]["service_name"], booking["total"]) == ("Haircut", booking["items"][0]["price"])
    assert (booking["cancelled"], booking["pending_reason"], booking["space_id"]) == (None, None, None)


def test_null_is_among_the_words_where_it_may_be(document: dict[str, Any]) -> None:
    """OpenAPI 3.0.3: `nullable` alone does not add it to an `enum`."""
    reason = document["components"]["schemas"]["BookingOut"]["properties"]["pending_reason"]
    assert reason["enum"] == [*(word.value for word in PendingReason), None]


def test_guarded_operations_tell_why_nobody_comes_in(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        if operation["security"]:
            assert problems(operation, 401).keys() >= {"token_missing", "token_invalid", "token_expired"}, name
            assert "forbidden" in problems(operation, 403), name
            assert operation["x-roles"], name


def test_signing_in_tells_its_refusals(document: dict[str, Any]) -> None:
    login = document["paths"]["/api/auth/login"]["post"]
    assert problems(login, 401).keys() == {"invalid_credentials"}
    assert problems(login, 403).keys() == {"account_disabled"}


def test_booking_tells_its_reasons(document: dict[str, Any]) -> None:
    create = document["paths"]["/api/bookings"]["post"]
    assert problems(create, 409).keys() >= {"slot_taken", "notice_too_short", "outside_opening_hours", "not_on_grid"}


def test_the_status_of_bookings_is_repeatable(document: dict[str, Any]) -> None:
    parameters = {one["name"]: one for one in document["paths"]["/api/bookings"]["get"]["parameters"]}
    status = parameters["status"]
    assert (status["style"], status["explode"], status["schema"]["type"]) == ("form", True, "array")
    assert status["schema"]["items"]["enum"] == [word.value for word in BookingStatus]


def test_no_parameter_of_a_query_is_null(document: dict[str, Any]) -> None:
    for name, operation in operations(document):
        for parameter in operation.get("parameters", []):
            assert "nullable" not in parameter["schema"], (name, parameter["name"])
            assert None not in parameter["schema"].get("enum", []), (name, parameter["name"])


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("", {"pending", "confirmed", "declined"}),
        ("status=pending", {"pending"}),
        ("status=pending&status=declined", {"pending", "declined"}),
        ("status=no_show", set()),
    ],
)
def test_bookings_are_filtered_by_one_status_or_several(query: str, expected: set[str], api: Api) -> None:
    client, service = make_user(), make_service()
    staff = make_working_staff(service)
    nine = datetime(2030, 1, 1, 9, tzinfo=UTC)
    waiting = {"pending_reason": PendingReason.APPROVAL, "expires_at": nine}
    make_booking(client, service, staff, nine, status=BookingStatus.PENDING, **waiting)
    make_booking(client, service, staff, nine.replace(hour=10), status=BookingStatus.CONFIRMED)
    make_booking(client, service, staff, nine.replace(hour=11), status=BookingStatus.DECLINED)
    answer = api.get(f"/api/bookings?{query}", token=token_for(client))
    assert answer.status_code == 200
    assert {item["status"] for item in answer.json["items"]} == expected


@each_case("query", ["status=pending,confirmed", "status=", "status=pending&status=nonsense", "status=PENDING"])
def test_a_status_that_is_none_is_refused(query: str, api: Api) -> None:
    answer = api.get(f"/api/bookings?{query}", token=token_for(make_user()))
    assert answer.status_code == 422
    assert "status" in {name.partition(".")[0] for name in answer.json["errors"]}
