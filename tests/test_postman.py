"""The Postman files in the repository are what `make postman` makes of the API as it is."""

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from flask import Flask

from app import create_app
from app.web import openapi, postman
from config import load_settings
from tests.settings import environment

KEPT = Path(__file__).parent.parent / postman.FOLDER
CALLED_BY_PROVIDERS = "/api/payments/webhooks/"


@pytest.fixture(scope="module")
def application() -> Flask:
    return create_app(load_settings(environment("sqlite://")))


def requests(items: list[dict[str, Any]]) -> Iterator[tuple[str, str]]:
    """Yield method and path of every request in the folders."""
    for item in items:
        if "item" in item:
            yield from requests(item["item"])
        else:
            yield item["request"]["method"], "/" + "/".join(item["request"]["url"]["path"])


def test_the_kept_files_are_current(application: Flask, tmp_path: Path) -> None:
    made = postman.write(openapi.document(application), tmp_path)
    assert {path.name for path in KEPT.glob("*.json")} == {path.name for path in made}
    for path in made:
        assert (KEPT / path.name).read_text(encoding="utf-8") == path.read_text(encoding="utf-8"), "run `make postman`"


def test_every_endpoint_has_a_request(application: Flask) -> None:
    kept = json.loads((KEPT / "parlour.postman_collection.json").read_text(encoding="utf-8"))
    served = {
        (method, "/".join(f":{part[1:-1].partition(':')[2]}" if part.startswith("<") else part for part in parts))
        for rule in application.url_map.iter_rules()
        if (parts := rule.rule.split("/"))[1] == "api" and not rule.rule.startswith(CALLED_BY_PROVIDERS)
        for method in (rule.methods or set()) - {"HEAD", "OPTIONS"}
    }
    assert set(requests(kept["item"])) == served
    assert len(served) > 40
