"""What is sent in place of one well-formed form with one picture (FU-06, FU-13)."""

from collections.abc import Callable, Iterator
from io import BytesIO
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.extensions import db
from app.models import Image, OutboxEvent
from app.web.uploads import LARGEST_UPLOAD
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.images.conftest import GOOD
from tests.images.files import NO_PICTURES

pytestmark = pytest.mark.usefixtures("monday_morning")

Send = Callable[..., Any]
TYPE = "multipart/form-data; boundary=xyz"


@pytest.fixture
def send(client: FlaskClient, album: str, admin: str, uploads: Path) -> Send:
    """Return a function that posts raw bytes as a content type."""

    def post(body: bytes, content_type: str | None = TYPE, **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {admin}", **headers}
        return client.post(album, data=body, content_type=content_type, headers=sent)

    return post


@pytest.fixture
def unchanged(app: Flask, uploads: Path) -> Iterator[None]:
    """Compare what is stored before and after the test."""
    yield
    assert (db.session.scalars(select(Image)).all(), db.session.scalars(select(OutboxEvent)).all()) == ([], [])
    assert list(uploads.iterdir()) == []


def part(content: bytes, *, name: str = "image", filename: str | None = "a.jpg", more: str = "") -> bytes:
    """Return one part of a form."""
    file = "" if filename is None else f'; filename="{filename}"'
    return f'--xyz\r\nContent-Disposition: form-data; name="{name}"{file}\r\n{more}\r\n'.encode() + content + b"\r\n"


END = b"--xyz--\r\n"


def test_a_form(send: Send) -> None:
    """The bytes that a browser sends."""
    answer = send(
        part(GOOD, more="Content-Type: image/jpeg\r\n") + part(b"Caf\xc3\xa9", name="alt", filename=None) + END
    )
    assert (answer.status_code, answer.json["alt"]) == (201, "Café")


NAMES = ["../../x", "..\\..\\x", "C:\\x", "/etc/passwd", "x" * 300, "😀.jpg", "a\tb", "x.php", "x.svg", ".", " ", "%00"]


@pytest.mark.parametrize("name", [*NAMES, "x\"; filename*=UTF-8''..%2f..%2fx"])
def test_a_files_name_does_not_matter(send: Send, uploads: Path, name: str) -> None:
    """FU-06: the server makes the name; the sender's goes nowhere."""
    answer = send(part(GOOD, filename=name) + END)
    assert answer.status_code == 201, answer.text
    (file,) = uploads.iterdir()
    assert answer.json["url"].endswith(f"/uploads/{file.name}")
    assert (len(file.stem), file.suffix) == (26, ".jpg")


def test_line_breaks_in_a_name(send: Send, uploads: Path) -> None:
    """FU-06: they would begin another header; then there is none of this name, or no form at all."""
    answer = send(part(GOOD, filename="a\r\nX-Evil: 1\r\n\r\nb") + END)
    assert answer.status_code in {201, 400, 422}
    assert "X-Evil" not in answer.headers
    assert send(part(GOOD, filename="a\0b") + END).status_code in {201, 400, 422}
    assert len(list(uploads.iterdir())) <= 2


BROKEN: dict[str, tuple[bytes, str | None, int]] = {
    "no boundary": (part(GOOD) + END, "multipart/form-data", 400),
    "an empty boundary": (part(GOOD) + END, 'multipart/form-data; boundary=""', 400),
    "a boundary beyond ASCII": (part(GOOD) + END, "multipart/form-data; boundary*=UTF-8''%C3%A9", 400),
    "another boundary": (part(GOOD) + END, "multipart/form-data; boundary=abc", 400),
    "no end": (part(GOOD), TYPE, 400),
    "nothing": (b"", TYPE, 422),
    "rubbish": (b"\xff" * 1000, TYPE, 400),
    "no name": (b"--xyz\r\nContent-Disposition: form-data\r\n\r\nx\r\n" + END, TYPE, 400),
    "no headers": (b"--xyz\r\n\r\nx\r\n" + END, TYPE, 400),
    "JSON": (b"{}", "application/json", 415),
    "a bare picture": (GOOD, "image/jpeg", 415),
    "a plain form": (b"image=x", "application/x-www-form-urlencoded", 415),
    "no type": (GOOD, None, 415),
    "no parts": (END, TYPE, 422),
    "no file": (part(b"x", name="alt", filename=None) + END, TYPE, 422),
    "text in place of a file": (part(GOOD, filename=None) + END, TYPE, 422),
    "an empty file": (part(b"") + END, TYPE, 422),
    "two pictures": (part(GOOD) * 2 + END, TYPE, 422),
    "a file and a text": (part(GOOD) + part(b"x", filename=None) + END, TYPE, 422),
    "another field": (part(GOOD) + part(b"x", name="user_id", filename=None) + END, TYPE, 422),
    "another file": (part(GOOD) + part(GOOD, name="file") + END, TYPE, 422),
    "a long alt": (part(GOOD) + part(b"x" * 301, name="alt", filename=None) + END, TYPE, 422),
    "NUL in alt": (part(GOOD) + part(b"a\0b", name="alt", filename=None) + END, TYPE, 422),
    "10,000 parts": (part(b"x", name="a", filename=None) * 10_000 + END, TYPE, 413),
    "10,000 files": (part(b"x", name="a") * 10_000 + END, TYPE, 413),
    "a text of a megabyte": (part(b"x" * 1_000_000, name="alt", filename=None) + part(GOOD) + END, TYPE, 413),
    "11 MiB": (part(GOOD + bytes(11 * 1024 * 1024)) + END, TYPE, 413),
}


@refused_by_shape
@each_case("name", BROKEN)
@pytest.mark.usefixtures("unchanged")
def test_no_form_with_a_picture(send: Send, name: str) -> None:
    """FU-13 among them: each is refused with its own status, and leaves nothing behind."""
    body, content_type, status = BROKEN[name]
    answer = send(body, content_type)
    assert (answer.status_code, answer.mimetype) == (status, "application/problem+json"), answer.text
    if status == 422:
        assert answer.json["errors"].keys() <= {"image", "alt", "user_id", "file"}


@refused_by_shape
@each_case("name", NO_PICTURES)
@pytest.mark.usefixtures("unchanged")
def test_no_picture(send: Send, name: str) -> None:
    """An SVG named .jpg, a file of nothing, half a photograph: 422, and it is the image's fault."""
    answer = send(part(NO_PICTURES[name](), filename="holiday.jpg", more="Content-Type: image/jpeg\r\n") + END)
    assert (answer.status_code, answer.json["errors"].keys()) == (422, {"image"})


@pytest.mark.usefixtures("unchanged")
def test_an_encoded_form(send: Send) -> None:
    assert send(part(GOOD) + END, **{"Content-Encoding": "gzip"}).status_code == 415


def test_as_large_as_may_be(send: Send) -> None:
    """The bound is the body's, to the byte; what follows a picture in its file is not looked at."""
    frame = len(part(b"") + END)
    full = GOOD + bytes(LARGEST_UPLOAD - frame - len(GOOD))
    assert send(part(full) + END).status_code == 201
    assert send(part(full + b"\0") + END).status_code == 413


@pytest.mark.usefixtures("unchanged")
def test_a_body_of_unknown_length(client: FlaskClient, album: str, admin: str) -> None:
    """Sent in chunks, it is read to the bound and no further."""
    endless = BytesIO(part(GOOD + bytes(12 * 1024 * 1024)) + END)
    environ = {"wsgi.input": endless, "wsgi.input_terminated": True, "CONTENT_TYPE": TYPE}
    environ["HTTP_AUTHORIZATION"], environ["HTTP_TRANSFER_ENCODING"] = f"Bearer {admin}", "chunked"
    answer = client.open(album, method="POST", environ_overrides=environ)
    assert answer.status_code == 413
    assert endless.tell() <= LARGEST_UPLOAD + 2**17


@pytest.mark.usefixtures("unchanged")
def test_a_text_in_another_alphabet(send: Send) -> None:
    """What is not UTF-8 is refused, however good the picture."""
    for text in (b"\xff\xfe", b"Caf\xe9", b"\xed\xa0\x80", b"Caf\xc3"):
        answer = send(part(GOOD) + part(text, name="alt", filename=None) + END)
        assert (answer.status_code, answer.json["errors"]) == (422, {"alt": ["Must be UTF-8."]})


def test_a_text_that_says_its_alphabet(send: Send) -> None:
    """Old forms do: it is read as that."""
    latin = part(b"Caf\xe9", name="alt", filename=None, more="Content-Type: text/plain; charset=iso-8859-1\r\n")
    assert send(part(GOOD) + latin + END).json["alt"] == "Café"
