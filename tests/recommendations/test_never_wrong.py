"""A thousand states made by chance: nothing retired, sold out, booked already or just bought is ever recommended.

Every tenth is asked for over HTTP, the others of the function behind it.

The job has found everything for everybody, and the business links everything with everything: all that keeps a thing
from being named is how things are at the moment.
"""

from collections.abc import Iterator
from random import Random
from typing import Any

import pytest
from flask import Flask

from app.extensions import db
from app.kit import clock
from app.recommendations.service import recommend
from app.recommendations.things import Kind
from app.transactions import reading
from tests.api import Api
from tests.factories import token_for
from tests.recommendations.house import ME, NOW
from tests.recommendations.states import State, World, bring_about, make_world

STATES = {"sqlite": 1000, "postgresql": 200}
"""A state costs PostgreSQL three times as much, and the rules are the same."""
OVER_HTTP = 10
"""Of so many states, one is asked for over HTTP."""


@pytest.fixture
def world(app: Flask) -> Iterator[World]:  # it pushes the context that the session lives in
    """Everything, as the job found it this morning."""
    with clock.frozen(NOW):
        yield make_world()


Named = dict[Kind, list[int]]
"""The ids of what is recommended, by kind."""


def asked_here(world: World) -> Named:
    """Return what the rule names."""
    with reading():
        found = recommend(world.client.id, 20)
    db.session.expunge_all()
    return {
        kind: [one.thing.id for one in of_kind]
        for kind, of_kind in zip(Kind, (found.services, found.products), strict=True)
    }


def asked_over_http(api: Api, world: World, token: str) -> Named:
    """Return what the client is told."""
    said = api.get(ME, query={"limit": 20}, token=token).json
    return {kind: [one[kind]["id"] for one in said[f"{kind}s"]] for kind in Kind}


def places(ids: list[int], things: list[Any]) -> set[int]:
    """Return which of the world's things are named, by their places."""
    assert len(ids) == len(set(ids))
    return {[thing.id for thing in things].index(one) for one in ids}


def test_nothing_that_cannot_be_wanted_is_recommended(api: Api, world: World, dialect: str) -> None:
    """And whatever can be, is: an empty answer would be right a thousand times as well."""
    chance, token = Random(9), token_for(world.client)  # noqa: S311  # states, not secrets
    named = 0
    for nth in range(STATES[dialect]):
        state = State.by(chance)
        bring_about(world, state)
        said = asked_here(world) if nth % OVER_HTTP else asked_over_http(api, world, token)
        services, products = places(said[Kind.SERVICE], world.services), places(said[Kind.PRODUCT], world.products)
        assert not services & state.forbidden_services(), (nth, state)
        assert not products & state.forbidden_products(), (nth, state)
        assert services >= state.welcome_services(), (nth, state)
        assert products >= state.welcome_products(), (nth, state)
        named += len(services) + len(products)
    assert named > 100
