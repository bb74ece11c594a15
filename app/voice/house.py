"""What is known of the business before anybody says anything: what can be named, where it is, when it is open."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from app.extensions import business, db
from app.models.diary import DAY_MINUTES
from app.voice import queries
from app.voice.understanding import Catalogue, Entity, Kind, OpeningHours
from app.voice.understanding.catalogue import words_of
from app.voice.understanding.lexicon import LEXICON

Name = tuple[Kind, int]
"""A service, a staff member or a space, by its kind and its id."""


@dataclass(frozen=True, slots=True)
class House:
    """The names of what is active, the zone in which each is meant, and the weekly hours of all of it together."""

    catalogue: Catalogue
    zones: Mapping[Name, str]
    hours: OpeningHours

    def zone_of(self, *names: Name) -> str:
        """Return the zone of the first of these that has one of its own; else the business's."""
        return next((self.zones[name] for name in names if name in self.zones), business.timezone)

    def hours_of(self, *resource_ids: int) -> OpeningHours:
        """Return the weekly hours of the first of these staff and spaces that has some; else those of all together."""
        return (_hours(resource_ids[0]) if resource_ids else None) or self.hours


def read_house() -> House:
    """Read it, in four statements; the catalogue is prepared anew only where a name has changed."""
    other_names = _other_names()
    zones: dict[Name, str] = {}
    entities = []
    for service_id, text, first, last in db.session.execute(queries.services()):
        entities.append(Entity(service_id, Kind.SERVICE, text, other_names.get((Kind.SERVICE, service_id), ())))
        if first is not None and first == last:
            zones[Kind.SERVICE, service_id] = first
    for resource_id, kind, text, timezone in db.session.execute(queries.resources()):
        name = Kind(kind.value), resource_id
        also = first_name(text) if name[0] is Kind.STAFF else ()
        entities.append(Entity(resource_id, name[0], text, (*also, *other_names.get(name, ()))))
        zones[name] = timezone
    return House(_catalogue_of(tuple(entities)), zones, _hours())


def first_name(text: str) -> tuple[str, ...]:
    """Return the name that somebody is mostly called by; none where it could be a time: April, May."""
    words = [word.text for word in words_of(text)]
    return tuple(words[:1]) if len(words) > 1 and len(words[0]) > 1 and words[0] not in LEXICON else ()


def _other_names() -> dict[Name, tuple[str, ...]]:
    found: defaultdict[Name, list[str]] = defaultdict(list)
    for kind, service_id, resource_id, text in db.session.execute(queries.names()):
        found[Kind(kind.value), service_id or resource_id].append(text)
    return {name: tuple(texts) for name, texts in found.items()}


@lru_cache(maxsize=4)
def _catalogue_of(entities: tuple[Entity, ...]) -> Catalogue:
    return Catalogue(entities)


def _hours(resource_id: int | None = None) -> OpeningHours:
    """Return the weekly hours of one, or of all; what is open round the clock tells no half of a day from the other."""
    found: defaultdict[int, list[tuple[int, int]]] = defaultdict(list)
    for weekday, opens, closes in db.session.execute(queries.opening_hours(resource_id)):
        if (opens, closes) != (0, DAY_MINUTES):
            found[weekday].append((opens, closes))
    return found
