"""What an utterance changes in a conversation: which answers it gives, and when it is about something else."""

from datetime import datetime
from typing import Any

from app.voice.asking import performers
from app.voice.excluding import exclude
from app.voice.hearing import ABOUT_OWN, PLAIN
from app.voice.talk import SUBJECTS, Said, readings, sure
from app.voice.turn import Turn
from app.voice.understanding import Intent, Kind

ARRANGING = frozenset({Intent.BOOK, Intent.AVAILABILITY})


def take_in(turn: Turn) -> None:
    """Write what was heard into the conversation: the intent, the answer to the last question, and all else."""
    turn.talk.intent = _intent(turn)
    _pick(turn)
    _place_times(turn)
    said, heard = turn.talk.said, turn.heard.said
    if turn.heard.anybody:
        _take_anybody(turn)
    if "time" in heard:
        said.pop("window", None)
    if "window" in heard:
        said.pop("time", None)
    if heard.keys() & set(SUBJECTS):
        _change_subject(turn)
    said.update(heard)
    exclude(turn.talk, heard, turn.heard.excluded)
    _read_range(turn)


def drops_proposal(turn: Turn) -> bool:
    """Say whether the client does not want what is proposed ("no", or "cancel that"), or nothing of what was said."""
    if turn.heard.over:
        return not turn.heard.said and turn.talk.intent is not None
    if turn.talk.proposal is None or turn.heard.said or turn.heard.excluded or turn.heard.problem:
        return False
    alone = turn.heard.intent is Intent.CANCEL and turn.heard.confidence == PLAIN
    return turn.heard.no or (alone and turn.talk.intent not in ABOUT_OWN)


def _intent(turn: Turn) -> Intent | None:
    """Return what is wanted now. What is only a reply ("at 3, please") does not end a move or a cancellation."""
    talk, heard = turn.talk, turn.heard
    begun = talk.intent
    if begun is None:
        is_wish = heard.intent is Intent.OTHER and not heard.is_ruled and _names_something(turn)
        return Intent.BOOK if is_wish else heard.intent if heard.intent is not Intent.OTHER else None
    if heard.intent is begun or heard.intent is Intent.OTHER or not _is_new(turn, begun) or _is_wished_for(turn, begun):
        return Intent.BOOK if begun is Intent.AVAILABILITY and heard.place is not None else begun
    if not {begun, heard.intent} <= ARRANGING:
        talk.begin(heard.intent)
    return heard.intent


def _is_new(turn: Turn, begun: Intent) -> bool:
    heard = turn.heard
    if heard.intent is Intent.BOOK and begun in ABOUT_OWN:
        return heard.confidence >= PLAIN and bool(heard.said.keys() & {"service", "space"})
    if heard.intent is Intent.CANCEL and begun in ARRANGING | {Intent.RESCHEDULE}:
        return heard.confidence >= PLAIN
    if heard.intent is Intent.RESCHEDULE and begun in ABOUT_OWN | ARRANGING:
        return heard.confidence >= PLAIN  # else it is what is being booked that is to be another
    return True


def _is_wished_for(turn: Turn, begun: Intent) -> bool:
    """Say whether "it" is what is being arranged, and no booking yet: "change it to 11"."""
    heard = turn.heard
    points = heard.it and heard.intent is Intent.RESCHEDULE and heard.reference is None
    return points and (begun is Intent.BOOK or (begun is Intent.AVAILABILITY and turn.talk.last is None))


def _names_something(turn: Turn) -> bool:
    return any(name in turn.heard.said or name in turn.heard.unclear for name in SUBJECTS)


def _take_anybody(turn: Turn) -> None:
    """Let nobody in particular do it; where everybody has been left out, that does not count any more."""
    turn.talk.said.pop("staff", None)
    if not performers(turn):
        turn.talk.excluded = [one for one in turn.talk.excluded if one["kind"] != "staff"]


def _pick(turn: Turn) -> None:
    """Take what was offered and is chosen: by its place, or by a yes where there was one thing only."""
    talk, heard = turn.talk, turn.heard
    place = heard.place if heard.place is not None else 0 if heard.yes else None
    offered = len(talk.choices) or len(talk.options)
    if place is not None and -offered <= place < offered and (heard.place is not None or offered == 1):
        if talk.choices:
            _pick_choice(turn, place)
        else:
            _settle_on(turn, talk.options[place])
            talk.said.pop("window", None)
    elif "time" in heard.said and "date" not in heard.said and talk.options:
        _pick_by_clock(turn)


def _pick_choice(turn: Turn, place: int) -> None:
    choice = turn.talk.choices[place]
    if choice["kind"] in {"date", "time"}:
        turn.talk.said[choice["kind"]] = sure(choice["value"])
    else:
        turn.talk.said[choice["kind"]] = sure({"id": choice["id"], "name": choice["name"]})


def _pick_by_clock(turn: Turn) -> None:
    """Take the one option at the time that was named, where there is just one: its day was told with it."""
    heard = turn.heard.said["time"]
    clocks = readings(heard)
    found = [option for option in turn.talk.options if f"{_start(option).astimezone(turn.zone):%H:%M}" in clocks]
    if len(found) == 1:
        _settle_on(turn, found[0])
        del turn.heard.said["time"]


def _settle_on(turn: Turn, option: dict[str, Any]) -> None:
    """Take an offered start; where who was named cannot do it then, somebody who can."""
    turn.talk.settle_on(_start(option), turn.zone)
    able = option["staff_ids"]
    if "staff" in turn.talk.said and able and turn.talk.id_of("staff") not in able:
        names = {one.id: one.name for one in turn.house.catalogue.entities if one.kind is Kind.STAFF}
        turn.talk.said["staff"] = sure({"id": able[0], "name": names[able[0]]})


def _start(option: dict[str, Any]) -> datetime:
    return datetime.fromisoformat(option["starts_at"])


def _place_times(turn: Turn) -> None:
    """Take a day or a time for what was asked: until when, or which of the own bookings."""
    talk, heard = turn.talk, turn.heard.said
    if talk.asked == "until" and "time" in heard and "date" not in heard:
        heard["until"] = heard.pop("time")
    _place_half(turn)
    if talk.intent is Intent.CANCEL and "date" not in heard:
        _speak_of_when_away(turn, "date")
    if talk.intent is Intent.RESCHEDULE and turn.heard.swaps:
        _speak_of_when_away(turn, "old_date")
    if talk.asked == "booking" and talk.intent is Intent.RESCHEDULE:
        for name in ("date", "time"):
            if name in heard:
                heard[f"old_{name}"] = heard.pop(name)


def _place_half(turn: Turn) -> None:
    """Take "from 10" and "until noon" for the start and the end of a letting, where those are asked for."""
    talk, window = turn.talk, turn.heard.said.get("window")
    if window is None or "part" in window or "space" not in talk.said:
        return
    start, end = window["value"]["from"], window["value"]["to"]
    is_asked = talk.asked in {"date", "time", "until"}
    if end and not start and (is_asked or "time" in talk.said):
        turn.heard.said["until"] = _end_of(turn.heard.said.pop("window"), "to")
    elif start and not end and (is_asked or "until" in talk.said):
        turn.heard.said["time"] = _end_of(turn.heard.said.pop("window"), "from")


def _speak_of_when_away(turn: Turn, name: str) -> None:
    """Take a day on which the client cannot come for that of the booking: "I can't do Friday, please cancel"."""
    away = next((one for one in turn.heard.excluded if one["kind"] == "date"), None)
    if away is not None:
        turn.heard.said[name] = sure(away["from"]) | ({"repeats": True} if away["weekly"] else {})
        turn.heard.excluded.clear()


def _change_subject(turn: Turn) -> None:
    """Let another service or space stand for the one before, and nobody in particular do it, unless that is said."""
    said, heard = turn.talk.said, turn.heard.said
    for name, other in (("service", "space"), ("space", "service")):
        if name in heard:
            said.pop(other, None)
            if name in said and said[name]["value"] != heard[name]["value"]:
                said.pop("staff", None)
    if "space" in heard:
        said.pop("staff", None)


def _read_range(turn: Turn) -> None:
    """Take "from 2 to 4" for the start and the end where a space is wanted: it is let by time."""
    said = turn.talk.said
    window = said.get("window")
    if "space" not in said or not window or "part" in window or not window["value"]["from"]:
        return
    if window["value"]["to"]:
        said["until"] = _end_of(window, "to")
    if "until" in said:
        said["time"] = _end_of(said.pop("window"), "from")


def _end_of(window: Said, end: str) -> Said:
    """Return when a window begins, or ends, in all its readings."""
    others = {"others": [one[end] for one in window["others"]]} if "others" in window else {}
    return window | {"value": window["value"][end]} | others
