"""The Postman files in the repository are what `make postman` makes of the API as it is, and of the flows."""

import json
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.web import openapi, postman
from app.web.postman.endpoints import WrongNeed, load
from app.web.postman.flows import WrongFlow, flow_folders
from config import load_settings
from tests.settings import environment

KEPT = Path(__file__).parent.parent / postman.FOLDER
FLOWS = KEPT / "flows"
NEEDS = tomllib.loads((KEPT / postman.ENDPOINTS).read_text(encoding="utf-8"))
STATUS = re.compile(r"response\.code\)\.to\.eql\((\d{3})\)")
MOST_REFUSED = 17
"""Endpoints of which demo data can show no more than a refusal."""

CALLED_BY_PROVIDERS = "/api/payments/webhooks/"
USED, SET = re.compile(r"{{(\w+)}}"), re.compile(r"collectionVariables\.set\('(\w+)'")

Json = dict[str, Any]


@pytest.fixture(scope="module")
def application() -> Flask:
    return create_app(load_settings(environment("sqlite://")))


@pytest.fixture(scope="module")
def kept() -> Json:
    found: Json = json.loads((KEPT / "parlour.postman_collection.json").read_text(encoding="utf-8"))
    return found


def requests(items: list[Json]) -> Iterator[Json]:
    """Yield every request in the folders."""
    for item in items:
        yield from requests(item["item"]) if "item" in item else [item]


def called(item: Json) -> tuple[str, str]:
    """Return method and path of a request."""
    return item["request"]["method"], "/" + "/".join(item["request"]["url"]["path"])


def script(item: Json, listen: str = "test") -> str:
    """Return what Postman runs before a request (`prerequest`) or after it."""
    return "\n".join(line for event in item["event"] if event["listen"] == listen for line in event["script"]["exec"])


def test_the_kept_files_are_current(application: Flask, tmp_path: Path) -> None:
    made = postman.write(openapi.document(application), FLOWS, tmp_path)
    assert {path.name for path in KEPT.glob("*.postman_*.json")} == {path.name for path in made}
    for path in made:
        assert (KEPT / path.name).read_text(encoding="utf-8") == path.read_text(encoding="utf-8"), "run `make postman`"


def test_every_endpoint_has_a_request(application: Flask, kept: Json) -> None:
    flows, *folders = kept["item"]
    served = {
        (method, "/".join(f":{part[1:-1].partition(':')[2]}" if part.startswith("<") else part for part in parts))
        for rule in application.url_map.iter_rules()
        if (parts := rule.rule.split("/"))[1] == "api" and not rule.rule.startswith(CALLED_BY_PROVIDERS)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert {called(item) for item in requests(folders)} == served
    assert {called(item) for item in requests(flows["item"])} < served
    assert len(served) > 40


def test_every_request_has_its_tests(kept: Json) -> None:
    for item in requests(kept["item"]):
        tests = script(item)
        assert "pm.test('the status is" in tests, item["name"]
        assert "pm.test('the content type is as documented'" in tests, item["name"]
        assert "pm.test('the fields are as documented'" in tests, item["name"]


def test_every_request_has_one_right_status(kept: Json) -> None:
    """And a good one, unless `endpoints.toml` says why demo data can give none."""
    explained = {call for call, asked in NEEDS["call"].items() if asked.get("because")}
    refused = set()
    for item in requests(kept["item"]):
        assert len(STATUS.findall(script(item))) == 1, item["name"]
    for item in requests(kept["item"][1:]):
        method, path = called(item)
        if int(STATUS.findall(script(item))[0]) >= 400:
            refused.add(method + " " + re.sub(r":(\w+)", r"{\1}", path))
    assert refused == explained
    assert len(refused) <= MOST_REFUSED


def test_an_endpoint_uses_only_what_it_has_made(kept: Json) -> None:
    """Or what a request before it in the same folder has kept."""
    for folder in kept["item"][1:]:
        known = {value["key"] for value in postman.environment()["values"]}
        for item in folder["item"]:
            known |= set(SET.findall(script(item, "prerequest")))
            assert set(USED.findall(json.dumps(item["request"]))) <= known, item["name"]
            known |= set(SET.findall(script(item)))


def prepared(file: Path) -> list[str]:
    """Return what is run before the one endpoint that there is."""
    found = load(file, {"GET /api/services"})
    return found.preparation(found.of("GET", "/api/services"), [])


@pytest.mark.parametrize(
    ("needs", "said"),
    [
        ('[call."GET /api/servants"]', "GET /api/servants: it is not known"),
        ('[call."GET /api/services"]\nneeds = []', "GET /api/services: needs is not known"),
        ('[call."GET /api/services"]\nstatus = 404', "GET /api/services: it says not why"),
        ('[call."GET /api/services"]\nmake = ["a_wish"]', "Nobody makes a_wish"),
    ],
)
def test_a_need_that_cannot_be_is_refused(needs: str, said: str, tmp_path: Path) -> None:
    file = tmp_path / "endpoints.toml"
    file.write_text(f"[make]\n{needs}\n", encoding="utf-8")
    with pytest.raises(WrongNeed, match=said):
        prepared(file)


def test_a_test_knows_the_fields_of_the_answer(kept: Json) -> None:
    (item,) = [one for one in requests(kept["item"][1:]) if called(one) == ("POST", "/api/auth/logout")]
    assert 'const answers = {"204": {"": {}}};' in script(item)
    (item,) = [one for one in requests(kept["item"][1:]) if called(one) == ("GET", "/api/bookings/:booking_id/history")]
    (answers,) = re.findall(r"const answers = (.*);", script(item))
    fields = json.loads(answers)["200"]["application/json"]
    assert fields["required"] == ["items", "next_cursor"]
    assert fields["properties"]["next_cursor"] == {"type": ["string", "null"]}
    assert fields["properties"]["items"]["type"] == "array"
    assert {"id", "step", "actor_id"} < set(fields["properties"]["items"]["items"]["required"])


def test_signing_in_and_out_is_noted(kept: Json) -> None:
    scripts = {called(item): script(item) for item in requests(kept["item"][1:])}
    for path in ("/api/auth/login", "/api/auth/refresh"):
        assert "pm.environment.set(name, tokens[name])" in scripts["POST", path]
    for path in ("/api/auth/logout", "/api/auth/logout-all"):
        assert "pm.environment.unset('access_token')" in scripts["POST", path]


def test_a_flow_uses_only_what_it_has_found(kept: Json) -> None:
    """Each can be run by itself: what a request needs, one before it in the same flow has set, or the environment."""
    flows = kept["item"][0]["item"]
    assert len(flows) == len(list(FLOWS.glob("*.toml"))) >= 4
    for flow in flows:
        known = {value["key"] for value in postman.environment()["values"]}
        for item in flow["item"]:
            known |= set(SET.findall(script(item, "prerequest")))
            used = set(USED.findall(json.dumps(item["request"])))
            assert used <= known, (flow["name"], item["name"])
            known |= set(SET.findall(script(item)))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (("status = 200", "status = 418"), "does not document GET /api/services with status 418"),
        (("/api/services", "/api/servants"), "does not document GET /api/servants"),
        (("status = 200", "status = 200\nexpects.name = 1"), "expects is not known here"),
        (('about = "x"', 'about = "x"\nauthor = "x"'), "author is not known here"),
    ],
)
def test_a_flow_that_cannot_be_is_refused(
    change: tuple[str, str], said: str, application: Flask, tmp_path: Path
) -> None:
    right = 'name = "x"\nabout = "x"\n[[request]]\nname = "x"\ncall = "GET /api/services"\nstatus = 200\n'
    document, flow = openapi.document(application), tmp_path / "x.toml"
    flow.write_text(right, encoding="utf-8")
    assert len(flow_folders(document, tmp_path)) == 1
    flow.write_text(right.replace(*change), encoding="utf-8")
    with pytest.raises(WrongFlow, match=said):
        flow_folders(document, tmp_path)
