"""What is kept of a conversation, for how long, and whose it is."""

import json
import subprocess
import sys
from datetime import timedelta

from sqlalchemy import select

from app.extensions import db
from app.kit import clock
from app.models import VoiceSession
from app.transactions import transaction
from app.voice.sessions import forget_old
from tests.api import Api
from tests.databases import PROJECT
from tests.factories import PASSWORD, PASSWORD_HASH, make_user
from tests.voice.desk import NOW, Client


def keys() -> list[str]:
    """Return the keys of all conversations."""
    found = list(db.session.scalars(select(VoiceSession.key).order_by(VoiceSession.id)))
    db.session.rollback()
    return found


def test_what_is_over_is_forgotten(ada: Client, api: Api) -> None:
    ada.says("book a men's cut")
    with clock.frozen(NOW + timedelta(minutes=20)):
        eve = Client(api)
        eve.says("book a massage tomorrow at 10")
    with clock.frozen(NOW + timedelta(minutes=31)), transaction():
        assert forget_old() is False
    assert keys() == [eve.session_id]


def test_it_is_in_the_export(ada: Client) -> None:
    ada.says("book a men's cut tomorrow at 10")
    (kept,) = ada.api.get("/api/users/me/export", token=ada.token).json["voice_sessions"]
    assert (kept["created_at"], kept["expires_at"]) == ("2030-01-07T06:00:00Z", "2030-01-07T06:30:00Z")
    assert kept["understood"]["date"]["text"] == "tomorrow"
    assert "hash" not in json.dumps(kept)


def test_it_goes_with_its_speaker(api: Api, ada: Client) -> None:
    ada.says("book a men's cut tomorrow")
    eve = Client(api, make_user(password_hash=PASSWORD_HASH))
    eve.says("book a massage tomorrow at 10")
    answer = api.post("/api/users/me/erase", {"password": PASSWORD}, token=eve.token)
    assert answer.status_code == 204, answer.json
    assert keys() == [ada.session_id]


def test_the_rules_are_made_at_first_use() -> None:
    """So that whoever starts the application does not wait for them: 0.1 s and more."""
    program = "import sys, app.voice.routes; print('app.voice.understanding.reading' in sys.modules)"
    done = subprocess.run([sys.executable, "-c", program], cwd=PROJECT, check=True, capture_output=True, text=True)
    assert done.stdout == "False\n"
