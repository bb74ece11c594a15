"""The conversation of docs/voice.md, replayed line by line over HTTP with the data of the demo, at its own time."""

import json
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from app.extensions import db
from app.kit import clock
from app.models import User
from demo.salon import DEMO_LOGINS
from seed import add_demo
from tests.api import Api
from tests.conftest import make_application
from tests.databases import PROJECT
from tests.voice.desk import Client

PAGE = (PROJECT / "docs" / "voice.md").read_text(encoding="utf-8").partition("## Talking with it")[2]
LINES = re.findall(r"^\| (?!the client|-)(.+?) \| (\S+) \| (.+) \|$", PAGE.partition("### ")[0], re.MULTILINE)
SHOWN = json.loads(re.findall(r"```json\n(.*?)```", PAGE, re.DOTALL)[0])
NOW = datetime(2026, 11, 21, 18, 19, 3, 74821, tzinfo=UTC)
"""When that was."""


@pytest.fixture
def client(database_url: str) -> Iterator[Client]:
    """The client of the demo, at that time."""
    app = make_application(database_url, BUSINESS_NAME="")
    with app.app_context(), clock.frozen(NOW):
        add_demo()
        user = db.session.query(User).filter_by(email_key=DEMO_LOGINS["client"]).one()
        yield Client(Api(app.test_client()), user)
        db.session.remove()
        db.engine.dispose()


@pytest.mark.databases("sqlite")  # a page is printed once; conversations on both are the rest of this folder
def test_the_conversation_is_as_printed(client: Client) -> None:
    """At least five turns, from a vague wish to a booking."""
    *turns, last = LINES
    assert len(turns) >= 5
    answer: dict[str, Any] = {}
    for said, status, told in turns:
        answer = client.says(said)
        assert (f"`{answer['status']}`", answer["question"]) == (status, told)
    passing = {name: answer[name] for name in ("session_id", "confirm_token")}
    assert answer == SHOWN | passing
    done = client.confirms()
    assert (str(done.status_code), f"the booking, `{done.json['status']}`") == last[1:]
    assert done.json["starts_at"] == SHOWN["proposal"]["starts_at"]
