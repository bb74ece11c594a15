"""The shapes of staff."""

from app.images.schemas import ImageUrl
from app.users.fields import Email
from app.web.fields import (
    Flag,
    Id,
    Instant,
    ListOf,
    LongText,
    Nested,
    QueryFlag,
    QueryId,
    Search,
    Text,
    Whole,
    ZoneName,
)
from app.web.pagination import PageArgs, sort_by
from app.web.rating import RatingOut
from app.web.schemas import QuerySchema, Schema


class StaffChangesIn(Schema):
    """The fields of a staff member to change; what is left out stays."""

    name = Text(min=1, max=200)
    email = Email(allow_none=True)
    phone = Text(min=1, max=32, allow_none=True)
    user_id = Id(allow_none=True, metadata={"description": "The account that this staff member signs in with."})
    bio = LongText(max=2000, metadata={"example": "Colour, and curls."})
    timezone = ZoneName()
    active = Flag()


class StaffIn(StaffChangesIn):
    """A new staff member; has no hours until they are set."""

    name = Text(required=True, min=1, max=200, metadata={"example": "Jane Njeri"})


class PerformedOut(Schema):
    """A service that somebody performs."""

    id = Id(required=True)
    name = Text(required=True, metadata={"example": "Haircut"})


class StaffOut(Schema):
    """A public profile; the rest is for admins."""

    id = Id(required=True)
    name = Text(required=True, metadata={"example": "Jane Njeri"})
    bio = Text(required=True, metadata={"example": "Colour, and curls."})
    avatar_url = ImageUrl(required=True, allow_none=True, attribute="avatar_key")
    services = ListOf(Nested(PerformedOut), required=True)
    rating = Nested(RatingOut, required=True)
    email = Text(allow_none=True)
    phone = Text(allow_none=True)
    user_id = Id(allow_none=True)
    timezone = Text()
    active = Flag()
    version = Whole()
    created_at = Instant()


class StaffQuery(PageArgs):
    """Which staff."""

    sort = sort_by("name", "created_at", default="name")
    q = Search(load_default=None)
    service_id = QueryId(load_default=None)
    active = QueryFlag(load_default=None)


class LeaveQuery(QuerySchema):
    """Who takes over what is booked."""

    reassign_to = QueryId(load_default=None)
