"""The shapes of accounts."""

from app.models import Role
from app.users.fields import Country, Email
from app.web.fields import Choice, Flag, Id, Instant, LongText, Text, ZoneName
from app.web.schemas import Schema


class ProfileIn(Schema):
    """What people may change about themselves."""

    first_name = Text(min=1, max=100)
    last_name = Text(max=100)
    phone = Text(min=1, max=32, allow_none=True, metadata={"example": "+254712345678"})
    country = Country(allow_none=True)
    timezone = ZoneName(allow_none=True)
    bio = LongText(max=2000)


class UserOut(Schema):
    """An account as itself and admins see it."""

    id = Id(required=True)
    email = Email(required=True, allow_none=True)
    first_name = Text(required=True)
    last_name = Text(required=True)
    name = Text(required=True)
    phone = Text(required=True, allow_none=True)
    country = Text(required=True, allow_none=True)
    timezone = Text(required=True, allow_none=True)
    bio = Text(required=True)
    avatar_url = Text(required=True, allow_none=True)
    role = Choice(Role, required=True)
    is_active = Flag(required=True)
    email_verified = Flag(required=True)
    created_at = Instant(required=True)
