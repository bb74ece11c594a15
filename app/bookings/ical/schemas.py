"""What the routes of calendars take and answer."""

from typing import Any

from marshmallow import fields

from app.web.fields import Instant, Text
from app.web.schemas import QuerySchema, Schema

MEDIA_TYPE = "text/calendar"

ICALENDAR: dict[str, Any] = {
    "type": "string",
    "description": "An iCalendar object (RFC 5545).",
    "example": "BEGIN:VCALENDAR\r\nPRODID:-//Parlour//Bookings//EN\r\nVERSION:2.0\r\nEND:VCALENDAR\r\n",
}


class FeedQuery(QuerySchema):
    """What opens a feed. Whatever is wrong with it, the answer is the same."""

    is_remembered = False

    token = fields.String(load_default="", metadata={"description": "As it stands in the feed's address."})


class FeedOut(Schema):
    """The address of a new feed; its token is shown this once."""

    url = Text(
        required=True,
        metadata={
            "description": "For the calendar program. Whoever has it can read the feed.",
            "example": "https://api.example.com/api/users/1/calendar.ics?token=q2Jw0v5e8Hk3nT7yLr9bXc1dFg4mZs6p",
        },
    )
    token = Text(required=True, metadata={"example": "q2Jw0v5e8Hk3nT7yLr9bXc1dFg4mZs6p"})
    created_at = Instant(required=True)
