"""`…/images`: the pictures of services, staff and spaces, over HTTP."""

from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select

from app.extensions import db
from app.models import Image, Role
from tests.api import Api
from tests.cases import each_case
from tests.conftest import CountStatements
from tests.factories import make_service, make_space, make_staff, make_user, token_for
from tests.images.conftest import GOOD, Add
from tests.images.files import decoded, encoded, is_upright, photograph, scene

pytestmark = pytest.mark.usefixtures("monday_morning")


def shown(api: Api, album: str) -> list[tuple[str, int, bool]]:
    """Return alt, position and coverhood of the pictures of an album, as anybody sees them."""
    answer = api.get(album)
    assert (answer.status_code, answer.json["next_cursor"]) == (200, None)
    return [(one["alt"], one["position"], one["is_cover"]) for one in answer.json["items"]]


def rows() -> list[Any]:
    """Return all there is of pictures in the database."""
    found = list(db.session.execute(select(Image.__table__).order_by(Image.id)).all())
    db.session.rollback()
    return found


def fill(add: Add, *alts: str) -> list[int]:
    """Add pictures; return their ids."""
    return [add(alt=alt).json["id"] for alt in alts]


def test_a_photograph_is_added_and_served(api: Api, client: Any, add: Add, album: str) -> None:
    """FU-05: what comes back is upright and small, and has nothing of the camera's notes."""
    answer = add(photograph(orientation=6), alt="  The garden room  ")
    assert answer.status_code == 201, answer.text
    assert answer.headers["Location"] == album
    made = answer.json
    assert {name: made[name] for name in made if name not in {"id", "url"}} == {
        "width": 800,
        "height": 600,
        "alt": "The garden room",
        "position": 0,
        "is_cover": True,
    }
    assert api.get(album).json["items"] == [made]
    file = client.get(made["url"].removeprefix("http://127.0.0.1:5000"))
    assert (file.status_code, file.mimetype) == (200, "image/jpeg")
    assert is_upright(decoded(file.data))
    assert b"Exif" not in file.data


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WEBP"])
def test_a_file_is_what_its_content_is(client: Any, add: Add, kind: str) -> None:
    """The test's client calls it "a file" without a type."""
    made = add(encoded(scene(90, 60), kind)).json
    file = client.get(made["url"].removeprefix("http://127.0.0.1:5000"))
    assert (file.mimetype, decoded(file.data).format) == (f"image/{kind.lower()}", kind)


def test_the_21st_picture(add: Add, api: Api, album: str, admin: str, uploads: Path) -> None:
    """Twenty, and then 409 with nothing written; where one went, one may come."""
    ids = fill(add, *map(str, range(20)))
    assert [one[1] for one in shown(api, album)] == list(range(20))
    before = rows(), sorted(uploads.iterdir())
    answer = add()
    assert (answer.status_code, answer.json["code"]) == (409, "too_many_images")
    assert (rows(), sorted(uploads.iterdir())) == before
    assert api.delete(f"{album}/{ids[7]}", token=admin).status_code == 204
    assert add(alt="new").status_code == 201
    assert shown(api, album)[-1] == ("new", 19, False)


def test_other_albums_have_room(add: Add, api: Api, admin: str) -> None:
    fill(add, *"abc")
    other = f"/api/services/{make_service().id}/images"
    made = api.post(other, form={"image": GOOD}, token=admin).json
    assert (made["position"], made["is_cover"]) == (0, True)


@pytest.mark.parametrize(
    ("moved", "to", "order"),
    [(0, 0, "abcd"), (0, 1, "bacd"), (0, 3, "bcda"), (0, 19, "bcda"), (3, 0, "dabc"), (2, 1, "acbd")],
)
def test_moving(add: Add, api: Api, album: str, admin: str, moved: int, to: int, order: str) -> None:
    ids = fill(add, *"abcd")
    answer = api.patch(f"{album}/{ids[moved]}", {"position": to}, token=admin)
    assert (answer.status_code, answer.json["position"]) == (200, min(to, 3))
    assert [(alt, place) for alt, place, _ in shown(api, album)] == [(alt, place) for place, alt in enumerate(order)]


def test_describing_and_choosing_the_cover(add: Add, api: Api, album: str, admin: str) -> None:
    first, second = fill(add, "a", "b")
    assert api.patch(f"{album}/{second}", {"is_cover": True, "alt": "The door"}, token=admin).json["is_cover"] is True
    assert shown(api, album) == [("a", 0, False), ("The door", 1, True)]
    assert api.patch(f"{album}/{second}", {"is_cover": True}, token=admin).status_code == 200
    assert api.patch(f"{album}/{first}", {"is_cover": False}, token=admin).status_code == 200
    assert api.patch(f"{album}/{first}", {}, token=admin).status_code == 200
    before = rows()
    answer = api.patch(f"{album}/{second}", {"is_cover": False, "alt": "x"}, token=admin)
    assert (answer.status_code, answer.json["errors"].keys()) == (422, {"is_cover"})
    assert rows() == before


def test_after_the_cover_the_first_that_stays_is_it(add: Add, api: Api, album: str, admin: str) -> None:
    ids = fill(add, *"abc")
    api.patch(f"{album}/{ids[1]}", {"is_cover": True}, token=admin)
    assert api.delete(f"{album}/{ids[1]}", token=admin).status_code == 204
    assert shown(api, album) == [("a", 0, True), ("c", 1, False)]
    assert api.delete(f"{album}/{ids[2]}", token=admin).status_code == 204
    assert shown(api, album) == [("a", 0, True)]
    assert api.delete(f"{album}/{ids[0]}", token=admin).status_code == 204
    assert shown(api, album) == []
    assert api.delete(f"{album}/{ids[0]}", token=admin).status_code == 404


def test_a_picture_of_something_else(add: Add, api: Api, album: str, admin: str) -> None:
    (picture,) = fill(add, "a")
    before = rows()
    for other in (f"/api/services/{make_service().id}", f"/api/staff/{make_staff().id}", "/api/services/999999"):
        assert api.patch(f"{other}/images/{picture}", {"alt": "x"}, token=admin).status_code == 404
        assert api.delete(f"{other}/images/{picture}", token=admin).status_code == 404
    assert api.post("/api/services/999999/images", form={"image": GOOD}, token=admin).status_code == 404
    assert rows() == before


@each_case(
    ("body", "field"),
    [
        ({"position": -1}, "position"),
        ({"position": 20}, "position"),
        ({"position": "0"}, "position"),
        ({"alt": "x" * 301}, "alt"),
        ({"alt": None}, "alt"),
        ({"is_cover": "true"}, "is_cover"),
        ({"url": "https://x.test/a.png"}, "url"),
    ],
)
def test_bad_changes(add: Add, api: Api, album: str, admin: str, body: Any, field: str) -> None:
    (picture,) = fill(add, "a")
    before = rows()
    answer = api.patch(f"{album}/{picture}", body, token=admin)
    assert (answer.status_code, answer.json["errors"].keys()) == (422, {field})
    assert rows() == before


def test_the_picture_of_a_staff_member(api: Api, admin: str, uploads: Path) -> None:
    """A profile is shown with the cover of the staff member's album."""
    staff = f"/api/staff/{make_staff().id}"
    assert api.get(staff).json["avatar_url"] is None
    first, second = (api.post(f"{staff}/images", form={"image": GOOD}, token=admin).json for _ in range(2))
    assert api.get(staff).json["avatar_url"] == api.get("/api/staff").json["items"][0]["avatar_url"] == first["url"]
    api.patch(f"{staff}/images/{second['id']}", {"is_cover": True}, token=admin)
    assert api.get(staff).json["avatar_url"] == second["url"]
    assert api.patch(staff, {"bio": "x"}, token=admin).json["avatar_url"] == second["url"]
    for one in (first, second):
        api.delete(f"{staff}/images/{one['id']}", token=admin)
    assert api.get(staff).json["avatar_url"] is None


def test_an_inactive_colleagues_album_is_not_public(api: Api, admin: str) -> None:
    album = f"/api/staff/{make_staff(active=False).id}/images"
    assert api.get(album).status_code == 404
    assert api.get(album, token=admin).status_code == 200


def test_the_owner_of_a_space_keeps_its_album(api: Api, uploads: Path) -> None:
    """Another owner's space: seen, and not to be changed."""
    owner, rival = make_user(Role.OWNER), make_user(Role.OWNER)
    album = f"/api/spaces/{make_space(owner).id}/images"
    made = api.post(album, form={"image": GOOD}, token=token_for(owner))
    assert made.status_code == 201
    before, path = rows(), f"{album}/{made.json['id']}"
    assert api.post(album, form={"image": GOOD}, token=token_for(rival)).status_code == 403
    assert api.patch(path, {"alt": "x"}, token=token_for(rival)).status_code == 403
    assert api.delete(path, token=token_for(rival)).status_code == 403
    assert (rows(), len(list(uploads.iterdir()))) == (before, 1)
    assert api.delete(path, token=token_for(owner)).status_code == 204


def test_an_album_that_did_not_change_is_not_sent_again(add: Add, api: Api, album: str) -> None:
    add()
    known = api.get(album).headers["ETag"]
    assert api.get(album, headers={"If-None-Match": known}).status_code == 304
    add()
    assert api.get(album, headers={"If-None-Match": known}).status_code == 200


@pytest.mark.parametrize("size", [1, 20])
def test_what_it_costs(
    add: Add, api: Api, album: str, admin: str, count_statements: CountStatements, size: int
) -> None:
    """A fixed number of statements, whatever there is already."""
    ids = fill(add, *map(str, range(size - 1)))
    with count_statements() as adding:
        ids.append(add().json["id"])
    with count_statements() as listing:
        api.get(album)
    with count_statements() as moving:
        api.patch(f"{album}/{ids[0]}", {"position": 19, "is_cover": True}, token=admin)
    with count_statements() as deleting:
        api.delete(f"{album}/{ids[0]}", token=admin)
    assert (len(adding), len(listing)) == (8, 2)
    assert len(moving) <= 7
    assert len(deleting) <= 9


def test_who_may_not_sends_no_file(api: Api, album: str, app: Flask, uploads: Path) -> None:
    """AZ: refused before the file is looked at."""
    for who, status in ((None, 401), (token_for(make_user()), 403), (token_for(make_user(Role.STAFF)), 403)):
        assert api.post(album, form={"image": b"no picture"}, token=who).status_code == status
    assert rows() == []
    assert list(uploads.iterdir()) == []
