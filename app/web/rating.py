"""How stars are given, and shown, wherever something is rated."""

from operator import attrgetter
from typing import Any

from marshmallow import fields

from app.kit.rating import STARS, Rating
from app.web.fields import QueryWhole, Whole, Within
from app.web.schemas import Schema

COUNTS = attrgetter(*(f"rating_{stars}" for stars in STARS))
"""What reads how many reviews there are of each number of stars."""


class Stars(Whole):
    """One to five stars."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(min=STARS[0], max=STARS[-1], **options)


class QueryStars(QueryWhole):
    """One to five stars in the query string."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(min=STARS[0], max=STARS[-1], **options)


class RatingOut(Schema):
    """How many reviews there are, and the average of their 1 to 5 stars; null without any."""

    count = Whole(required=True, metadata={"example": 27})
    average = fields.Float(required=True, allow_none=True, metadata={"example": 4.63})


class RatingOfCounts(Within):
    """The same, of a thing that carries its own counts."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(RatingOut, **options)

    def dump_object(self, thing: Any) -> Any:
        """Dump what the counts amount to."""
        return super().dump_object(Rating(COUNTS(thing)))


class SummaryOut(RatingOut):
    """The same, and how many reviews give each number of stars."""

    histogram = fields.Dict(
        keys=fields.String(),
        values=fields.Integer(),
        required=True,
        metadata={"example": {"1": 0, "2": 1, "3": 1, "4": 5, "5": 20}},
    )
