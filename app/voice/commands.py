"""`flask voice`: the parser on the command line."""

import datetime as dt
import json
import sys
import time
from collections.abc import Iterator
from zoneinfo import ZoneInfo

import click
from flask.cli import AppGroup

from app.voice.understanding import Days, Intent, Slot, TextTooLong, Understanding, Window, prepare, understand

voice = AppGroup("voice", help="Natural-language booking.")
PRINTED = {Intent.AVAILABILITY: "query"}
"""The intents that are printed by another name."""


@voice.command("parse")
@click.option("--locale", default="en-US", show_default=True, help="Says whether 2/3 is February 3 or 2 March.")
def parse(locale: str) -> None:
    """Read JSON lines {"id", "text", "ref"} from standard input and write what each text says, a line each.

    `ref` is the venue's local time now, without offset. `asked` may say what was asked last: date, time, party_size.
    """
    prepare()
    for line in sys.stdin:
        if line.strip():
            click.echo(json.dumps(_parsed(json.loads(line), locale)))


def _parsed(row: dict[str, str], locale: str) -> dict[str, object]:
    now = dt.datetime.fromisoformat(row["ref"]).replace(tzinfo=dt.UTC)  # in UTC every local time exists, and once
    asked = Slot(row["asked"]) if row.get("asked") else None
    started = time.perf_counter()
    try:
        said = understand(row["text"], now=now, zone=ZoneInfo("UTC"), locale=locale, asked=asked)
    except TextTooLong:
        return {"id": row["id"], "pred": None, "intent": "other", "party": None, "ms": _since(started)}
    intent = said.intent.value
    return {
        "id": row["id"],
        "pred": dict(_said(said)) or None,
        "intent": PRINTED.get(intent, intent.value),
        "party": said.party_size and said.party_size.value,
        "ms": _since(started),
    }


def _since(started: float) -> float:
    return round((time.perf_counter() - started) * 1000, 3)


def _said(said: Understanding) -> Iterator[tuple[str, object]]:
    """Yield what is said of the date and the time, by the scorer's names."""
    if said.date:
        yield from _dates(said.date.value)
    if said.time:
        yield "t0", _clock(said.time.value)
        yield "t_alt", [_clock(other) for other in said.t_alt]
    if said.window:
        yield from _window(said.window.value)
    elif said.daypart:
        yield "pod", said.daypart.value.value


def _dates(days: Days) -> Iterator[tuple[str, object]]:
    if days.first:
        yield "d0", days.first.isoformat()
    if days.last and days.last != days.first:
        yield "d1", days.last.isoformat()
    if days.limit:
        yield "mod", days.limit.value


def _window(window: Window) -> Iterator[tuple[str, object]]:
    if window.start:
        yield "t0", _clock(window.start)
    if window.end:
        yield "t1", _clock(window.end)
    if not window.start or not window.end:
        yield "mod", "after" if window.start else "before"


def _clock(at: dt.time) -> str:
    return at.strftime("%H:%M")
