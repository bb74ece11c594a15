"""Mail as files."""

import email
import os
import stat
from email.policy import default
from pathlib import Path
from typing import Any

import pytest

from app.integrations.mail import Message, files
from config import Mail
from tests.integrations.mail.servers import settings

LINK = "https://parlour.example/reset-password?token=" + "a1-_" * 40


@pytest.fixture
def mail_settings(tmp_path: Path) -> Mail:
    """A folder that is not there yet."""
    return settings(25, server=None, folder=tmp_path / "instance" / "mail")


def message(**fields: Any) -> Message:
    """Return a message with a long link and a letter beyond ASCII."""
    text = f"Chère Ada,\n\n{LINK}\n"
    return Message(**({"to": "ada@example.test", "subject": "Été", "text": text, "message_id": "17-2030"} | fields))


def test_a_file_that_people_can_read(mail_settings: Mail) -> None:
    """It is in UTF-8, with its link in one piece; mail programs read the same."""
    files.write(message(), mail_settings)
    (path,) = mail_settings.folder.iterdir()
    assert path.name == "17-2030.eml"
    lines = path.read_text(encoding="utf-8").splitlines()
    assert {"To: ada@example.test", "Subject: Été", "Chère Ada,", LINK} <= set(lines)
    mail = email.message_from_bytes(path.read_bytes(), policy=default)
    assert (mail["Message-ID"], mail["Subject"]) == ("<17-2030@parlour.example>", "Été")
    assert mail.get_content() == message().text


def test_for_this_user_alone(mail_settings: Mail) -> None:
    """Neither the folder nor a file is anybody else's to read."""
    before = os.umask(0)
    try:
        files.write(message(), mail_settings)
    finally:
        os.umask(before)
    (path,) = mail_settings.folder.iterdir()
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert stat.S_IMODE(mail_settings.folder.stat().st_mode) == 0o700


def test_the_same_mail_again_is_the_same_file(mail_settings: Mail) -> None:
    """Another mail is another file."""
    for message_id, text in [("17", "first\n"), ("18", "other\n"), ("17", "again\n")]:
        files.write(message(message_id=message_id, text=text), mail_settings)
    found = {path.name: path.read_text(encoding="utf-8").split()[-1] for path in mail_settings.folder.iterdir()}
    assert found == {"17.eml": "again", "18.eml": "other"}


def test_whole_or_not_at_all(mail_settings: Mail, monkeypatch: pytest.MonkeyPatch) -> None:
    """A full disk leaves the file of before, and no draft."""
    files.write(message(text="first\n"), mail_settings)

    def full(*_args: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", full)
    with pytest.raises(OSError, match="No space left"):
        files.write(message(text="again\n"), mail_settings)
    (path,) = mail_settings.folder.iterdir()
    assert path.read_text(encoding="utf-8").endswith("first\n")


def test_an_international_address(mail_settings: Mail) -> None:
    """It needs nobody's support here."""
    files.write(message(to="ädä@bücher.example"), mail_settings)
    (path,) = mail_settings.folder.iterdir()
    assert "To: ädä@bücher.example" in path.read_text(encoding="utf-8").splitlines()
