"""Keeping webhooks: what may be asked for, what is refused, what is shown and what never again."""

import base64
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.kit import clock
from app.models import MOST_WEBHOOKS, OutboxEvent, Role, Webhook, WebhookDelivery
from app.transactions import transaction
from app.webhooks.catalogue import CHOICES
from tests.api import Api
from tests.cases import each_case
from tests.conftest import CountStatements
from tests.databases import refused_by_shape
from tests.factories import make_user
from tests.webhooks.house import House, audited, hook

URL = "https://hooks.example.com/parlour"
GOOD = {"url": URL, "events": ["booking.confirmed"]}


@pytest.fixture
def admin(api: Api, now: datetime) -> House:
    """An admin of a house with the usual settings."""
    return House(api, make_user(Role.ADMIN))


def stored() -> list[Any]:
    """Return all webhooks."""
    with transaction():
        return list(db.session.scalars(select(Webhook).order_by(Webhook.id)))


def test_a_webhook_is_made(admin: House, now: datetime) -> None:
    """Its secret is shown this once, and kept sealed."""
    answer = admin.api.post("/api/webhooks", {**GOOD, "description": "Accounting"}, token=admin.token)
    made = answer.json
    secret = made.pop("secret")
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/webhooks/{made['id']}")
    assert made == {
        "id": made["id"],
        "url": URL,
        "description": "Accounting",
        "events": ["booking.confirmed"],
        "active": True,
        "disabled": None,
        "failing_since": None,
        "old_secret_until": None,
        "created_at": made["created_at"],
        "updated_at": made["updated_at"],
    }
    assert len(base64.b64decode(secret.removeprefix("whsec_"), validate=True)) == 32
    assert admin.read(made) == made
    assert admin.api.get("/api/webhooks", token=admin.token).json == {"items": [made], "next_cursor": None}
    assert secret not in hook(made).secret
    assert secret.removeprefix("whsec_") not in hook(made).secret
    assert audited() == [("webhooks.created", {"events": ["booking.confirmed"]})]


def test_every_secret_is_another(admin: House) -> None:
    assert len({admin.subscribe(URL)["secret"] for _ in range(3)}) == 3


@pytest.fixture
def subscribed(admin: House) -> Any:
    """A webhook as its admin sees it."""
    return admin.subscribe(URL, "booking.confirmed")


@refused_by_shape
@each_case(
    ("change", "field"),
    [
        ({"url": None}, "url"),
        ({"url": 1}, "url"),
        ({"url": ""}, "url"),
        ({"url": "https://127.0.0.1/"}, "url"),
        ({"url": "http://hooks.example.com/"}, "url"),
        ({"url": "https://hooks.example.com:6379/"}, "url"),
        ({"url": "https://u:p@hooks.example.com/"}, "url"),
        ({"url": "file:///etc/passwd"}, "url"),
        ({"url": f"{URL}/{'x' * 2048}"}, "url"),
        ({"url": f"{URL}\x00"}, "url"),
        ({"url": f"{URL}/\u2028"}, "url"),
        ({"url": f"\u00a0{URL}"}, "url"),
        ({"url": "https://x.localho\u017ft/a"}, "url"),
        ({"events": []}, "events"),
        ({"events": "*"}, "events"),
        ({"events": None}, "events"),
        ({"events": ["booking.confirmed", "booking.eaten"]}, "events.1"),
        ({"events": ["webhook.test"]}, "events.0"),
        ({"events": [1]}, "events.0"),
        ({"events": ["*"] * 101}, "events"),
        ({"description": "x" * 201}, "description"),
        ({"secret": "whsec_mine"}, "secret"),
        ({"id": 1}, "id"),
    ],
)
def test_bad_input_is_refused(admin: House, subscribed: Any, change: dict[str, Any], field: str) -> None:
    """At creation and at a change, naming the field; nothing is written."""
    answers = [
        admin.api.post("/api/webhooks", GOOD | change, token=admin.token),
        admin.api.patch(f"/api/webhooks/{subscribed['id']}", change, token=admin.token),
    ]
    for answer in answers:
        assert answer.status_code == 422
        assert list(answer.json["errors"]) == [field]
    assert [(one.url, one.events) for one in stored()] == [(URL, ["booking.confirmed"])]


@pytest.mark.parametrize("missing", ["url", "events"])
def test_both_are_needed(admin: House, missing: str) -> None:
    body = {name: value for name, value in GOOD.items() if name != missing}
    answer = admin.api.post("/api/webhooks", body, token=admin.token)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [missing])
    assert stored() == []


def test_the_settings_may_allow_more(house: House) -> None:
    """For receivers in the same network."""
    assert house.subscribe("http://127.0.0.1:5001/hooks")["url"] == "http://127.0.0.1:5001/hooks"


def test_events_are_kept_once(admin: House) -> None:
    events = ["booking.moved", "booking.confirmed", "booking.moved"]
    assert admin.subscribe(URL, *events)["events"] == ["booking.confirmed", "booking.moved"]


def test_the_catalogue(admin: House) -> None:
    """Every name in it may be asked for."""
    answer = admin.api.get("/api/webhooks/events", token=admin.token).json
    assert [event["name"] for event in answer["items"]] == list(CHOICES)
    assert {"booking.confirmed", "booking.cancelled", "waitlist.offered"} <= set(CHOICES)
    assert all(event["description"].endswith(".") for event in answer["items"])
    assert admin.subscribe(URL, *CHOICES)["events"] == sorted(CHOICES)


def test_there_are_no_more_than_so_many(admin: House) -> None:
    """Each event is written for every one of them."""
    made = [admin.subscribe(URL) for _ in range(MOST_WEBHOOKS)]
    refused = admin.api.post("/api/webhooks", GOOD, token=admin.token)
    assert (refused.status_code, refused.json["code"]) == (409, "too_many_webhooks")
    assert len(stored()) == MOST_WEBHOOKS
    assert admin.api.delete(f"/api/webhooks/{made[3]['id']}", token=admin.token).status_code == 204
    admin.subscribe(URL)
    assert sorted(one.number for one in stored()) == list(range(1, MOST_WEBHOOKS + 1))


def test_of_two_at_once_both_are_made(admin: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Both saw the same numbers free; the database gives the second one the next."""
    monkeypatch.setattr("app.webhooks.queries.numbers", lambda: select(Webhook.number).where(Webhook.id == 0))
    assert [admin.subscribe(URL) and None for _ in range(3)] == [None] * 3
    assert [one.number for one in stored()] == [1, 2, 3]


def test_a_change(admin: House, now: datetime) -> None:
    made = admin.subscribe(URL)
    with clock.frozen(now + timedelta(minutes=1)):
        answer = admin.change(made, url="https://other.example.com/", events=["booking.moved"], description="New")
    assert answer.status_code == 200
    shown = (answer.json["url"], answer.json["events"], answer.json["description"], answer.json["active"])
    assert shown == ("https://other.example.com/", ["booking.moved"], "New", True)
    assert answer.json["updated_at"] > made["updated_at"]
    assert "secret" not in answer.json
    told = {"active": True, "events": ["booking.moved"], "changed": ["description", "events", "url"]}
    assert audited()[-1] == ("webhooks.changed", told)


def test_switched_off_and_on(admin: House, now: datetime) -> None:
    made = admin.subscribe(URL)
    off = admin.change(made, active=False).json
    assert (off["active"], off["disabled"]["by"]) == (False, "admin")
    assert off["disabled"]["at"].startswith(f"{now:%Y-%m-%dT%H:%M:%S}")
    assert admin.change(made, active=False).json["disabled"] == off["disabled"]
    on = admin.change(made, active=True).json
    assert (on["active"], on["disabled"]) == (True, None)


def test_blanks_around_an_address_are_dropped(admin: House) -> None:
    assert admin.subscribe(f"  {URL} ")["url"] == URL


def test_a_removal(admin: House) -> None:
    """With its deliveries; a turn that waits finds nothing, and is done with."""
    made, other = admin.subscribe(URL), admin.subscribe(URL)
    assert admin.act(made, "test").status_code == 202
    assert admin.api.delete(f"/api/webhooks/{made['id']}", token=admin.token).status_code == 204
    assert admin.api.get(f"/api/webhooks/{made['id']}", token=admin.token).status_code == 404
    with transaction():
        assert db.session.scalars(select(WebhookDelivery)).all() == []
    assert [one.id for one in stored()] == [other["id"]]
    admin.work()
    with transaction():
        assert db.session.scalars(select(OutboxEvent).where(OutboxEvent.done_at.is_(None))).all() == []
    assert audited()[-1] == ("webhooks.deleted", None)


@each_case(
    ("method", "path"),
    [
        ("GET", "/api/webhooks/{}"),
        ("PATCH", "/api/webhooks/{}"),
        ("DELETE", "/api/webhooks/{}"),
        ("POST", "/api/webhooks/{}/rotate-secret"),
        ("POST", "/api/webhooks/{}/test"),
        ("GET", "/api/webhooks/{}/deliveries"),
        ("POST", "/api/webhooks/{}/deliveries/1/replay"),
    ],
)
@each_case("number", ["9999999", "0", "-1", "abc", "9223372036854775808"])
def test_what_is_not_there(admin: House, method: str, path: str, number: str) -> None:
    assert admin.api.call(method, path.format(number), token=admin.token).status_code == 404


@pytest.mark.parametrize("size", [1, 10])
def test_lists_cost(admin: House, count_statements: CountStatements, size: int) -> None:
    """Two statements, one of them for the token; three for deliveries."""
    made = admin.subscribe(URL)
    for _ in range(size - 1):
        admin.subscribe(URL)
    for _ in range(size):
        admin.act(made, "test")
    token, path = admin.token, f"/api/webhooks/{made['id']}/deliveries?status=pending&limit=100"
    with count_statements() as listing:
        assert len(admin.api.get("/api/webhooks?limit=100", token=token).json["items"]) == size
    with count_statements() as delivering:
        assert len(admin.api.get(path, token=token).json["items"]) == size
    with count_statements() as choosing:
        admin.api.get("/api/webhooks/events", token=token)
    assert (len(listing), len(delivering), len(choosing)) == (2, 3, 1)
