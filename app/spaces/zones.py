"""In which time zone a space lies, where nobody says so. Pure."""

from functools import cache
from importlib.resources import files

from tzfpy import get_tz

from app.kit.places import ZONE_NAMES

MOST_PEOPLES = {
    "AU": "Australia/Sydney",
    "BR": "America/Sao_Paulo",
    "CA": "America/Toronto",
    "RU": "Europe/Moscow",
    "UA": "Europe/Kyiv",
    "UZ": "Asia/Tashkent",
}
"""Countries whose first zone in the IANA table is that of few people."""

Coordinates = tuple[float, float]
"""Latitude and longitude, in degrees."""


def zone_of(coordinates: Coordinates | None, country: str, otherwise: str) -> str:
    """Return the zone at the coordinates; without them, or at sea, the country's; where it has none, `otherwise`."""
    at_the_place = _zone_at(*coordinates) if coordinates else None
    return at_the_place or _zones_by_country().get(country, otherwise)


def _zone_at(latitude: float, longitude: float) -> str | None:
    name = get_tz(longitude, latitude)
    return name if name in ZONE_NAMES and not name.startswith("Etc/") else None


@cache
def _zones_by_country() -> dict[str, str]:
    """Return the zone of each ISO 3166 country: of several, the first in the IANA table, which is the chief one."""
    table = (files("tzdata") / "zoneinfo" / "zone.tab").read_text(encoding="utf-8")
    rows = [line.split("\t") for line in table.splitlines() if not line.startswith("#")]
    return {row[0]: row[2] for row in reversed(rows)} | MOST_PEOPLES
