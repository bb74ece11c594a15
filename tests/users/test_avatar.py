"""`/api/users/me/avatar`: the picture that somebody is shown with."""

from pathlib import Path

import pytest
from sqlalchemy import select

from app.extensions import db
from app.images.service import set_avatar
from app.jobs.worker import work_once
from app.models import Image, Role, User
from app.security.errors import TokenRevoked
from app.transactions import transaction
from app.users import service
from tests.api import Api
from tests.factories import PASSWORD, PASSWORD_HASH, make_user, token_for
from tests.images.conftest import GOOD
from tests.images.files import encoded, scene

PATH = "/api/users/me/avatar"


@pytest.fixture
def user(uploads: Path) -> User:
    """Somebody with a password."""
    return make_user(password_hash=PASSWORD_HASH)


def rows() -> list[Image]:
    """Return all pictures."""
    found = list(db.session.scalars(select(Image)).all())
    db.session.rollback()
    return found


def test_setting_replacing_and_deleting(api: Api, user: User, uploads: Path) -> None:
    """There is one at most, everywhere the same; the files of former ones go."""
    token, admin = token_for(user), token_for(make_user(Role.ADMIN))
    assert api.get("/api/users/me", token=token).json["avatar_url"] is None
    first = api.put(PATH, form={"image": GOOD}, token=token)
    assert first.status_code == 200, first.text
    second = api.put(PATH, form={"image": encoded(scene(), "PNG")}, token=token).json
    assert first.json["avatar_url"] != second["avatar_url"]
    assert second["avatar_url"].endswith(".png")
    for path, who in (("/api/users/me", token), (f"/api/users/{user.id}", token), (f"/api/users/{user.id}", admin)):
        assert api.get(path, token=who).json["avatar_url"] == second["avatar_url"]
    listed = api.get("/api/users", token=admin, query={"role": "client"}).json["items"]
    assert [one["avatar_url"] for one in listed] == [second["avatar_url"]]
    assert api.patch("/api/users/me", {"bio": "x"}, token=token).json["avatar_url"] == second["avatar_url"]
    entered = api.post("/api/auth/login", {"email": user.email, "password": PASSWORD}).json
    assert entered["user"]["avatar_url"] == second["avatar_url"]
    assert api.get("/api/users/me/export", token=token).json["user"]["avatar_url"] == second["avatar_url"]
    work_once()
    assert [file.name for file in uploads.iterdir()] == [second["avatar_url"].rpartition("/")[2]]
    for _ in range(2):
        assert api.delete(PATH, token=token).status_code == 204
    assert api.get("/api/users/me", token=token).json["avatar_url"] is None
    work_once()
    assert (rows(), list(uploads.iterdir())) == ([], [])


def test_only_signed_in(api: Api, user: User) -> None:
    assert api.put(PATH, form={"image": GOOD}).status_code == 401
    assert api.delete(PATH).status_code == 401
    assert rows() == []


def test_a_refused_picture_leaves_the_former(api: Api, user: User) -> None:
    token = token_for(user)
    before = api.put(PATH, form={"image": GOOD}, token=token).json
    for form in ({"image": b"no picture"}, {"image": b""}, {}, {"image": GOOD, "alt": "x"}):
        assert api.put(PATH, form=form, token=token).status_code in {400, 422}
    assert api.get("/api/users/me", token=token).json == before


def test_erasing_the_account(api: Api, user: User, uploads: Path) -> None:
    """The picture goes with the account: the row at once, the file with the next tasks."""
    token = token_for(user)
    api.put(PATH, form={"image": GOOD}, token=token)
    assert api.post("/api/users/me/erase", {"password": PASSWORD}, token=token).status_code == 204
    assert rows() == []
    work_once()
    assert list(uploads.iterdir()) == []


def test_an_account_that_ended_meanwhile(api: Api, user: User, uploads: Path) -> None:
    """While the picture was being stored: it is not added, and its file goes again."""
    with transaction():
        db.session.get_one(User, user.id).is_active = False
    with pytest.raises(TokenRevoked):
        service.set_avatar(user.id, GOOD)
    assert (rows(), list(uploads.iterdir())) == ([], [])


def test_somebody_has_one_picture(user: User) -> None:
    """Whoever asks for it."""
    for _ in range(2):
        set_avatar(user.id, GOOD, lambda: None)
    assert len(rows()) == 1
