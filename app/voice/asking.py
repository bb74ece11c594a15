"""Questions about what is missing, or can be meant in several ways."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from app.extensions import db
from app.kit import written
from app.kit.clock import utcnow
from app.voice import queries
from app.voice.excluding import excluded_ids
from app.voice.talk import SUBJECTS, sure
from app.voice.turn import Reply, Turn, ask, listed
from app.voice.understanding import Entity, Intent, Kind, Problem

MOST_NAMED = 5
FURTHEST = timedelta(days=3660)
OPENING = "What would you like to book?"
WHICH_DAY = "On which day do you want to come?"
PROBLEMS = {
    Problem.IMPOSSIBLE: "is in no calendar",
    Problem.PAST: "is over",
    Problem.FAR: "is too far ahead",
}


def ask_unclear(turn: Turn) -> Reply | None:
    """Ask which of several things, or of two readings of a day or a time, is meant; None where all is clear."""
    for name, values in turn.heard.disputed.items():
        return _ask_disputed(turn, name, values)
    for name, text in turn.heard.unknown.items():
        return ask(name, f"Nothing here is called {text}. What do you mean?")
    for name in SUBJECTS:
        unwanted = excluded_ids(turn.talk, name)
        candidates = [one for one in turn.heard.unclear.get(name, ()) if one.id not in unwanted]
        if candidates and name not in turn.talk.said and not _is_served(turn, name):
            able = _who_can(turn, candidates) if name == "staff" else ()
            if len(able) != 1:
                return _ask_which(name, (able or candidates)[:MOST_NAMED])
            turn.talk.said[name] = sure(_value(able[0]))
    return None


def ask_gone(turn: Turn) -> Reply | None:
    """Say that what was named is retired by now, and ask for something else; None where all is there still."""
    active = {(one.kind.value, one.id) for one in turn.house.catalogue.entities}
    for name in SUBJECTS:
        thing_id = turn.talk.id_of(name)
        if thing_id is not None and (name, thing_id) not in active:
            text = f"{turn.name_of(name)} is not to be had any more."
            return ask_somebody_else(turn, text) if name == "staff" else _ask_something_else(turn, name, text)
    return None


def ask_somebody_else(turn: Turn, why: str) -> Reply:
    """Go on without who was named, and offer those who can do it."""
    del turn.talk.said["staff"]
    others = performers(turn)[:MOST_NAMED]
    named = f" {listed([one.name for one in others], 'and')} {'does' if len(others) == 1 else 'do'}." if others else ""
    return ask("other_staff", f"{why}{named} With anybody else?", choices=[_choice(one) for one in others])


def performers(turn: Turn) -> list[Entity]:
    """Return those who perform the service that was named, but whom the client does not want."""
    unwanted = excluded_ids(turn.talk, "staff")
    staff = [one for one in turn.house.catalogue.entities if one.kind is Kind.STAFF and one.id not in unwanted]
    able = set(db.session.scalars(queries.performers(turn.talk.id_of("service") or 0, [one.id for one in staff])))
    return [one for one in staff if one.id in able]


def _ask_something_else(turn: Turn, name: str, why: str) -> Reply | None:
    del turn.talk.said[name]
    question = ask_subject(turn)
    return question and replace(question, text=f"{why} {question.text}")


def ask_subject(turn: Turn) -> Reply | None:
    """Ask what is to be booked; None where that is known. Where there is only one thing, it is that."""
    if "service" in turn.talk.said or "space" in turn.talk.said:
        return None
    things = [one for one in turn.house.catalogue.entities if one.kind is not Kind.STAFF]
    things = [one for one in things if one.id not in excluded_ids(turn.talk, one.kind.value)]
    if len(things) == 1:
        turn.talk.said[things[0].kind.value] = sure(_value(things[0]))
        return None
    if len(things) > MOST_NAMED or not things:
        return ask("service", OPENING)
    names = listed([one.name for one in things])
    return ask("service", f"{OPENING} There is {names}.", choices=[_choice(one) for one in things])


def ask_possible(turn: Turn) -> Reply | None:
    """Ask for another day where one was named that is none to book on; None where that is not so."""
    problem = turn.heard.problem
    if problem is None or "date" in turn.heard.said or turn.talk.intent is None:
        return None
    turn.talk.said.pop("date", None)
    named = problem.text[:1].upper() + problem.text[1:]
    return ask("date", f"{named} {PROBLEMS[problem.value]}. {WHICH_DAY}")


def ask_day(turn: Turn) -> Reply | None:
    """Ask for another day where the one that was named is over, or years ahead; None where it is neither."""
    first, last = turn.talk.days
    today = utcnow().astimezone(turn.zone).date()
    is_over, is_far = last is not None and last < today, first is not None and first > today + FURTHEST
    if not is_over and not is_far:
        return None
    del turn.talk.said["date"]
    named = day_in_words(last or first or today, turn.locale)
    return ask("date", f"{named} is {'over' if is_over else 'too far ahead'}. {WHICH_DAY}")


def day_in_words(day: date, locale: str) -> str:
    """Return a date with its weekday."""
    zone = ZoneInfo("UTC")
    return written.day(datetime(day.year, day.month, day.day, 12, tzinfo=zone), zone, locale)


def _who_can(turn: Turn, candidates: Sequence[Entity]) -> Sequence[Entity]:
    """Return those of some staff who perform what was named: of two Janes, the one who cuts hair."""
    if len(candidates) == 1:
        return ()
    able = performers(turn) if "service" in turn.talk.said else candidates
    return [one for one in candidates if one in able]


def _is_served(turn: Turn, name: str) -> bool:
    """Say whether something like a space was named beside a service, or the other way round; or staff, of a space."""
    others = {"service": {"space"}, "space": {"service"}, "staff": {"space"}}[name]
    return bool(others & turn.talk.said.keys()) or turn.talk.intent not in {Intent.BOOK, Intent.AVAILABILITY}


def _ask_which(name: str, candidates: Sequence[Entity]) -> Reply:
    names = listed([one.name for one in candidates])
    return ask(name, f"Do you mean {names}?", choices=[_choice(one) for one in candidates])


def _ask_disputed(turn: Turn, name: str, values: Sequence[str]) -> Reply:
    """Ask which of two readings is meant."""
    told = values if name == "time" else [day_in_words(date.fromisoformat(value), turn.locale) for value in values]
    choices = [{"kind": name, "value": value} for value in values]
    turn.talk.said.pop(name, None)
    return ask(name, f"Do you mean {listed(list(told))}?", choices=choices)


def _choice(one: Entity) -> dict[str, Any]:
    return {"kind": one.kind.value, **_value(one)}


def _value(one: Entity) -> dict[str, Any]:
    return {"id": one.id, "name": one.name}
