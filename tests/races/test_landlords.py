"""An account loses the right to let while a request is about to use it: the request waits, and sees that."""

from typing import Any

from flask import Flask

from app.extensions import db
from app.models import Role, User
from app.security.actor import Actor
from app.transactions import transaction
from app.users.service import change_user
from tests.api import Api
from tests.factories import make_space, make_user, token_for
from tests.races.standing import overtaken
from tests.spaces.desk import LEAST, SPACES, wrong


def demoting(user: User) -> Any:
    """Return a function that makes an owner a client, in the transaction at hand."""
    admin = Actor(id=make_user(Role.ADMIN).id, role=Role.ADMIN)
    return lambda: change_user(admin, user.id, {"role": Role.CLIENT})


def test_who_is_demoted_adds_nothing(app: Flask, api: Api) -> None:
    """The token was good when it was looked at; SQLite, which has one writer at a time, looks at it afterwards."""
    owner = make_user(Role.OWNER)
    token = token_for(owner)
    answer = overtaken(app, demoting(owner), lambda late: late.post(SPACES, LEAST, token=token))
    waited = {"postgresql": (401, "token_revoked"), "sqlite": (403, "forbidden")}
    assert (answer.status_code, answer.json["code"]) == waited[db.engine.dialect.name]
    assert api.get(SPACES, query={"owner_id": owner.id}).json["items"] == []


def test_nobody_opens_the_space_of_who_is_demoted(app: Flask, api: Api) -> None:
    """It is locked before its owner is looked at."""
    space, token = make_space(active=False), token_for(make_user(Role.ADMIN))
    with transaction():
        owner = db.session.get_one(User, space.owner_id)
    path, opened = f"{SPACES}/{space.id}", {"status": "available"}
    answer = overtaken(app, demoting(owner), lambda late: late.patch(path, opened, token=token))
    assert wrong(answer) == ["status"]
    assert api.get(path).json["status"] == "unavailable"
