"""The documents: valid, complete, served under every spelling, and from nowhere else."""

import json
import re
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.web import postman
from tests.web.small import make_app

EXAMPLE = {"name": "Chair", "zone": "Africa/Nairobi"}
"""What is required, and what has an example of its own."""


@pytest.fixture
def document(client: FlaskClient) -> dict[str, Any]:
    found: dict[str, Any] = client.get("/openapi.json").get_json()
    return found


@pytest.mark.parametrize("path", ["/openapi.json", "/apidocs", "/redoc"])
def test_a_page_is_served_with_and_without_a_trailing_slash(path: str, client: FlaskClient) -> None:
    for spelling in (path, f"{path}/"):
        answer = client.get(spelling)
        assert answer.status_code == 200
        assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_the_old_path_leads_to_the_new_one(client: FlaskClient) -> None:
    for path in ("/docs", "/docs/"):
        answer = client.get(path)
        assert (answer.status_code, answer.headers["Location"]) == (302, "/apidocs/")


@pytest.mark.parametrize("path", ["/apidocs/", "/redoc"])
def test_a_page_loads_only_files_that_we_serve(path: str, client: FlaskClient) -> None:
    page = client.get(f"{path}?url=https://evil.example/openapi.json").text
    assert "://" not in page
    assert "evil" not in page
    loaded = re.findall(r'(?:src|href|spec-url|data-document)="([^"]+)"', page)
    assert len(loaded) >= 4
    for address in loaded:
        with client.get(address) as file:
            assert file.status_code == 200


def test_swagger_ui_is_a_present_one_and_ignores_foreign_documents(client: FlaskClient) -> None:
    page = client.get("/apidocs/").text
    (bundle,) = re.findall(r'src="([^"]+bundle\.js)"', page)
    with client.get(bundle) as file:
        assert len(file.data) > 1_000_000
    with client.get("/static/apidocs.js") as file:
        assert "queryConfigEnabled" not in file.get_data(as_text=True).split("{", 1)[1]


def test_flasgger_leaves_the_application_as_it_was(app: Flask) -> None:
    assert "add_url_rule" not in vars(app)


def test_the_document_is_what_the_rules_promise(document: dict[str, Any]) -> None:
    assert document["openapi"] == "3.0.3"
    assert document["components"]["securitySchemes"]["bearerAuth"]["scheme"] == "bearer"
    create = document["paths"]["/api/things"]["post"]
    assert (create["operationId"], create["summary"], create["tags"]) == (
        "things_create",
        "Make a thing.",
        ["things"],
    )
    assert create["description"] == "It is made at once."
    assert create["security"] == [{"bearerAuth": []}]
    refusals = {"400", "401", "403", "409", "413", "415", "422", "429", "503"}
    assert create["responses"].keys() == {"201", "default"} | refusals
    assert "`thing_taken`" in create["responses"]["409"]["description"]
    assert "Location" in create["responses"]["201"]["headers"]
    assert create["requestBody"]["content"]["application/json"]["example"] == EXAMPLE
    assert create["requestBody"]["required"]


def test_each_operation_says_what_it_may_answer(document: dict[str, Any]) -> None:
    things, one = document["paths"]["/api/things"], document["paths"]["/api/things/{thing_id}"]
    assert things["get"]["security"] == []
    assert things["get"]["responses"].keys() == {"422", "429", "503", "default"}
    assert one["get"]["responses"].keys() == {"200", "401", "403", "404", "429", "503", "default"}
    assert one["delete"]["responses"].keys() == {"204", "401", "403", "404", "429", "503", "default"}
    assert one["parameters"][0]["schema"] == {"type": "integer", "format": "int64", "minimum": 1}
    problem = one["get"]["responses"]["404"]["content"]["application/problem+json"]
    assert problem["schema"] == {"$ref": "#/components/schemas/Problem"}
    assert problem["examples"]["not_found"]["value"]["instance"] == "/api/things/1"


def test_bounds_stand_in_requests_and_not_in_answers(document: dict[str, Any]) -> None:
    schemas = document["components"]["schemas"]
    name = schemas["ThingIn"]["properties"]["name"]
    assert name == {"type": "string", "minLength": 1, "maxLength": 20, "example": "Chair"}
    assert schemas["ThingOut"]["properties"]["name"] == {"type": "string"}
    assert schemas["ThingOut"]["properties"]["at"]["nullable"] is True
    assert schemas["Money"]["properties"]["amount"] == {"type": "integer", "format": "int64"}
    assert schemas["MoneyIn"]["properties"]["amount"]["minimum"] == 0
    assert schemas.keys() == {"Money", "MoneyIn", "PartIn", "Problem", "SlotOut", "SlotPartOut", "ThingIn", "ThingOut"}


def test_every_reference_leads_somewhere(document: dict[str, Any]) -> None:
    names = set(re.findall(r'"\$ref": ?"#/components/schemas/(\w+)"', json.dumps(document)))
    assert names <= document["components"]["schemas"].keys()


def test_two_applications_document_the_same(document: dict[str, Any]) -> None:
    assert make_app().test_client().get("/openapi.json").json == document


@pytest.fixture
def no_flows(tmp_path: Path) -> Path:
    """A folder without flows, beside a file that says where the id of a thing comes from."""
    (tmp_path / "endpoints.toml").write_text('[call]\n[make.thing_id]\nis = "1"\n[make.day]\nis = "2"\n')
    folder = tmp_path / "flows"
    folder.mkdir()
    return folder


def test_the_postman_collection_has_a_request_per_operation(document: dict[str, Any], no_flows: Path) -> None:
    flows, folder = postman.collection(document, no_flows)["item"]
    assert flows == {"name": "Flows", "item": []}
    assert folder["name"] == "things"
    assert len(folder["item"]) == 5
    create = folder["item"][0]
    assert json.loads(create["request"]["body"]["raw"]) == EXAMPLE
    assert "auth" not in create["request"]
    assert "201" in "".join(create["event"][0]["script"]["exec"])
    search = folder["item"][1]["request"]
    assert search["auth"] == {"type": "noauth"}
    assert [one["disabled"] for one in search["url"]["query"]] == [True] * 5


def test_the_postman_files_are_the_same_every_time(document: dict[str, Any], tmp_path: Path, no_flows: Path) -> None:
    first = [path.read_text() for path in postman.write(document, no_flows, tmp_path)]
    second = [path.read_text() for path in postman.write(document, no_flows, tmp_path)]
    assert first == second
    assert json.loads(first[1])["values"][0]["key"] == "base_url"
