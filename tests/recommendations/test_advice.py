"""What a client is told over HTTP, and why; what it is not told."""

from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import update

from app.extensions import db
from app.kit import clock
from app.models import Assignment, BookingStatus, PendingReason, Product, Resource, Role, Service
from app.transactions import transaction
from tests.api import Api
from tests.cases import each_case
from tests.conftest import CountStatements
from tests.factories import assign, make_booking, make_product, make_service, make_user, token_for
from tests.recommendations.house import (
    CHOICE,
    LINKS,
    ME,
    NOW,
    House,
    advice,
    bought,
    build_now,
    days_ago,
    found_for,
    named,
    visited,
)


def link(api: Api, source: Any, target: Any, position: int = 0) -> Any:
    """Let an admin link two things."""
    ends = {
        end: {"kind": "product" if isinstance(thing, Product) else "service", "id": thing.id}
        for end, thing in (("from", source), ("to", target))
    }
    made = api.post(LINKS, ends | {"position": position}, token=token_for(make_user(Role.ADMIN)))
    assert made.status_code == 201, made.json
    return made.json


def test_what_one_is_due_for_comes_first_and_says_why(api: Api, house: House) -> None:
    """The day, the rhythm, a sentence; then what goes with what one has."""
    version = build_now()
    said = advice(api, house.regulars[0])
    assert said["client_id"] == house.regulars[0].id
    assert said["model"] == {"version": version, "computed_at": "2030-01-07T06:00:00Z"}
    assert said["note"] is None
    due, similar = said["services"]
    assert due == {
        "service": {
            "id": house.cut.id,
            "name": "Cut",
            "duration_minutes": 60,
            "price": {"amount": 4500, "currency": "KES"},
        },
        "score": 1,
        "reason": {
            "code": "due",
            "text": "Last had on 2029-12-10, usually again after 28 days.",
            "because": [],
            "curated": False,
            "due_on": "2030-01-07",
            "usual_interval_days": 28,
        },
    }
    assert similar["service"]["name"] == "Colour"
    assert similar["reason"] == {
        "code": "similar_clients",
        "text": "Clients who had Cut also have this.",
        "because": [{"kind": "service", "id": house.cut.id, "name": "Cut"}],
        "curated": False,
    }
    product = said["products"][0]
    assert product["product"]["price"] == {"amount": 1200, "currency": "KES"}
    assert product["reason"]["code"] == "goes_with_service"
    assert product["reason"]["text"] == "Goes with Cut."


def test_scores_fall_down_the_list(api: Api, house: House) -> None:
    build_now()
    link(api, house.cut, house.nails)
    for client in (*house.regulars, house.newcomer, house.stranger):
        for kind in ("services", "products"):
            scores = [one["score"] for one in advice(api, client)[kind]]
            assert scores == sorted(scores, reverse=True)
            assert all(0 <= score <= 1 for score in scores)


def test_who_had_nothing_is_told_what_is_popular(api: Api, house: House) -> None:
    build_now()
    said = advice(api, house.stranger)
    assert {reason for _, reason in named(said)} == {"popular"}
    assert {name for name, _ in named(said)} == {"Cut", "Colour", "Shampoo", "Mask"}
    assert said["services"][0]["reason"]["text"] == "Popular just now."


def test_the_limit_holds_for_each_kind(api: Api, house: House) -> None:
    build_now()
    said = advice(api, house.stranger, limit=1)
    assert (len(said["services"]), len(said["products"])) == (1, 1)


@each_case("limit", ["0", "21", "-1", "x", "1.0", ""])
def test_the_limit_is_a_number_up_to_twenty(api: Api, house: House, limit: str) -> None:
    answer = api.get(ME, query={"limit": limit}, token=token_for(house.stranger))
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["limit"])


def test_before_anything_was_worked_out(api: Api, house: House) -> None:
    """What the business links itself is said at once; beside it, why there is no more."""
    nothing = advice(api, house.newcomer)
    assert named(nothing) == []
    assert nothing["model"] == {"version": 0, "computed_at": None}
    assert nothing["note"] == {
        "code": "not_computed",
        "text": "Nothing has been worked out yet; that is done every night.",
    }
    link(api, house.cut, house.comb)
    said = advice(api, house.newcomer)
    assert named(said) == [("Comb", "goes_with_service")]
    assert said["products"][0]["reason"] == {
        "code": "goes_with_service",
        "text": "We recommend it with Cut.",
        "because": [{"kind": "service", "id": house.cut.id, "name": "Cut"}],
        "curated": True,
    }
    assert said["note"]["code"] == "not_computed"


def test_links_go_before_what_was_learnt(api: Api, house: House) -> None:
    """In the business's order, under the codes of the API; what is due goes before."""
    build_now()
    bought(house.regulars[0], house.seller, 40, house.comb)
    link(api, house.cut, house.nails, position=2)
    link(api, house.comb, house.mask, position=1)
    link(api, house.cut, house.shampoo, position=3)
    assert named(advice(api, house.regulars[0])) == [
        ("Cut", "due"),
        ("Nails", "similar_clients"),
        ("Colour", "similar_clients"),
        ("Mask", "bought_together"),
        ("Shampoo", "goes_with_service"),
    ]


def test_links_to_what_was_just_bought_are_not_said(api: Api, house: House) -> None:
    """For thirty days."""
    link(api, house.cut, house.comb)
    for ago, is_said in ((30, False), (31, True)):
        client = make_user()
        visited(client, house.staff, 60, house.cut)
        bought(client, house.seller, ago, house.comb)
        assert bool(named(advice(api, client))) is is_said, ago


def test_links_to_what_cannot_be_had_crowd_nothing_out(api: Api, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """So many links are looked at, of those that lead to something."""
    monkeypatch.setattr("app.recommendations.queries.MOST_LINKS", 1)
    gone = make_product(0, name="Gone")
    for target in (gone, house.comb):
        link(api, house.cut, target)
    client = make_user()
    visited(client, house.staff, 60, house.cut)
    assert [name for name, _ in named(advice(api, client))] == ["Comb"]


@pytest.mark.parametrize(
    ("status", "is_said"),
    [
        ({"status": BookingStatus.CONFIRMED}, False),
        ({"pending_reason": PendingReason.APPROVAL, "expires_at": NOW + timedelta(hours=1)}, False),
        (
            {"pending_reason": PendingReason.DEPOSIT, "expires_at": NOW},
            True,
        ),  # its time is over, though nobody noted it
        ({"status": BookingStatus.CANCELLED, "cancelled_at": NOW}, True),
        ({"status": BookingStatus.DECLINED}, True),
    ],
    ids=str,
)
def test_what_is_booked_already_is_not_said(api: Api, house: House, status: dict[str, Any], is_said: bool) -> None:
    """Nor what waits for an answer."""
    build_now()
    client = house.regulars[0]
    make_booking(client, house.cut, house.staff, days_ago(-3), **({"status": BookingStatus.PENDING} | status))
    make_booking(
        house.newcomer, house.colour, house.staff, days_ago(-3), **({"status": BookingStatus.PENDING} | status)
    )
    assert ("Cut" in dict(named(advice(api, client)))) is is_said
    assert ("Colour" in dict(named(advice(api, house.newcomer)))) is is_said


def test_what_happened_since_it_was_worked_out(api: Api, house: House) -> None:
    """Had this morning, bought this morning: neither is said again."""
    build_now()
    client = house.regulars[0]
    make_booking(client, house.cut, house.staff, NOW - timedelta(hours=2), status=BookingStatus.COMPLETED)
    bought(client, house.seller, 0, house.shampoo)
    assert set(dict(named(advice(api, client)))) == {"Colour", "Mask"}


def test_what_cannot_be_had_is_not_said(api: Api, house: House) -> None:
    """Retired, sold out, all promised to others, performed by nobody or by nobody who works here."""
    build_now()
    link(api, house.cut, house.nails)
    client = house.regulars[0]
    assert set(dict(named(advice(api, client)))) == {"Cut", "Nails", "Colour", "Shampoo", "Mask"}
    other = make_service()
    changes = [
        (update(Service).where(Service.id == house.cut.id).values(active=False), "Cut"),
        (update(Product).where(Product.id == house.mask.id).values(on_hand=3, reserved=3), "Mask"),
        (update(Product).where(Product.id == house.shampoo.id).values(active=False), "Shampoo"),
        (
            update(Assignment).where(Assignment.service_id == house.nails.id).values(service_id=other.id),
            "Nails",
        ),
        (update(Resource).where(Resource.id == house.staff.id).values(active=False), "Colour"),
    ]
    for change, name in changes:
        assert name in dict(named(advice(api, client)))
        with transaction():
            db.session.execute(change)
        assert name not in dict(named(advice(api, client)))


def test_what_is_not_counted_is_always_there(api: Api, house: House) -> None:
    build_now()
    with transaction():
        db.session.execute(update(Product).where(Product.id == house.mask.id).values(on_hand=0, tracked=False))
    assert "Mask" in dict(named(advice(api, house.newcomer)))


def test_some_days_later(api: Api, house: House) -> None:
    """What was due may be no more; what was worked out a fortnight ago is not said at all."""
    build_now()
    expected = {0: "Cut", 7: "Cut", 8: None, 14: None}  # a quarter of 28 days after the day itself
    for days, due in expected.items():
        with clock.frozen(NOW + timedelta(days=days)):
            said = dict(named(advice(api, house.regulars[0])))
            assert (said.get("Cut"), "Colour" in said) == ("due" if due else None, True), days
    with clock.frozen(NOW + timedelta(days=14, seconds=1)):
        said = advice(api, house.regulars[0])
    assert (named(said), said["note"]["code"]) == ([], "too_old")
    assert said["model"]["version"] > 0


def test_what_is_read_meanwhile_is_the_last_whole_run(api: Api, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """While another one is written."""
    from app.recommendations import writing  # noqa: PLC0415  # numpy

    first, seen = build_now(), []
    finish = writing.finish

    def look(model_id: int, clients: int) -> None:
        seen.append(advice(api, house.regulars[0])["model"]["version"])
        finish(model_id, clients)

    monkeypatch.setattr(writing, "finish", look)
    second = build_now()
    assert seen == [first]
    assert advice(api, house.regulars[0])["model"]["version"] == second


def test_who_wants_none(api: Api, house: House) -> None:
    """Gets none, and says so itself; what was found goes at once, and the next run leaves the client out."""
    build_now()
    client = house.regulars[1]
    token = token_for(client)
    assert api.get(CHOICE, token=token).json == {"enabled": True}
    for _ in range(2):
        assert api.patch(CHOICE, {"enabled": False}, token=token).json == {"enabled": False}
    assert (api.get(CHOICE, token=token).json, found_for(client)) == ({"enabled": False}, [])
    link(api, house.cut, house.comb)
    said = advice(api, client)
    assert named(said) == []
    assert said["note"] == {"code": "opted_out", "text": "Recommendations are switched off."}
    build_now()
    assert found_for(client) == []
    assert found_for(house.regulars[0]) != []
    for _ in range(2):
        assert api.patch(CHOICE, {"enabled": True}, token=token).json == {"enabled": True}
    assert named(advice(api, client)) != []
    build_now()
    assert found_for(client) != []


def test_who_wants_none_teaches_nothing(api: Api, house: House) -> None:
    """Two clients are too few to say what goes together, or is popular: nobody is told."""
    build_now()
    assert "Colour" in {name for name, _ in named(advice(api, house.newcomer))}
    for client in house.regulars[1:3]:
        api.patch(CHOICE, {"enabled": False}, token=token_for(client))
    build_now()
    assert "Colour" not in {name for name, _ in named(advice(api, house.newcomer))}


def test_staff_see_a_clients(api: Api, house: House) -> None:
    """Also beside the account; a client sees nobody else's."""
    build_now()
    client = house.regulars[0]
    own = advice(api, client)
    for who in (client, house.seller, make_user(Role.ADMIN)):
        token = token_for(who)
        assert api.get(f"/api/recommendations/client/{client.id}", token=token).json == own
        asked = api.get(f"/api/users/{client.id}", query={"include": "recommendations"}, token=token).json
        assert asked["recommendations"] == own
        assert "recommendations" not in api.get(f"/api/users/{client.id}", token=token).json
    for who in (house.newcomer, make_user(Role.OWNER)):
        assert api.get(f"/api/recommendations/client/{client.id}", token=token_for(who)).status_code == 404


def test_only_one_thing_can_be_included(api: Api, house: House) -> None:
    answer = api.get(f"/api/users/{house.stranger.id}", query={"include": "secrets"}, token=token_for(house.stranger))
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["include"])


@pytest.mark.parametrize("size", [1, 40])
def test_the_statements_are_counted(api: Api, house: House, count_statements: CountStatements, size: int) -> None:
    """Nine for oneself, the token's included, however much was taken, found and linked; one more for somebody else."""
    client = house.regulars[0]
    for _ in range(size):
        service, product = make_service(), make_product(1)
        assign(house.staff, service)
        for one in house.regulars:
            visited(one, house.staff, 28, service)
        link(api, house.cut, product)
    build_now()
    for who, path, count in ((client, ME, 9), (house.seller, f"/api/recommendations/client/{client.id}", 10)):
        token = token_for(who)
        with count_statements() as seen:
            assert api.get(path, token=token).status_code == 200
        assert len(seen) == count, "\n\n".join(seen)
