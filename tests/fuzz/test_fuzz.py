"""The fuzzer itself: it leaves nothing out, repeats itself, and notices."""

import json
import re
from itertools import islice
from typing import Any

import pytest

from app import create_app
from app.web import openapi
from config import load_settings
from tests.access.table import TABLE
from tests.access.world import ACTORS, World
from tests.cases import each_case
from tests.fuzz.__main__ import hurt
from tests.fuzz.calls import Call, calls, hostilities
from tests.fuzz.house import house_on
from tests.fuzz.operations import Operation, read
from tests.fuzz.tally import Tally
from tests.fuzz.verdict import ALWAYS, SLOWEST, Answer, faults
from tests.settings import environment

PLENTY = 1_000
FEW = 75
PLACES = re.compile(r"{(\w+)}")
PROBLEM = {"type": "/p", "title": "t", "status": 404, "detail": "d", "instance": "/", "code": "c", "request_id": "r"}


@pytest.fixture(scope="module")
def operations() -> list[Operation]:
    return read(openapi.document(create_app(load_settings(environment("sqlite://")))))


@pytest.fixture(scope="module")
def world() -> World:
    return World(dict.fromkeys(PLACES.findall(repr(TABLE)), 1), dict.fromkeys(ACTORS[1:], "token"), {})


def named(operations: list[Operation], name: str) -> Operation:
    return next(one for one in operations if str(one) == name)


def test_every_place_of_every_operation_is_tried(operations: list[Operation], world: World) -> None:
    tried: dict[str, set[str]] = {str(one): set() for one in operations}
    for row in TABLE:
        for hostility in hostilities(row, operations, world):
            tried[str(hostility.operation)].add(hostility.where.partition(" = ")[0])
    for one in operations:
        wanted = {f"path {{{place['name']}}}" for place in one.parameters("path")}
        wanted |= {f"{where} {place['name']}" for where in ("query", "header") for place in one.parameters(where)}
        wanted |= {".".join(map(str, path)) for path, _schema in one.members()}
        assert wanted <= tried[str(one)], one
        assert tried[str(one)], one
    assert "items.0.quantity" in tried["POST /api/orders"]
    assert "price.amount" in tried["PATCH /api/services/{service_id}"]


def test_one_seed_makes_the_same_calls_and_another_one_others(operations: list[Operation], world: World) -> None:
    def some(seed: int) -> list[Call]:
        return list(islice(calls(operations, world, seed), PLENTY))

    first = some(1)
    assert first == some(1)
    assert first != some(2)
    assert {call.actor for call in first} == set(ACTORS)


def test_only_one_value_is_hostile(operations: list[Operation], world: World) -> None:
    """What stands beside it would do."""
    row = next(row for row in TABLE if (row.method, row.path) == ("POST", "/api/services"))
    bodies = [one.body() for one in hostilities(row, operations, world) if one.where == "price.amount = -1"]
    assert [json.loads(body) for body in bodies] == [row.body | {"price": {"amount": -1}}] * len(bodies)
    assert bodies


def answer(status: int, body: Any, kind: str, seconds: float = 0.1) -> Answer:
    return Answer(status, {"content-type": kind} | dict.fromkeys(ALWAYS, "x"), json.dumps(body).encode(), seconds)


def test_an_answer_as_promised_is_no_fault(operations: list[Operation]) -> None:
    call = Call(named(operations, "GET /api/services/{service_id}"), "admin", "/api/services/0", "path")
    assert list(faults(call, answer(404, PROBLEM, "application/problem+json"))) == []


@each_case(
    ("given", "fault"),
    [
        (answer(500, PROBLEM, "application/problem+json"), "error of ours"),
        (answer(404, PROBLEM, "application/json"), "no problem"),
        (answer(404, PROBLEM | {"status": "404"}, "application/problem+json"), "off its schema at status"),
        (answer(409, PROBLEM, "application/problem+json"), "409 is not documented"),
        (answer(200, {"id": 1}, "application/json"), "off its schema"),
        (answer(200, {"id": 1}, "text/html"), "'text/html' is not documented for 200"),
        (answer(404, PROBLEM, "application/problem+json", SLOWEST + 1), "took 6.0 s"),
        (Answer(304, {}, b"", 0.1), "lacks the header x-request-id"),
        (answer(404, PROBLEM | {"detail": "Traceback"}, "application/problem+json"), "tells b'Traceback'"),
        (Answer(404, {"content-type": "application/problem+json"}, b"{", 0.1), "the answer is no JSON"),
    ],
)
def test_any_other_answer_is_a_fault(operations: list[Operation], given: Answer, fault: str) -> None:
    call = Call(named(operations, "GET /api/services/{service_id}"), "admin", "/api/services/0", "path")
    assert fault in "; ".join(faults(call, given))


@pytest.mark.parametrize(("body", "off"), [(b'{"enabled": true}', False), (b'{"enabled": 1}', True), (b"{", True)])
def test_a_body_that_should_not_have_been_taken_is_a_fault(operations: list[Operation], body: bytes, off: bool) -> None:
    path = "/api/users/me/recommendation-preferences"
    call = Call(named(operations, f"PATCH {path}"), "admin", path, "enabled", body)
    found = list(faults(call, answer(200, {"enabled": True}, "application/json")))
    assert any("a body that was taken" in fault for fault in found) == off
    assert len(found) == off


def test_a_few_calls_at_a_real_server(operations: list[Operation], database_url: str, dialect: str) -> None:
    """Of ours; those of Schemathesis take longer than the suite should."""
    tally = Tally()
    with house_on(dialect, database_url) as house:
        hurt(house, operations, tally, FEW)
    assert tally.calls == FEW
    assert not tally.faults, str(tally)
    assert tally.statuses.keys() >= {"200", "401", "403", "404", "422"}
