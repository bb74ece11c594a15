"""From an utterance to what it says, in the form in which a conversation keeps it."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from app.kit.clock import utcnow
from app.voice import answers
from app.voice.excluding import Excluded, excluded_in
from app.voice.house import House
from app.voice.talk import SUBJECTS, Said, Talk, sure
from app.voice.times_said import said_in
from app.voice.understanding import (
    Catalogue,
    Entity,
    Intent,
    Kind,
    OpeningHours,
    Problem,
    Read,
    Slot,
    Understanding,
    settled,
    understand,
)
from app.voice.understanding.catalogue import words_of
from app.voice.understanding.entities import WHOLE
from app.voice.wording import Worded, worded

OWN = re.compile(r"\b(?:my|our)\b|\b(?:do|did) (?:i|we) have\b|\b(?:am|are|have) (?:i|we)\b")
SLOTS = {"date": Slot.DATE, "time": Slot.TIME, "until": Slot.TIME, "party_size": Slot.PARTY_SIZE}
"""What a bare number means in the answer to a question about these."""
ABOUT_OWN = frozenset({Intent.CANCEL, Intent.RESCHEDULE})
PLAIN = 0.9
"""An intent as certain as this was said in so many words."""
RULED = 0.5
"""An intent more certain than this was found by a rule."""


@dataclass(slots=True)
class Heard:
    """What one utterance says: the intent and how certain that is; `said` as of a `Talk`; things that are not clear.

    `yes` and `no` are set where nothing else was said; `place` is which of what was offered; `over` is that all was
    wrong; `anybody` that it does not matter who does it; `own` is that the client's own bookings are spoken of.
    `it` is that a booking is spoken of without a name, `reference` the one it was called by; `swaps` is that another
    day is wanted than the one that is impossible; `goes_on` that there was more than one wish.
    `excluded` is what is not wanted; `problem` what is wrong with a day that is none to book on.
    `disputed` are values that an NLP service understood otherwise, by name; `unknown` names of its that nothing has.
    """

    intent: Intent = Intent.OTHER
    confidence: float = 0.0
    said: dict[str, Said] = field(default_factory=dict)
    unclear: dict[str, Sequence[Entity]] = field(default_factory=dict)
    yes: bool = False
    no: bool = False
    place: int | None = None
    over: bool = False
    anybody: bool = False
    own: bool = False
    it: bool = False
    reference: str | None = None
    swaps: bool = False
    goes_on: bool = False
    excluded: list[Excluded] = field(default_factory=list)
    problem: Read[Problem] | None = None
    disputed: dict[str, list[str]] = field(default_factory=dict)
    unknown: dict[str, str] = field(default_factory=dict)

    @property
    def is_ruled(self) -> bool:
        """Whether a rule found the intent."""
        return self.confidence > RULED

    @property
    def is_nothing(self) -> bool:
        """Whether nothing was understood at all."""
        answers = self.yes or self.no or self.over or self.anybody or self.place is not None
        something = self.said or self.unclear or self.excluded or self.problem or answers
        return not something and self.intent is Intent.OTHER


def hear(text: str, talk: Talk, house: House, locale: str) -> Heard:
    """Return what a text says in a conversation. Raises `TextTooLong`."""
    words = worded(text)
    text, lower = words.text, words.text.lower()
    place = answers.place_in(lower, talk)
    if place is not None:
        return Heard(place=place)
    if answers.NOT_THAT.match(lower):
        return Heard(no=True)
    if answers.counts(lower, talk):
        count = answers.count_in(lower)
        return Heard(said={"party_size": sure(count, lower.strip())} if count else {})
    offered = _among_offered(text, talk, house, locale)
    found = offered or _understood(text, talk, house, locale, house.catalogue)
    heard = Heard(found.intent.value, found.intent.confidence, said_in(found, talk), own=bool(OWN.search(lower)))
    heard.excluded, heard.problem = excluded_in(found), found.problem
    for name, candidates in zip(SUBJECTS, (found.services, found.staff, found.spaces), strict=True):
        name_thing(heard, name, candidates, (offered and _offered(talk)) or house.catalogue)
    if offered:
        _take_the_only_one(heard)
    _prefer_clear(heard)
    _point(heard, words, talk)
    is_short = not (heard.said or heard.unclear or heard.excluded or heard.problem)
    heard.over = bool(answers.OVER.match(lower))
    heard.yes = is_short and bool(answers.YES.match(lower))
    heard.no = is_short and _is_no(lower, heard, talk)
    heard.anybody = "staff" not in heard.said and answers.is_anybody(lower, talk)
    if not (heard.yes or heard.no or heard.over or answers.WHOEVER.search(lower)):
        _leave_open(heard, talk)
    return heard


def _point(heard: Heard, words: Worded, talk: Talk) -> None:
    """Note which booking is spoken of; "move it" is a move, and "I can't do Friday, can we do Sunday instead?" is."""
    heard.it, heard.reference, heard.goes_on = words.it, words.reference, words.goes_on
    names_thing = bool((heard.said.keys() | heard.unclear.keys()) & set(SUBJECTS))
    is_other_day = "date" in heard.said and any(one["kind"] == "date" for one in heard.excluded)
    is_known = words.instead or talk.last is not None
    heard.swaps = words.away and is_other_day and is_known and talk.intent is None and not names_thing
    if (words.moves_it and heard.intent is not Intent.CANCEL) or heard.swaps:
        heard.intent, heard.confidence = Intent.RESCHEDULE, PLAIN


def _is_no(lower: str, heard: Heard, talk: Talk) -> bool:
    """Say whether a text is a no; one to a cancellation that says to move the booking is more than that."""
    if talk.intent is not Intent.CANCEL:
        return bool(answers.NO.match(lower))
    return heard.intent is not Intent.RESCHEDULE and bool(answers.NO.match(lower) or answers.KEEP_IT.match(lower))


def zone_of(talk: Talk, house: House, said: dict[str, Said] | None = None) -> str:
    """Return the zone in which days and times are meant: the caller's, else that of what was named."""
    if talk.timezone:
        return talk.timezone
    whole = talk.said | (said or {})
    ids = [(Kind(name), whole[name]["value"]["id"]) for name in ("staff", "space", "service") if name in whole]
    return house.zone_of(*ids)


def name_thing(heard: Heard, name: str, candidates: Sequence[Read[Entity]], catalogue: Catalogue) -> None:
    """Note which thing was named; several of a kind, a tie, or a weak match is not clear, and is asked back."""
    one = settled(candidates)
    named = [candidate.value for candidate in candidates if candidate.confidence >= WHOLE]
    if one and len(named) <= 1:
        heard.said[name] = {"value": _value(one.value), "text": one.text, "confidence": one.confidence}
    elif candidates:
        heard.unclear[name] = named if one else _alike(candidates, catalogue)


def _alike(candidates: Sequence[Read[Entity]], catalogue: Catalogue) -> list[Entity]:
    """Return what may be meant, the likeliest first: whatever has the best one's words in its name is no less."""
    found = [candidate.value for candidate in candidates]
    said = {word.text for word in words_of(candidates[0].text)}
    of_kind = [one for one in catalogue.entities if one.kind is found[0].kind and one not in found]
    return found + [one for one in of_kind if said <= {word.text for word in words_of(one.name)}]


def _take_the_only_one(heard: Heard) -> None:
    """Take the one of what was offered that has the words of an answer, however few of its words they are."""
    for name, (one, *others) in list(heard.unclear.items()):
        if not others:
            heard.said[name] = sure(_value(one))
            del heard.unclear[name]


def _value(one: Entity) -> dict[str, object]:
    return {"id": one.id, "name": one.name}


def _understood(text: str, talk: Talk, house: House, locale: str, catalogue: Catalogue) -> Understanding:
    """Return what a text says by the clocks of what it names, which are known only when it is understood."""

    asked = SLOTS.get(talk.asked or "", Slot.TIME if "time" in talk.said else None)

    def read(zone: str, hours: OpeningHours) -> Understanding:
        return understand(
            text,
            now=utcnow(),
            zone=ZoneInfo(zone),
            hours=hours,
            locale=locale,
            catalogue=catalogue,
            asked=asked if catalogue is house.catalogue else None,
        )

    zone = zone_of(talk, house)
    found = read(zone, house.hours)
    named = Heard()
    for name, candidates in zip(SUBJECTS, (found.services, found.staff, found.spaces), strict=True):
        name_thing(named, name, candidates, catalogue)
    theirs = zone_of(talk, house, named.said)
    hours = _hours_of(talk.said | named.said, house) if found.time else house.hours
    return found if (theirs, hours) == (zone, house.hours) else read(theirs, hours)


def _hours_of(said: dict[str, Said], house: House) -> OpeningHours:
    """Return the hours of who does it, or of the space, where that was named; else those of the house."""
    return house.hours_of(*(said[name]["value"]["id"] for name in ("space", "staff") if name in said))


def _among_offered(text: str, talk: Talk, house: House, locale: str) -> Understanding | None:
    """Return what a text says where it names one of the things to choose from; None where it does not."""
    offered = _offered(talk)
    found = offered and _understood(text, talk, house, locale, offered)
    return found if found and (found.services or found.staff or found.spaces) else None


def _offered(talk: Talk) -> Catalogue | None:
    """Return the things that the last question gave a choice of; None where it gave none."""
    things = [one for one in talk.choices if one["kind"] in SUBJECTS]
    return Catalogue(tuple(Entity(one["id"], Kind(one["kind"]), one["name"]) for one in things)) if things else None


def _leave_open(heard: Heard, talk: Talk) -> None:
    """Let what was asked stay unclear where something else was answered: whichever Jane it is, it is not anybody."""
    for name in {one["kind"] for one in talk.choices} & set(SUBJECTS):
        if name not in heard.said and name not in heard.unclear and name == talk.asked:
            heard.unclear[name] = [Entity(one["id"], Kind(name), one["name"]) for one in talk.choices]


def _prefer_clear(heard: Heard) -> None:
    """Let what was named clearly stand for what is to be booked: "massage" is no massage room then."""
    if "service" in heard.said:
        heard.unclear.pop("space", None)
        if "space" in heard.said and len(heard.said["space"]["text"]) <= len(heard.said["service"]["text"]):
            del heard.said["space"]
    if "space" in heard.said:
        heard.unclear.pop("service", None)
        heard.said.pop("service", None)
