"""The walk of docs/spaces.md, run line by line against a real server; only the afternoon is over sooner."""

import re
import subprocess
from datetime import timedelta
from itertools import takewhile
from pathlib import Path

import pytest
from PIL import Image
from sqlalchemy import update

from app.extensions import db
from app.models import Booking
from app.transactions import transaction
from demo.pictures import room
from tests.conftest import make_application
from tests.databases import PROJECT
from tests.servers import serving
from tests.settings import process_environment

WALK = (PROJECT / "docs" / "spaces.md").read_text(encoding="utf-8")
WAITING = "## When the afternoon is over"
TURN = "# the afternoon passes"
GPS, ORIENTATION = 0x8825, 0x0112


def script(url: str) -> str:
    """Return the blocks of the walk as one script that calls `url`; each answer on a line of its own."""
    before, after = (re.findall(r"```sh\n(.*?)```", part, re.DOTALL) for part in WALK.split(WAITING))
    pause = f'echo "{TURN}"; read -r _'
    return "\necho\n".join([*before, pause, *after]).replace("http://127.0.0.1:5000", url)


def photograph(folder: Path) -> None:
    """Write a photograph as cameras do: lying on its side, and saying where it was taken."""
    (folder / "room.jpg").write_bytes(room((190, 205, 215), seed=1))
    with Image.open(folder / "room.jpg") as picture:
        exif = picture.getexif()
        exif[ORIENTATION] = 6
        exif.get_ifd(GPS)[2] = (1.0, 17.0, 31.0)
        picture.save(folder / "photo.jpg", exif=exif)


def let_it_pass(database_url: str) -> None:
    """Move what is booked a week back, as if it had been."""
    with make_application(database_url).app_context():
        with transaction():
            week = timedelta(days=7)
            for booking in db.session.query(Booking).all():
                earlier = {"starts_at": booking.starts_at - week, "ends_at": booking.ends_at - week}
                db.session.execute(update(Booking).where(Booking.id == booking.id).values(earlier))
        db.engine.dispose()


@pytest.mark.databases("sqlite")
def test_the_walk_works_as_printed(database_url: str, tmp_path: Path) -> None:
    """It ends with a reviewed space and a reply, in the very words that the page shows."""
    photograph(tmp_path)
    uploads = str(tmp_path / "uploads")
    environment = process_environment(database_url, UPLOAD_DIR=uploads)
    with (
        serving(database_url, workers=1, UPLOAD_DIR=uploads) as server,
        subprocess.Popen(
            ["/bin/bash", "-euo", "pipefail", "-c", script(server.url)],
            cwd=tmp_path,
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        ) as walk,
    ):
        assert walk.stdin is not None
        assert walk.stdout is not None
        said = list(takewhile(lambda line: line != TURN, map(str.rstrip, walk.stdout)))
        let_it_pass(database_url)
        rest, complaints = walk.communicate("\n", timeout=60)
    assert walk.returncode == 0, f"{said}\n{rest}\n{complaints}"
    shown = [line for block in re.findall(r"```json\n(.*?)```", WALK, re.DOTALL) for line in block.splitlines()]
    assert [line for line in [*said, *rest.splitlines()] if line] == shown
