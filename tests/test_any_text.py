"""Text of whatever script comes back as it went; text without end is refused at once."""

import time
from typing import Any

import pytest

from app.models import Role
from tests.api import Api
from tests.cases import each_case
from tests.factories import make_user, token_for

SECONDS = 0.2
"""For an answer."""

ENDLESS = "a" * 50_000 + "!"


@each_case(
    "text",
    [
        "\u202e\u05e9\u05dc\u05d5\u05dd",
        "a\u200bb",
        "\U0001f469\u200d\U0001f469\u200d\U0001f467",
        "e\u0301",
        "\u4e2d\U00020000\U00030000",
        "a\U000e0001",
        "\U000f0000\U0010fffd",
        "\u200f\u061c\u2066x\u2069",
    ],
)
def test_text_comes_back_as_it_went(api: Api, text: str) -> None:
    """IN-13: turned round, joined, combined, of every plane."""
    token = token_for(make_user())
    changed = api.patch("/api/users/me", {"first_name": text, "bio": f"{text}\n{text}"}, token=token)
    assert changed.status_code == 200, changed.text
    me = api.get("/api/users/me", token=token).json
    assert (me["first_name"], me["bio"]) == (text, f"{text}\n{text}")


def test_ten_thousand_marks_are_refused(api: Api) -> None:
    """IN-13."""
    token = token_for(make_user())
    answer = api.patch("/api/users/me", {"bio": "a" + "\u0301" * 10_000}, token=token)
    assert (answer.status_code, list(answer.json["errors"])) == (422, ["bio"])


@pytest.mark.parametrize(
    ("method", "path", "sent", "field"),
    [
        ("PATCH", "/api/users/me", {"phone": ENDLESS}, "phone"),
        ("POST", "/api/clients", {"first_name": "A", "email": ENDLESS}, "email"),
        ("POST", "/api/clients", {"first_name": "A", "email": f"a@{ENDLESS}"}, "email"),
        ("POST", "/api/products", {"sku": ENDLESS, "name": "Oil", "price": {"amount": 1}}, "sku"),
        ("POST", "/api/webhooks", {"url": f"https://{ENDLESS}", "events": ["*"]}, "url"),
        ("GET", "/api/products", {"q": ENDLESS}, "q"),
    ],
)
@pytest.mark.databases("sqlite")  # refused by its shape
def test_endless_text_is_refused_at_once(api: Api, method: str, path: str, sent: Any, field: str) -> None:
    """IN-15: no pattern goes back and forth over it."""
    token = token_for(make_user(Role.ADMIN))
    sending: dict[str, Any] = {"query": sent} if method == "GET" else {"json": sent}
    api.call(method, path, token=token, **sending)
    began = time.process_time()
    answer = api.call(method, path, token=token, **sending)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert time.process_time() - began < SECONDS
