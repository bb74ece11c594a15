"""The shapes of testimonials."""

from app.models import TestimonialStatus
from app.web.fields import Choice, Id, Instant, LongText, QueryFlag, Text
from app.web.pagination import PageArgs, sort_by
from app.web.rating import QueryStars, Stars
from app.web.schemas import Schema

LONGEST_CONTENT = 2000
EXAMPLE = "The one place where my curls are understood."


class TestimonialChangesIn(Schema):
    """The fields of a testimonial to change."""

    content = LongText(min=1, max=LONGEST_CONTENT, metadata={"example": EXAMPLE})
    rating = Stars()


class TestimonialIn(Schema):
    """What somebody says about the business."""

    content = LongText(required=True, min=1, max=LONGEST_CONTENT, metadata={"example": EXAMPLE})
    rating = Stars(required=True, metadata={"example": 5})


class TestimonialOut(Schema):
    """A testimonial. Its author and admins also see what a moderator said."""

    id = Id(required=True)
    user_id = Id(required=True)
    author_name = Text(required=True, metadata={"example": "Ada W."})
    content = Text(required=True, metadata={"example": EXAMPLE})
    rating = Stars(required=True, metadata={"example": 5})
    status = Choice(TestimonialStatus, required=True, metadata={"example": "published"})
    created_at = Instant(required=True)
    status_reason = Text(metadata={"example": ""})


class TestimonialsQuery(PageArgs):
    """Which testimonials; the newest come first."""

    sort = sort_by("created_at", "rating", default="-created_at")
    rating = QueryStars(load_default=None)
    status = Choice(
        TestimonialStatus,
        load_default=None,
        metadata={"description": "`pending` and `hidden`: your own; admins, all."},
    )
    mine = QueryFlag(load_default=False, metadata={"description": "Those that you wrote, whatever their status."})
