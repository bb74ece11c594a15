"""Pictures with Cloudinary: what is asked of it, and what becomes of its failures."""

import time
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from urllib3 import Timeout

from app.extensions import db
from app.integrations.images import cloud
from app.integrations.images.cloud import Cloud
from app.integrations.images.store import StoreDown
from app.jobs.worker import work_once
from app.kit import clock
from app.models import Role
from tests.api import Api
from tests.conftest import make_application
from tests.databases import Copy
from tests.factories import make_service, make_user, token_for
from tests.images.conftest import GOOD, NOW
from tests.images.files import decoded
from tests.integrations.images.cloudinary_server import NAME, Account

FILE = "3k8v0q5m2x7c9z4b1n6h8j0f2d.jpg"
PUBLIC_ID = FILE.removesuffix(".jpg")


def test_a_picture_is_uploaded(account: Account) -> None:
    """Signed, by its own name, in the size and quality that Cloudinary is to keep; what is there is not replaced."""
    Cloud(account.settings).put(FILE, GOOD)
    ((path, sent),) = account.calls
    assert path == f"/v1_1/{NAME}/image/upload"
    assert (sent["public_id"], sent["transformation"]) == (PUBLIC_ID, "c_limit,h_800,q_auto,w_800")
    assert sent.get("overwrite", "0") in {"0", "false", "False"}
    assert account.files == {PUBLIC_ID: GOOD}
    Cloud(account.settings).put(FILE, b"another")
    assert account.files == {PUBLIC_ID: GOOD}


def test_a_picture_is_deleted(account: Account) -> None:
    """And forgotten by the servers that deliver it; twice is as good as once."""
    store = Cloud(account.settings)
    store.put(FILE, GOOD)
    store.delete(FILE)
    store.delete(FILE)
    assert account.files == {}
    assert account.calls[-1][0] == f"/v1_1/{NAME}/image/destroy"
    assert account.calls[-1][1]["invalidate"] in {"1", "true", "True"}


def test_where_it_is_delivered(account: Account) -> None:
    """In the form and the quality that suit who asks."""
    url = Cloud(account.settings).url(FILE)
    assert url == f"https://res.cloudinary.com/{NAME}/image/upload/f_auto,q_auto/{PUBLIC_ID}"


def test_a_wrong_secret(account: Account) -> None:
    """The server checks: without that the other tests would show nothing."""
    with pytest.raises(StoreDown):
        Cloud(replace(account.settings, api_secret="another")).put(FILE, GOOD)
    assert account.files == {}


@pytest.mark.parametrize("mood", ["failing", "rambling"])
def test_it_fails(account: Account, mood: str) -> None:
    account.mood = mood
    with pytest.raises(StoreDown):
        Cloud(account.settings).put(FILE, GOOD)
    with pytest.raises(StoreDown):
        Cloud(account.settings).delete(FILE)


def test_it_hangs(account: Account, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is not waited for longer than is set, nor asked again: it may have the picture by now."""
    monkeypatch.setattr(cloud, "TIMEOUT", Timeout(connect=1, read=0.2))
    account.mood = "hanging"
    began = time.monotonic()
    with pytest.raises(StoreDown):
        Cloud(account.settings).put(FILE, GOOD)
    assert time.monotonic() - began < 2
    assert len(account.calls) == 1


def test_it_is_not_there(account: Account) -> None:
    with pytest.raises(StoreDown):
        Cloud(replace(account.settings, upload_prefix="http://127.0.0.1:9")).put(FILE, GOOD)


@pytest.fixture
def cloudy(new_database: Callable[[str], Copy], account: Account) -> Any:
    """An application that keeps its pictures with Cloudinary."""
    application = make_application(new_database("sqlite").url, CLOUDINARY_URL=account.url)
    with application.app_context(), clock.frozen(NOW):
        yield application
        db.session.remove()
        db.engine.dispose()


def test_a_whole_life(cloudy: Flask, account: Account) -> None:
    """Added, shown, and deleted with its file; while Cloudinary is down, 503 and no row."""
    api, admin = Api(cloudy.test_client()), token_for(make_user(Role.ADMIN))
    album = f"/api/services/{make_service().id}/images"
    made = api.post(album, form={"image": GOOD}, token=admin)
    assert made.status_code == 201, made.text
    ((public_id, content),) = account.files.items()
    assert made.json["url"] == f"https://res.cloudinary.com/{NAME}/image/upload/f_auto,q_auto/{public_id}"
    assert decoded(content).size == (300, 200)
    account.mood = "failing"
    refused = api.post(album, form={"image": GOOD}, token=admin)
    assert (refused.status_code, refused.json["code"]) == (503, "images_unavailable")
    assert refused.headers["Retry-After"]
    assert api.get(album).json["items"] == [made.json]
    account.mood = "well"
    assert api.delete(f"{album}/{made.json['id']}", token=admin).status_code == 204
    work_once()
    assert account.files == {}


def test_settings_that_change_leave_pictures_where_they_are(
    cloudy: Flask, account: Account, new_database: Callable[[str], Copy], tmp_path: Path
) -> None:
    """What was added to the folder is served from there, when Cloudinary comes later."""
    api, admin = Api(cloudy.test_client()), token_for(make_user(Role.ADMIN))
    album = f"/api/services/{make_service().id}/images"
    stores = cloudy.extensions["images"]
    later = stores.pop("cloudinary")
    first = api.post(album, form={"image": GOOD}, token=admin).json
    stores["cloudinary"] = later
    second = api.post(album, form={"image": GOOD}, token=admin).json
    assert [one["url"] for one in api.get(album).json["items"]] == [first["url"], second["url"]]
    assert "/uploads/" in first["url"]
    assert "res.cloudinary.com" in second["url"]
    assert cloudy.test_client().get(first["url"].removeprefix("http://127.0.0.1:5000")).status_code == 200
