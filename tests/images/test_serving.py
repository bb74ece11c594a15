"""`/uploads`: what a browser gets, and what nobody gets."""

from pathlib import Path
from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.images.conftest import GOOD, Add

pytestmark = pytest.mark.usefixtures("monday_morning")

NAME = "3k8v0q5m2x7c9z4b1n6h8j0f2d"


@pytest.fixture
def served(add: Add, client: FlaskClient) -> Any:
    """The answer to a GET of a picture."""
    return client.get(add().json["url"].removeprefix("http://127.0.0.1:5000"))


def test_the_headers(served: Any) -> None:
    """To be kept for ever, shown on any page, and never run as anything."""
    assert served.status_code == 200
    assert served.headers["Content-Type"] == "image/jpeg"
    assert served.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert served.headers["X-Content-Type-Options"] == "nosniff"
    assert served.headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert served.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "Set-Cookie" not in served.headers


@refused_by_shape
@each_case(
    "name",
    [
        f"{NAME}.jpg",
        f"{NAME}.svg",
        f"{NAME}.html",
        f"{NAME}.JPG",
        f"{NAME}.jpg.draft",
        f".{NAME}.jpg.draft",
        f"{NAME}",
        "secret.jpg",
        "..%2fparlour.sqlite3",
        "%2e%2e%2f%2e%2e%2fetc%2fpasswd",
        "..",
        "%00",
        f"{NAME}.jpg%0a",
        f"{NAME}.jpg%00",
        f"sub%2f{NAME}.jpg",
        "%F0%9F%98%80.jpg",
        "x" * 5000,
    ],
)
def test_what_is_not_there(client: FlaskClient, uploads: Path, name: str) -> None:
    """Only names of our own making are looked for, and only in the folder."""
    (uploads / "secret.jpg").write_bytes(GOOD)
    (uploads / f".{NAME}.jpg.draft").write_bytes(GOOD)
    answer = client.get(f"/uploads/{name}")
    assert (answer.status_code, answer.mimetype) == (404, "application/problem+json")


def test_nothing_else_is_done_there(client: FlaskClient, add: Add) -> None:
    path = add().json["url"].removeprefix("http://127.0.0.1:5000")
    assert client.head(path).status_code == 200
    for method in ("POST", "PUT", "DELETE"):
        assert client.open(path, method=method).status_code == 405
    assert client.get("/uploads").status_code == client.get("/uploads/").status_code == 404
