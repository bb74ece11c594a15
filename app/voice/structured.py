"""What an NLP service has understood already: the same as what is heard, without words to read it from."""

from collections.abc import Callable
from typing import Any

from app.voice.hearing import Heard, name_thing
from app.voice.house import House
from app.voice.talk import SUBJECTS, Talk, sure
from app.voice.understanding import Catalogue, Intent, Kind
from app.voice.understanding.entities import find


def structured(intent: Intent, parameters: dict[str, Any]) -> Callable[[Talk, House, str], Heard]:
    """Return the listener of an intent and its parameters: names are looked up, days and times taken as they are."""

    def listener(_talk: Talk, house: House, _locale: str) -> Heard:
        heard = Heard(intent, 1.0)
        for name in SUBJECTS:
            if parameters.get(name):
                _look_up(heard, name, parameters[name], house)
        _ask_for_one(heard, house)
        for name in ("date", "time", "party_size"):
            if parameters.get(name) is not None:
                heard.said[name] = sure(parameters[name], str(parameters[name]))
        return heard

    return listener


def _look_up(heard: Heard, name: str, text: str, house: House) -> None:
    """Note which thing of its kind a name means; one that nothing has is asked for again."""
    of_kind = Catalogue(tuple(one for one in house.catalogue.entities if one.kind.value == name))
    found = find(text, of_kind)
    name_thing(heard, name, found, of_kind)
    if not found:
        heard.unknown[name] = text


def _ask_for_one(heard: Heard, house: House) -> None:
    """Let it be asked which is meant where both a service and a space were named: a booking is of one."""
    if {"service", "space"} <= heard.said.keys():
        ids = {(Kind(name), heard.said.pop(name)["value"]["id"]) for name in ("service", "space")}
        heard.unclear["service"] = [one for one in house.catalogue.entities if (one.kind, one.id) in ids]
