"""`/api/audit`: what admins read of the log."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from flask import Flask

from app.audit.service import Thing, record
from app.kit import clock
from app.models import Role
from app.transactions import transaction
from tests.api import Api
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import make_user, token_for

PATH = "/api/audit"
NINE = datetime(2030, 1, 7, 9, tzinfo=UTC)
MINUTE = timedelta(minutes=1)


@pytest.fixture
def admin(app: Flask) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN))


def write(nth: int, **more: Any) -> None:
    """Write an entry of the nth minute after nine."""
    entry: dict[str, Any] = {"action": "things.done", "actor_id": None} | more
    with clock.frozen(NINE + nth * MINUTE), transaction():
        record(entry.pop("action"), **entry)


def minutes(api: Api, token: str, **query: Any) -> list[int]:
    """List in which minutes after nine what is found was done."""
    answer = api.get(PATH, query=query, token=token)
    assert answer.status_code == 200, answer.json
    times = [datetime.fromisoformat(one["created_at"]) for one in answer.json["items"]]
    return [int((at - NINE) / MINUTE) for at in times]


def test_an_entry_in_full(api: Api, admin: str) -> None:
    """What a request did, with its address and its id; nothing more."""
    client = make_user()
    changed = api.patch(f"/api/users/{client.id}", {"role": "owner"}, token=admin, headers={"X-Request-ID": "r-1"})
    assert changed.status_code == 200
    (entry,) = api.get(PATH, token=admin).json["items"]
    assert entry == {
        "id": entry["id"],
        "created_at": entry["created_at"],
        "actor_id": entry["actor_id"],
        "action": "users.role_changed",
        "object_type": "user",
        "object_id": client.id,
        "before": {"role": "client"},
        "after": {"role": "owner"},
        "address": "127.0.0.1",
        "request_id": "r-1",
    }
    assert entry["actor_id"] == api.get("/api/users/me", token=admin).json["id"]


def test_what_nobody_did_to_nothing(api: Api, admin: str) -> None:
    """Outside of requests there is neither address nor request."""
    write(0)
    (entry,) = api.get(PATH, token=admin).json["items"]
    told = [entry[name] for name in ("actor_id", "object_type", "object_id", "before", "after", "address")]
    assert (told, entry["request_id"]) == ([None, "", None, None, None, None], "")


def test_filters(api: Api, admin: str) -> None:
    """Each alone and together; the newest first, from the first instant on until before the last."""
    ann, bob = make_user(), make_user()
    write(0, actor_id=ann.id)
    write(1, actor_id=bob.id, action="things.undone", thing=Thing("thing", 7))
    write(2, actor_id=ann.id, thing=Thing("thing", 8))
    write(3, actor_id=ann.id, thing=Thing("other", 7))
    for query, found in (
        ({}, [3, 2, 1, 0]),
        ({"sort": "created_at"}, [0, 1, 2, 3]),
        ({"actor_id": ann.id}, [3, 2, 0]),
        ({"actor_id": 2**40}, []),
        ({"action": "things.undone"}, [1]),
        ({"action": "things"}, []),
        ({"object_type": "thing"}, [2, 1]),
        ({"object_type": "thing", "object_id": 7}, [1]),
        ({"from": "2030-01-07T09:01:00Z"}, [3, 2, 1]),
        ({"to": "2030-01-07T12:02:00+03:00"}, [1, 0]),
        ({"from": "2030-01-07T09:01:00Z", "to": "2030-01-07T09:03:00Z", "actor_id": ann.id}, [2]),
        ({"from": "2030-01-07T09:03:00Z", "to": "2030-01-07T09:01:00Z"}, []),
    ):
        assert minutes(api, admin, **query) == found, query


def test_pages(api: Api, admin: str) -> None:
    """Stable while the log grows."""
    for _ in range(5):
        write(0)
    first = api.get(PATH, query={"limit": 2, "include_total": "true"}, token=admin).json
    write(1)
    second = api.get(PATH, query={"limit": 3, "cursor": first["next_cursor"]}, token=admin).json
    ids = [one["id"] for one in first["items"] + second["items"]]
    assert (first["total"], second["next_cursor"], len(set(ids))) == (5, None, 5)
    assert ids == sorted(ids, reverse=True)


@refused_by_shape
@each_case(
    "wrong",
    ["from=2030-01-07", "to=2030-01-07T09:00:00", "actor_id=x", "object_id=0", "sort=action", "action=" + "x" * 65],
)
def test_queries_that_cannot_be(api: Api, admin: str, wrong: str) -> None:
    """422 with the parameter named; an instant needs its offset."""
    answer = api.get(f"{PATH}?{wrong}", token=admin)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [wrong.partition("=")[0]])


@each_case("role", [Role.CLIENT, Role.STAFF, Role.OWNER])
def test_it_is_for_admins(api: Api, role: Role) -> None:
    assert api.get(PATH, token=token_for(make_user(role))).status_code == 403
    assert api.get(PATH).status_code == 401
