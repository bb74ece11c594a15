"""Which way a mail goes."""

import stat
from pathlib import Path

import pytest
from flask import Flask

from app.integrations.mail import Message, send
from config import load_settings
from tests.integrations.mail.servers import receiving
from tests.settings import environment

MESSAGE = Message(to="ada@example.test", subject="Hi", text="Hello.\n", message_id="17-2030")


def application(**mail: str) -> Flask:
    """Return an application that has settings and nothing else."""
    app = Flask("mail")
    app.extensions["settings"] = load_settings(environment("sqlite://") | mail)
    return app


def test_to_the_server_where_there_is_one(tmp_path: Path) -> None:
    """And nowhere else."""
    with receiving() as (inbox, port):
        server = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port), "MAIL_USE_TLS": "false"}
        with application(**server, MAIL_FROM="Ours <us@ours.example>", MAIL_DIR=str(tmp_path)).app_context():
            send(MESSAGE)
    assert [envelope.mail_from for envelope in inbox.envelopes] == ["us@ours.example"]
    assert list(tmp_path.iterdir()) == []


def test_into_the_folder_where_there_is_none(tmp_path: Path) -> None:
    """MAIL_DIR names it."""
    with application(MAIL_DIR=str(tmp_path / "mail")).app_context():
        send(MESSAGE)
    (path,) = (tmp_path / "mail").iterdir()
    assert (path.name, stat.S_IMODE(path.stat().st_mode)) == ("17-2030.eml", 0o600)


def test_no_file_instead_of_a_server_that_fails(tmp_path: Path) -> None:
    """A mail is not thought sent because it was filed."""
    with receiving() as (_, port):
        pass
    server = {"MAIL_SERVER": "127.0.0.1", "MAIL_PORT": str(port)}
    with application(**server, MAIL_DIR=str(tmp_path)).app_context(), pytest.raises(ConnectionRefusedError):
        send(MESSAGE)
    assert list(tmp_path.iterdir()) == []
