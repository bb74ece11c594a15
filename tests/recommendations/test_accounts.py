"""What becomes of recommendations when a client wants its data, is erased, or turns out to be somebody else."""

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from threading import Event

import pytest
from flask import Flask
from sqlalchemy import insert, select

from app.extensions import db
from app.models import RecommendationOptOut, RecommendedThing, User
from app.recommendations.building import build
from app.recommendations.opting_out import choose_recommendations
from app.transactions import transaction
from app.users.service.claiming import claim_walk_in
from tests.api import Api
from tests.factories import PASSWORD, PASSWORD_HASH, make_user, token_for
from tests.recommendations.house import CHOICE, TODAY, House, advice, build_now, found_for, named, visited

EXPORT, ERASE = "/api/users/me/export", "/api/users/me/erase"


def test_the_export_has_what_was_found(api: Api, house: House) -> None:
    """And that one wants none; nothing of others."""
    version = build_now()
    client = house.regulars[0]
    token = token_for(client)
    kept = api.get(EXPORT, token=token).json["recommendations"]
    assert kept["wanted"] is True
    assert len(kept["found"]) == len(found_for(client)) == 4
    assert kept["found"][0] == {
        "version": version,
        "service_id": house.cut.id,
        "product_id": None,
        "score": 1.0,
        "reason": "due",
        "because": [],
        "due_on": TODAY.isoformat(),
        "usual_interval_days": 28,
    }
    assert kept["found"][1]["because"] == [["service", house.cut.id]]
    api.patch(CHOICE, {"enabled": False}, token=token)
    assert api.get(EXPORT, token=token).json["recommendations"] == {"wanted": False, "found": []}


def test_who_is_erased_takes_it_along(api: Api, house: House) -> None:
    """At once, and from whatever is found later, for others too: what it took teaches nothing any more."""
    client = make_user(password_hash=PASSWORD_HASH)
    other = make_user(password_hash=PASSWORD_HASH)
    for ago in (84, 56, 28):
        visited(client, house.staff, ago, house.cut)
    visited(other, house.staff, 3, house.cut)
    build_now()
    assert found_for(client) != []
    api.patch(CHOICE, {"enabled": False}, token=token_for(other))
    for who in (client, other):
        assert api.post(ERASE, {"password": PASSWORD}, token=token_for(who)).status_code == 204
    assert found_for(client) == []
    with transaction():
        assert db.session.scalars(select(RecommendationOptOut.user_id)).all() == []
    before = [found_for(one) for one in house.regulars]
    build_now()
    assert (found_for(client), found_for(other)) == ([], [])
    assert [found_for(one) for one in house.regulars] == before


def test_a_walk_in_that_is_claimed(api: Api, house: House) -> None:
    """Its rows go with it; the account has the visits, and the next run finds more."""
    walk_in = make_user(has_login=False, email="ann@example.test")
    account = make_user(email="ann@example.test")
    for ago in (84, 56, 28):
        visited(walk_in, house.staff, ago, house.cut)
    build_now()
    assert found_for(walk_in) != []
    with transaction():
        claim_walk_in(db.session.get_one(User, account.id, populate_existing=True))
    assert found_for(walk_in) == []
    build_now()
    assert ("Cut", "due") in named(advice(api, account))


@pytest.mark.databases("postgresql")  # on SQLite, who writes is alone
def test_who_opts_out_while_its_rows_are_written(app: Flask, house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Waits for them, and then takes them away."""
    client = house.regulars[0]
    written, asked = Event(), Event()

    def inserting(table: type) -> object:
        if table is RecommendedThing:
            written.set()
            asked.wait(0.5)
        return insert(table)

    def leave() -> None:
        with app.app_context():
            written.wait(10)
            with transaction():
                choose_recommendations(client.id, wanted=False)
            asked.set()

    monkeypatch.setattr("app.recommendations.writing.insert", inserting)
    with ThreadPoolExecutor(1) as pool:
        leaving = pool.submit(leave)
        built = build()
        leaving.result(timeout=timedelta(seconds=20).total_seconds())
    assert built is not None
    assert found_for(client) == []
    assert found_for(house.regulars[1]) != []
