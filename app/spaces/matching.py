"""Conditions and orders of a search: words, amenities, and how far away something is."""

from collections.abc import Sequence
from dataclasses import dataclass
from math import asin, cos, degrees, pi, radians, sin

import orjson
from sqlalchemy import ColumnElement, Float, Integer, and_, case, cast, func, literal, or_
from sqlalchemy.sql.elements import SQLCoreOperations

from app.kit.search import folded
from app.models import Space
from app.spaces.dialects import HasAll, HasWord, PlaceOf

EARTH_KM = 6371.0088
"""The Earth's mean radius."""

NOWHERE = 1_000_000
"""The place of a word that stands nowhere letter by letter: after all that do, however many words there are."""

LONGEST_LITERAL = 4
"""Words of up to so many letters have too few groups of three to be told from what they are not like."""

HALF_TURN, QUARTER_TURN = 180, 90


@dataclass(frozen=True, slots=True)
class Circle:
    """All within `radius_km` of a point, whose coordinates are in degrees."""

    latitude: float
    longitude: float
    radius_km: float


def words_of(q: str) -> list[str]:
    """Return the different words of what is looked for, folded as the columns are."""
    return list(dict.fromkeys(folded(q).split()))


def has_words(words: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that every word is in a space's name, city or description.

    It may be part of a longer word there. PostgreSQL with trigrams takes a word much like a longer one, too.
    """
    return and_(*map(_has_word, words))


def relevance(words: Sequence[str]) -> ColumnElement[int]:
    """Return what grows as a space fits less: how far behind in name, city and description the words stand, in all."""
    places = (PlaceOf(Space.words, word) for word in words)
    return _sum([case((place > 0, place), else_=NOWHERE) for place in places])


def has_amenities(amenities: Sequence[str]) -> ColumnElement[bool]:
    """Return the condition that a space has all of these, which are folded."""
    return HasAll(Space.amenities, orjson.dumps(amenities).decode())


def is_within(circle: Circle) -> ColumnElement[bool]:
    """Return the condition that a space lies in the circle: first in a box around it, which an index finds."""
    return and_(_in_box(circle), distance_from(circle) <= round(circle.radius_km * 1000))


def distance_from(circle: Circle) -> ColumnElement[int]:
    """Return how far a space is from the circle's centre along the surface, in whole metres (the haversine formula)."""
    latitude, longitude = (func.radians(cast(column, Float)) for column in (Space.latitude, Space.longitude))
    here = radians(circle.latitude)
    north, east = func.sin((latitude - here) / 2), func.sin((longitude - radians(circle.longitude)) / 2)
    chord = north * north + cos(here) * func.cos(latitude) * east * east
    angle = 2 * func.asin(func.sqrt(case((chord > 1, 1.0), else_=chord)))
    return cast(func.round(angle * (EARTH_KM * 1000)), Integer)


def _in_box(circle: Circle) -> ColumnElement[bool]:
    angle = circle.radius_km / EARTH_KM
    south, north = circle.latitude - degrees(angle), circle.latitude + degrees(angle)
    at_these = Space.latitude.between(south, north)
    if south <= -QUARTER_TURN or north >= QUARTER_TURN or angle >= pi / 2:
        return at_these  # all around a pole
    width = degrees(asin(min(1.0, sin(angle) / cos(radians(circle.latitude)))))
    return and_(at_these, _between_meridians(circle.longitude - width, circle.longitude + width))


def _between_meridians(west: float, east: float) -> ColumnElement[bool]:
    if west < -HALF_TURN:
        return or_(Space.longitude >= west + 2 * HALF_TURN, Space.longitude <= east)
    if east > HALF_TURN:
        return or_(Space.longitude >= west, Space.longitude <= east - 2 * HALF_TURN)
    return Space.longitude.between(west, east)


def _has_word(word: str) -> ColumnElement[bool]:
    pattern = f"%{_literally(word)}%"
    is_short = len(word) <= LONGEST_LITERAL
    return Space.words.like(pattern, escape="\\") if is_short else HasWord(Space.words, word, pattern)


def _literally(word: str) -> str:
    """Return the word as a pattern that only it fits."""
    return "".join(f"\\{letter}" if letter in "\\%_" else letter for letter in word)


def _sum(parts: Sequence[SQLCoreOperations[int]]) -> ColumnElement[int]:
    total: ColumnElement[int] = literal(0, Integer)
    for part in parts:
        total = total + part
    return total
