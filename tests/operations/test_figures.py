"""`/metrics`: who may read it, and what is counted."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from prometheus_client.parser import text_string_to_metric_families

from app.extensions import db
from app.jobs.outbox import enqueue
from app.kit.clock import utcnow
from app.models import OutboxEvent
from app.transactions import transaction
from tests.api import Api
from tests.conftest import make_application
from tests.factories import make_service, make_user, token_for
from tests.settings import SECRET

TOKEN = "a-token-for-the-figures"


def figures(api: Api, name: str) -> dict[tuple[str, ...], float]:
    """Return the samples of that name by the values of their labels."""
    families = text_string_to_metric_families(api.get("/metrics").text)
    samples = (sample for family in families for sample in family.samples if sample.name == name)
    return {tuple(sample.labels[label] for label in sorted(sample.labels)): sample.value for sample in samples}


def test_requests_by_route(app: Flask, api: Api) -> None:
    """Method, template and status: what a caller writes into a path makes no new figure."""
    service = make_service()
    before = figures(api, "parlour_http_requests_total")
    for path in (
        f"/api/services/{service.id}",
        "/api/services/0",
        "/api/services/1234567",
        "/nowhere/a@b.c",
        "/nowhere/2",
    ):
        api.get(path)
    api.call("INVENTED", "/api/services")
    after = figures(api, "parlour_http_requests_total")
    grown = {labels: value - before.get(labels, 0) for labels, value in after.items() if value != before.get(labels, 0)}
    grown.pop(("GET", "/metrics", "200"), None)
    assert grown == {
        ("GET", "/api/services/<id:service_id>", "200"): 1,
        ("GET", "/api/services/<id:service_id>", "404"): 2,
        ("GET", "none", "404"): 2,
        ("other", "none", "405"): 1,
    }
    seconds = figures(api, "parlour_http_request_seconds_count")
    assert seconds["GET", "/api/services/<id:service_id>"] >= 3


def test_tasks_and_connections(app: Flask, api: Api) -> None:
    """How much waits and for how long, what was given up; how many connections are in use, of how many."""
    with transaction():
        enqueue("nothing", {}, due_at=utcnow())
        db.session.add(OutboxEvent(topic="nothing", dead_at=utcnow()))
    tasks = figures(api, "parlour_tasks")
    assert {state[0]: value for state, value in tasks.items()} == {
        "waiting": 1,
        "due": 1,
        "in_hand": 0,
        "failing": 0,
        "dead": 1,
    }
    assert figures(api, "parlour_tasks_oldest_seconds")[()] >= 0
    assert figures(api, "parlour_database_up")[()] == 1
    before = figures(api, "parlour_database_connections_in_use")[()]
    held = [db.engine.connect() for _ in range(3)]
    assert figures(api, "parlour_database_connections_in_use")[()] == before + 3
    for connection in held:
        connection.close()
    assert figures(api, "parlour_database_connections_in_use")[()] == before
    assert figures(api, "parlour_database_connections_limit")[()] >= 8


Asking = Callable[..., list[int]]


@pytest.fixture
def asking(database_url: str) -> Asking:
    """Return what `/metrics` answers, with these settings, to each of some tokens."""

    def ask(*tokens: str | None, **settings: str) -> list[int]:
        app = make_application(database_url, **settings)
        try:
            answers = [Api(app.test_client()).get("/metrics", token=token) for token in tokens]
        finally:
            with app.app_context():
                db.engine.dispose()
        assert all(("parlour_" in answer.text) == (answer.status_code == 200) for answer in answers)
        return [answer.status_code for answer in answers]

    return ask


@pytest.mark.databases("sqlite")
def test_who_may_read_them(asking: Asking) -> None:
    """Whoever has METRICS_TOKEN; where there is none, in production nobody."""
    production = {"FLASK_ENV": "production", "SECRET_KEY": "4f9d1c7be2a85306d1f7c94be80a2635", "BCRYPT_ROUNDS": "12"}
    assert asking(None, TOKEN, **production) == [404, 404]
    for settings in (production, {}):
        with_token = settings | {"METRICS_TOKEN": TOKEN}
        assert asking(None, "another-token", f"{TOKEN}x", TOKEN, **with_token) == [401, 401, 401, 200]
    assert asking(None) == [200]


def test_nothing_of_people_stands_in_them(app: Flask, api: Api) -> None:
    """Neither who asks, nor what for."""
    user = make_user(email="ada@example.test")
    api.get("/api/users/me?q=ada@example.test", token=token_for(user))
    api.get("/ada@example.test")
    text = api.get("/metrics").text
    assert "/api/users/me" in text
    assert not re.search(rf"ada|@|{re.escape(SECRET)}", text)
