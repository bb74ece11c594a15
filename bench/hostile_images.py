"""`python -m bench.hostile_images`: a hundred hostile files, posted one after the other to a worker of production.

Prints what each is answered, how long that takes, and how much memory the worker has more than before: at its highest
while the file was read (VmHWM, which is set back before each), and afterwards. Then all are sent by eight callers at
once. Uses the database of DATABASE_URL, which must be migrated; takes its traces away again.
"""

import http.client
import json
import os
import random
import statistics
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import psutil
from PIL import Image
from sqlalchemy import delete

from app import create_app
from app.extensions import db
from app.images.files import SWEEP
from app.jobs.worker import work_once
from app.models import Category, OutboxEvent, Role, Service, User
from app.security.sessions import begin_session
from app.transactions import transaction
from config import load_settings
from tests.images.files import (
    BOMBS,
    HTML,
    NO_PICTURES,
    SVG,
    animation,
    big_webp,
    blank_png,
    chunk,
    encoded,
    flipped,
    noted_png,
    photograph,
    png,
    scene,
    two_pictures,
)
from tests.servers import Server, serving
from tests.settings import process_environment

HOW_MANY = 100
CALLERS = 8
MEGABYTE = 1024 * 1024
BOUNDARY = "hostile"

Files = dict[str, bytes]


@dataclass(frozen=True, slots=True)
class Outcome:
    """What a file was answered: the status, and which field or code; seconds; megabytes at most, and afterwards."""

    status: int
    said: str
    seconds: float
    most: float
    left: float


def files() -> Files:
    """Return a hundred files, by what they are."""
    made = {name: make() for name, make in (NO_PICTURES | BOMBS).items()} | dict(costly()) | dict(odd())
    dice, whole = (
        random.Random(1),  # noqa: S311  # the same every time
        {"JPEG": photograph(6), "PNG": encoded(scene(), "PNG"), "WebP": encoded(scene(), "WEBP")},
    )
    kinds = list(whole.items())
    while len(made) < HOW_MANY:
        kind, content = kinds[len(made) % 3]
        if len(made) % 2:
            cut = dice.randrange(len(content))
            made[f"{kind}, cut after {cut:,} bytes"] = content[:cut]
        else:
            places = [dice.randrange(len(content)) for _ in range(5)]
            made[f"{kind}, turned round at {places[0]:,} and four more"] = flipped(content, iter(places))
    return made


def costly() -> Iterator[tuple[str, bytes]]:
    """Yield files that are as large as may be, and read."""
    large = (7_000, 5_714)
    yield "PNG, 40 million pixels, one bit", blank_png(*large)
    yield "PNG, 40 million pixels, palette", encoded(Image.new("P", large, 3), "PNG")
    yield "PNG, 40 million pixels, transparent", encoded(Image.new("RGBA", large, (1, 2, 3, 4)), "PNG")
    yield "PNG, 40 million pixels, sixteen bits", encoded(Image.new("I;16", large, 999), "PNG")
    yield "JPEG, 40 million pixels", encoded(Image.new("RGB", large, (1, 2, 3)), "JPEG")
    yield (
        "JPEG, 40 million pixels, progressive",
        encoded(Image.new("RGB", large, (1, 2, 3)), "JPEG", progressive=True, subsampling=0),
    )
    yield (
        "JPEG, 40 million pixels, progressive, CMYK",
        encoded(Image.new("CMYK", large, (1, 2, 3, 4)), "JPEG", progressive=True, subsampling=0),
    )
    yield "WebP, 20 million pixels", big_webp(5_000, 4_000)
    noise = Image.effect_noise((1_700, 1_700), 90).convert("RGB")
    yield "PNG of 10 MiB of noise", encoded(noise, "PNG")[: 10 * MEGABYTE - 1000]
    yield "PNG with 60 notes of a megabyte", noted_png(60, 1_000_000)


def odd() -> Iterator[tuple[str, bytes]]:
    """Yield files that are two things at once, or say strange things of themselves."""
    small, picture = encoded(scene(60, 40), "PNG"), photograph()
    start = len(small.partition(b"IDAT")[0]) - 4
    yield "JPEG with a page behind it", picture + HTML
    yield "JPEG with an archive behind it", picture + b"PK\x05\x06" + bytes(18)
    yield "page with a JPEG behind it", HTML + picture
    yield "SVG with a PNG behind it", SVG + small
    yield "PNG with a script in its notes", small[:start] + chunk(b"tEXt", b"Comment\0" + HTML) + small[start:]
    yield "GIF that begins as a JPEG", picture[:20] + encoded(scene(60, 40), "GIF")
    yield "JPEG with nine megabytes behind it", picture + bytes(9 * MEGABYTE)
    yield "JPEG with EXIF of 60 kB", encoded(scene(), "JPEG", exif=b"Exif\0\0II*\0\x08\0\0\0" + b"\xff" * 60_000)
    yield "PNG with EXIF of 5 MB", small[:start] + chunk(b"eXIf", b"II*\0" + b"\xff" * 5_000_000) + small[start:]
    yield (
        "PNG with EXIF that goes in circles",
        (
            small[:start]
            + chunk(b"eXIf", b"II*\0\x08\0\0\0\x01\0\x69\x87\x04\0\x01\0\0\0\x08\0\0\0\x08\0\0\0")
            + small[start:]
        ),
    )
    yield "PNG with a profile that is none", small[:start] + chunk(b"iCCP", b"x\0\0" + bytes(999)) + small[start:]
    yield "PNG with 200,000 empty chunks", small[:start] + chunk(b"teXt", b"") * 200_000 + small[start:]
    yield "PNG with a wrong checksum", small.replace(b"IDAT", b"IDAT", 1)[:-20] + bytes(20)
    yield "PNG with more pixels than it says", png(10, 10, blank_png(4_000, 4_000)[41:-16])
    yield "JPEG in CMYK", encoded(scene().convert("CMYK"), "JPEG")
    yield "PNG of sixteen bits", encoded(Image.new("I;16", (90, 60), 999), "PNG")
    yield "JPEG with another one behind", two_pictures()
    yield "GIF that moves", animation("GIF")
    yield "photograph held in the eighth way", photograph(8)


def main() -> None:
    """Print a line for each file, and what it came to."""
    hostile = files()
    url = os.environ["DATABASE_URL"]
    with TemporaryDirectory() as folder:
        app = create_app(load_settings(process_environment(url, UPLOAD_DIR=folder)))
        with app.app_context():
            service_id, token = prepare()
            try:
                with serving(url, workers=1, threads=8, RATELIMIT_ENABLED="false", UPLOAD_DIR=folder) as server:
                    ask(server, f"/api/services/{service_id}/images", token, hostile)
            finally:
                clean_up(service_id)
        print(f"  files left in the folder: {len(list(Path(folder).iterdir()))}")


def prepare() -> tuple[int, str]:
    """Write a service, and sign an admin in; return its id and the token."""
    with transaction():
        admin = User(email=None, first_name="Bench", role=Role.ADMIN)
        category = db.session.query(Category).first() or Category(name="Bench")
        db.session.add_all([admin, category])
        db.session.flush()
        service = Service(category_id=category.id, name="Bench", duration_minutes=60, price_amount=1, currency="KES")
        db.session.add(service)
    with transaction():
        return service.id, begin_session(admin).access_token


def clean_up(service_id: int) -> None:
    """Carry out what is due, as a worker would, and forget the rest."""
    work_once()
    with transaction():
        db.session.execute(delete(OutboxEvent).where(OutboxEvent.topic == SWEEP, OutboxEvent.done_at.is_(None)))
        db.session.get_one(Service, service_id).active = False


def ask(server: Server, path: str, token: str, hostile: Files) -> None:
    """Send all files, one by one and then by several callers, and print what that was like."""
    (worker,) = psutil.Process(server.process.pid).children(recursive=True)[-1:]
    post(server, path, token, encoded(scene(), "JPEG"))  # whatever is loaded at first use
    resting = resident(worker)
    print(f"{len(hostile)} files; the worker has {resting:.0f} MB at rest")
    outcomes = {name: watched(worker, server, path, token, content) for name, content in hostile.items()}
    for name, one in outcomes.items():
        print(f"  {one.status} {one.said:16} {one.seconds:6.2f} s  +{one.most:4.0f} MB, then +{one.left:3.0f}  {name}")
    summarise(list(outcomes.values()), resident(worker) - resting)
    began = time.perf_counter()
    with ThreadPoolExecutor(CALLERS) as callers:
        answers = list(callers.map(lambda content: post(server, path, token, content)[0], hostile.values()))
    print(f"  {CALLERS} callers at once: {dict(Counter(answers))}, {time.perf_counter() - began:.1f} s")
    print(f"  the worker then has +{resident(worker) - resting:.0f} MB; at most it had +{peak(worker) - resting:.0f}")


def summarise(outcomes: list[Outcome], left: float) -> None:
    """Print what all of them came to."""
    times = sorted(one.seconds for one in outcomes)
    print(f"  answers: {dict(Counter(one.status for one in outcomes))}")
    print(f"  seconds: median {statistics.median(times):.3f}, longest {times[-1]:.2f}")
    print(
        f"  memory: at most +{max(one.most for one in outcomes):.0f} MB while a file is read, +{left:.0f} MB after all"
    )


def watched(worker: psutil.Process, server: Server, path: str, token: str, content: bytes) -> Outcome:
    """Send one file and watch the worker's memory."""
    Path(f"/proc/{worker.pid}/clear_refs").write_text("5", encoding="ascii")
    before, began = resident(worker), time.perf_counter()
    status, said = post(server, path, token, content)
    seconds = time.perf_counter() - began
    return Outcome(status, said, seconds, peak(worker) - before, resident(worker) - before)


def resident(worker: psutil.Process) -> float:
    """Return the megabytes that the worker has in memory."""
    return worker.memory_info().rss / MEGABYTE


def peak(worker: psutil.Process) -> float:
    """Return the most megabytes that it has had since this was set back."""
    status = Path(f"/proc/{worker.pid}/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 1024


def post(server: Server, path: str, token: str, content: bytes) -> tuple[int, str]:
    """Send a file as a picture, delete what became of it, and return the status and what the answer is about."""
    head = f'--{BOUNDARY}\r\nContent-Disposition: form-data; name="image"; filename="holiday.jpg"\r\n\r\n'.encode()
    headers = {"Authorization": f"Bearer {token}", "Content-Type": f"multipart/form-data; boundary={BOUNDARY}"}
    connection = http.client.HTTPConnection(server.host, server.port, timeout=120)
    connection.request("POST", path, head + content + f"\r\n--{BOUNDARY}--\r\n".encode(), headers)
    answer = connection.getresponse()
    said = json.loads(answer.read())
    if answer.status == http.HTTPStatus.CREATED:
        connection.request("DELETE", f"{path}/{said['id']}", headers={"Authorization": headers["Authorization"]})
        connection.getresponse().read()
    connection.close()
    return answer.status, f"{said['width']} × {said['height']}" if "width" in said else said["code"]


if __name__ == "__main__":
    main()
