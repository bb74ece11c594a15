"""The shapes of reviews."""

from app.models import ReviewStatus
from app.web.fields import Choice, Id, Instant, ListOf, LongText, Nested, QueryFlag, QueryId, Text
from app.web.pagination import PageArgs, sort_by
from app.web.rating import QueryStars, Stars, SummaryOut
from app.web.schemas import Schema, list_of

LONGEST_COMMENT = 2000


class ReviewChangesIn(Schema):
    """The fields of a review to change."""

    rating = Stars(metadata={"example": 4})
    comment = LongText(max=LONGEST_COMMENT)


class ReviewIn(Schema):
    """What the client of a completed booking says about it."""

    booking_id = Id(required=True, metadata={"example": 1})
    rating = Stars(required=True, metadata={"example": 5})
    comment = LongText(max=LONGEST_COMMENT, load_default="", metadata={"example": "On time, and a lovely cut."})


class ReplyIn(Schema):
    """What staff or the owner answer."""

    text = LongText(required=True, min=1, max=LONGEST_COMMENT, metadata={"example": "Thank you, see you soon!"})


class ReplyOut(Schema):
    """The answer to a review."""

    text = Text(required=True, metadata={"example": "Thank you, see you soon!"})
    by = Text(required=True, metadata={"example": "Jane N."})
    at = Instant(required=True)


class ReviewedServiceOut(Schema):
    """A service that a review is about, as it is called today."""

    id = Id(required=True)
    name = Text(required=True, metadata={"example": "Haircut"})


class ReviewedStaffOut(Schema):
    """Who performed it."""

    id = Id(required=True)
    name = Text(required=True, metadata={"example": "Jane Njeri"})


class ReviewedSpaceOut(Schema):
    """A space that a review is about."""

    id = Id(required=True)
    name = Text(required=True, metadata={"example": "Garden studio"})


class ReviewOut(Schema):
    """A review. Its author and admins also see which booking it is of, and what a moderator said."""

    id = Id(required=True)
    rating = Stars(required=True, metadata={"example": 5})
    comment = Text(required=True, metadata={"example": "On time, and a lovely cut."})
    author_name = Text(required=True, metadata={"example": "Ada W."})
    services = ListOf(Nested(ReviewedServiceOut), required=True)
    staff = ListOf(Nested(ReviewedStaffOut), required=True)
    space = Nested(ReviewedSpaceOut, required=True, allow_none=True)
    reply = Nested(ReplyOut, required=True, allow_none=True)
    status = Choice(ReviewStatus, required=True)
    created_at = Instant(required=True)
    updated_at = Instant(required=True, metadata={"description": "When its stars or words were last changed."})
    booking_id = Id()
    status_reason = Text(metadata={"example": ""})


class ReviewsOut(list_of(ReviewOut)):  # type: ignore[misc]  # made of the item's schema
    """A page of reviews; `summary` is of all published ones of what the list is about, whatever their stars."""

    summary = Nested(SummaryOut, required=True)


class AboutQuery(PageArgs):
    """Which reviews of one thing; the newest come first."""

    sort = sort_by("created_at", "rating", default="-created_at")
    rating = QueryStars(load_default=None)


class ReviewsQuery(AboutQuery):
    """Which reviews; the newest come first."""

    service_id = QueryId(load_default=None)
    staff_id = QueryId(load_default=None)
    space_id = QueryId(load_default=None)
    status = Choice(ReviewStatus, load_default=None, metadata={"description": "`hidden`: your own; admins, all."})
    mine = QueryFlag(load_default=False, metadata={"description": "Those that you wrote, hidden ones too."})
