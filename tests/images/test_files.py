"""No row without its file, no file without its row for longer than an hour; whatever fails, and wherever (FU-12)."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app.extensions import db
from app.images import files, queries, service
from app.images.errors import TooManyImages
from app.images.subjects import Kind, Subject
from app.integrations import images as stores
from app.integrations.images import StoreDown
from app.jobs.worker import work_once
from app.kit import clock
from app.kit.errors import Conflict
from app.models import Image, OutboxEvent
from tests.api import Api
from tests.factories import make_service
from tests.images.conftest import GOOD, NOW, Add

pytestmark = pytest.mark.usefixtures("monday_morning")

AN_HOUR_LATER = NOW + timedelta(hours=1)


class Killed(BaseException):
    """The process is gone: nobody cleans up after it."""


def images() -> int:
    """Return how many rows there are."""
    found = db.session.scalar(select(func.count()).select_from(Image))
    db.session.rollback()
    return found or 0


def sweep(at: Any = AN_HOUR_LATER) -> None:
    """Carry out what is due at an instant."""
    with clock.frozen(at):
        work_once()


def raising(error: BaseException) -> Callable[..., Any]:
    """Return a function that fails so."""

    def fail(*_arguments: Any, **_named: Any) -> Any:
        raise error

    return fail


@pytest.fixture
def writing_first(monkeypatch: pytest.MonkeyPatch) -> Callable[[BaseException], None]:
    """Return a function that lets files be stored, and storing fail after that."""
    put = stores.put

    def fail(error: BaseException) -> None:
        def put_and_fail(key: str, content: bytes) -> None:
            put(key, content)
            raise error

        monkeypatch.setattr(service, "put", put_and_fail)

    return fail


def test_a_picture_that_is_there_stays(add: Add, uploads: Path) -> None:
    assert add().status_code == 201
    sweep()
    assert (images(), len(list(uploads.iterdir()))) == (1, 1)


def test_storage_is_down(add: Add, uploads: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """503 with Retry-After; no row."""
    monkeypatch.setattr(service, "put", raising(StoreDown()))
    answer = add()
    assert (answer.status_code, answer.json["code"]) == (503, "images_unavailable")
    assert int(answer.headers["Retry-After"]) >= 1
    sweep()
    assert (images(), list(uploads.iterdir())) == (0, [])


def test_the_disk_is_full(add: Add, uploads: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The draft is there, its name is not: the sweep takes the draft too."""
    monkeypatch.setattr(Path, "replace", raising(OSError(28, "No space left on device")))
    assert add().status_code == 503
    assert images() == 0
    sweep()
    assert list(uploads.iterdir()) == []


def test_the_folder_cannot_be_written(add: Add, app: Flask, uploads: Path) -> None:
    uploads.rmdir()
    uploads.write_text("not a folder")
    try:
        assert add().status_code == 503
        assert images() == 0
    finally:
        uploads.unlink()


def test_storing_fails_after_the_file_is_there(
    add: Add, uploads: Path, writing_first: Callable[[BaseException], None]
) -> None:
    """The answer got lost on its way."""
    writing_first(StoreDown())
    assert add().status_code == 503
    sweep(NOW + timedelta(minutes=59))
    assert (images(), len(list(uploads.iterdir()))) == (0, 1)
    sweep()
    assert list(uploads.iterdir()) == []


@pytest.fixture
def killed(monkeypatch: pytest.MonkeyPatch, writing_first: Callable[[BaseException], None]) -> Callable[[str], None]:
    """Return a function that has the process killed at a step."""

    def kill(step: str) -> None:
        if step == "before the file":
            monkeypatch.setattr(service, "put", raising(Killed()))
        elif step == "after the file":
            writing_first(Killed())
        elif step == "in the middle of the row":
            monkeypatch.setattr(service, "_new", raising(Killed()))
        else:
            monkeypatch.setattr(db.session, "commit", _after(2, db.session.commit, Killed()))

    return kill


def _after(times: int, function: Callable[[], Any], error: BaseException) -> Callable[[], Any]:
    calls = iter(range(10))

    def call() -> Any:
        return function() if next(calls) < times else raising(error)()

    return call


@pytest.mark.parametrize(
    "step", ["before the file", "after the file", "in the middle of the row", "before the row is committed"]
)
def test_a_process_is_killed(
    app: Flask, uploads: Path, killed: Callable[[str], None], monkeypatch: pytest.MonkeyPatch, step: str
) -> None:
    """Nobody else's picture is touched; what was begun is gone an hour later."""
    subject = Subject(Kind.SERVICE, make_service().id)
    service.add_image(subject, GOOD)
    killed(step)
    with pytest.raises(Killed):
        service.add_image(subject, GOOD)
    monkeypatch.undo()
    db.session.rollback()
    sweep()
    assert (images(), len(list(uploads.iterdir()))) == (1, 1)


def test_a_row_that_is_refused_leaves_no_file(add: Add, uploads: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Twenty others came first: the file goes at once, and needs no worker."""
    monkeypatch.setattr(service, "_insert", raising(TooManyImages()))
    assert add().status_code == 409
    assert (images(), list(uploads.iterdir())) == (0, [])
    sweep()


def test_the_file_of_a_refused_row_cannot_be_removed(add: Add, uploads: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The refusal is told all the same, and the sweep does it later."""
    monkeypatch.setattr(service, "_insert", raising(Conflict()))
    monkeypatch.setattr(files, "delete", raising(StoreDown()))
    assert add().status_code == 409
    monkeypatch.undo()
    assert len(list(uploads.iterdir())) == 1
    sweep()
    assert list(uploads.iterdir()) == []


def test_a_connection_lost_at_the_commit(add: Add, uploads: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody knows whether the row came: so the file is left for the sweep, which looks."""
    insert = service._insert

    def insert_and_lose(*arguments: Any) -> Any:
        insert(*arguments)
        db.session.commit()
        raise OperationalError("COMMIT", {}, Exception("server closed the connection unexpectedly"))

    monkeypatch.setattr(service, "_insert", insert_and_lose)
    assert add().status_code == 503
    sweep()
    assert (images(), len(list(uploads.iterdir()))) == (1, 1)


def test_a_deleted_pictures_file_goes_after_the_transaction(
    add: Add, api: Api, album: str, admin: str, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = f"{album}/{add().json['id']}"
    with monkeypatch.context() as broken:
        broken.setattr(queries, "subject_locked", raising(OperationalError("SELECT", {}, Exception())))
        assert api.delete(path, token=admin).status_code == 503
    assert (images(), len(list(uploads.iterdir()))) == (1, 1)
    assert api.delete(path, token=admin).status_code == 204
    assert (images(), len(list(uploads.iterdir()))) == (0, 1)
    sweep(NOW)
    assert list(uploads.iterdir()) == []


def test_a_sweep_that_fails_is_tried_again(
    add: Add, api: Api, album: str, admin: str, uploads: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Twice is as good as once."""
    api.delete(f"{album}/{add().json['id']}", token=admin)
    with monkeypatch.context() as down:
        down.setattr(Path, "unlink", raising(OSError(5, "Input/output error")))
        sweep(NOW)
    assert len(list(uploads.iterdir())) == 1
    sweep(NOW + timedelta(seconds=10))
    assert list(uploads.iterdir()) == []
    sweep()
    waiting = select(OutboxEvent.topic).where(OutboxEvent.done_at.is_(None))
    assert db.session.scalars(waiting).all() == []


def test_a_place_that_is_set_no_more(app: Flask) -> None:
    """A picture that is with Cloudinary is not looked for in the folder."""
    assert stores.url_of("cloudinary/abc.jpg").endswith("/uploads/abc.jpg")
    with pytest.raises(StoreDown, match="settings"):
        stores.delete("cloudinary/abc.jpg")


@pytest.fixture
def one_place(add: Add) -> None:
    """Leave room for one more."""
    for _ in range(19):
        add()


@pytest.mark.race
def test_two_and_one_place(app: Flask, album: str, admin: str, uploads: Path, one_place: None) -> None:
    """Four at once, and a twentieth place: one gets it, and of the others nothing is left."""
    start = threading.Barrier(4)

    def send(_number: int) -> int:
        with app.app_context():
            start.wait()
            answer = Api(app.test_client()).post(album, form={"image": GOOD}, token=admin)
            return int(answer.status_code)

    with ThreadPoolExecutor(4) as threads:
        answers = sorted(threads.map(send, range(4)))
    assert answers.count(201) == 1
    assert set(answers) <= {201, 409, 503}
    assert (images(), len(list(uploads.iterdir()))) == (20, 20)


def test_too_many_at_once(add: Add, album: str, uploads: Path) -> None:
    """One is read, four wait; whoever comes then is told to come again, and nothing is kept of it."""
    with service.decoding.taken():
        for _ in range(4):
            service.decoding.places.acquire()
        answer = add()
        for _ in range(4):
            service.decoding.places.release()
    assert (answer.status_code, answer.json["code"], images()) == (503, "busy", 0)
    assert answer.headers["Retry-After"]
    assert add().status_code == 201
