"""How a rating is shown, wherever something is rated."""

from marshmallow import fields

from app.web.fields import Whole
from app.web.schemas import Schema


class RatingOut(Schema):
    """How many reviews there are, and the average of their 1 to 5 stars; null without any."""

    count = Whole(required=True, metadata={"example": 27})
    average = fields.Float(required=True, allow_none=True, metadata={"example": 4.6})
