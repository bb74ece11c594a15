"""Fields of places: coordinates, distances, amenities."""

import re
import unicodedata
from math import isfinite
from typing import Any

from marshmallow import fields

from app.web.fields import Text
from app.web.text_fields import documented, refuse

_NUMBER = re.compile(r"-?[0-9]{1,4}(\.[0-9]{1,15})?")
_FURTHEST = {"latitude": 90, "longitude": 180}


class Degrees(fields.Float):
    """A coordinate, `latitude` or `longitude`; a JSON number, kept to a tenth of a metre."""

    def __init__(self, coordinate: str, **options: Any) -> None:
        """Bound it as this coordinate is."""
        self.furthest = _FURTHEST[coordinate]
        super().__init__(**documented(options, minimum=-self.furthest, maximum=self.furthest))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        if isinstance(value, bool) or not isinstance(value, int | float):
            refuse("Must be a number.")
        if not -self.furthest <= value <= self.furthest:
            refuse(f"Must be between -{self.furthest} and {self.furthest}.")
        return round(float(value), 6)


class Point(Text):
    """`latitude,longitude` in the query string; loads as a pair of numbers."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Any:
        parts = [part.strip() for part in value.split(",")] if isinstance(value, str) else []
        if [bool(_NUMBER.fullmatch(part)) for part in parts] != [True, True]:
            refuse("Must be a latitude and a longitude, such as -1.2921,36.8219.")
        found = tuple(float(part) for part in parts)
        if any(abs(degrees) > most for degrees, most in zip(found, _FURTHEST.values(), strict=True)):
            refuse("Must be a latitude from -90 to 90 and a longitude from -180 to 180.")
        return found


class Kilometres(fields.Float):
    """A distance in the query string: more than nothing, at most `max`."""

    def __init__(self, *, max: int, **options: Any) -> None:  # noqa: A002  # reads as a bound
        """Bound it."""
        self.max = max
        super().__init__(**documented(options, minimum=0, exclusiveMinimum=True, maximum=max))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> float:
        number = float(value) if isinstance(value, str) and _NUMBER.fullmatch(value) else 0.0
        if not isfinite(number) or not 0 < number <= self.max:
            refuse(f"Must be a number of kilometres above 0, up to {self.max}.")
        return number


class Amenity(Text):
    """A word for what a space has; capitals make no difference."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(min=1, max=40, **options)

    def checked(self, value: str) -> str:
        """Return the word without capitals; that may have more letters, which are counted too."""
        return super().checked(unicodedata.normalize("NFC", super().checked(value)).casefold())
