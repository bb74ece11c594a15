"""The shapes of accounts."""

from typing import Any

from marshmallow import INCLUDE, ValidationError, fields, pre_load
from marshmallow.validate import OneOf

from app.audit.schemas import AuditOut
from app.images.schemas import ImageUrl
from app.models import Role, TokenPurpose
from app.users.fields import Country, Email, LocaleName, NewPassword, Password
from app.users.including import INCLUDABLE
from app.web.fields import Choice, Flag, Id, Instant, ListOf, LongText, Nested, QueryFlag, Search, Text, ZoneName
from app.web.pagination import PageArgs, sort_by
from app.web.schemas import QuerySchema, Schema

ADVICE = {
    "allOf": [{"$ref": "#/components/schemas/AdviceOut"}],
    "description": "As `GET /api/recommendations/client/{id}` answers.",
}
"""A room above this one describes it."""

BROWSER = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
"""An example of what signs in."""


class WholeName(Schema):
    """Whoever has a name: it may come whole."""

    name = Text(
        min=1, max=201, metadata={"description": "In place of the other two, which it is split into at its last space."}
    )

    @pre_load
    def split_name(self, data: Any, **_kwargs: Any) -> Any:
        """Make first and last name of the whole one. Refuse it beside one of the two."""
        name = data.get("name")
        if not isinstance(name, str) or not name.strip():
            return data  # the field says what is wrong with it
        if data.keys() & {"first_name", "last_name"}:
            raise ValidationError("Send it, or first_name and last_name.", "name")
        first, _, last = name.strip().rpartition(" ")
        halves = {"first_name": first.strip() or last, "last_name": last if first else ""}
        return {field: value for field, value in data.items() if field != "name"} | halves


class ProfileIn(WholeName):
    """What people may change about themselves."""

    first_name = Text(min=1, max=100)
    last_name = Text(max=100)
    phone = Text(min=1, max=32, allow_none=True, metadata={"example": "+254712345678"})
    country = Country(allow_none=True)
    timezone = ZoneName(allow_none=True)
    locale = LocaleName(allow_none=True, metadata={"description": "The language that you are written to in."})
    bio = LongText(max=2000)


class NewProfile(Schema):
    """What may be said of somebody from the start."""

    first_name = Text(required=True, min=1, max=100, metadata={"example": "Ada"})
    last_name = Text(max=100, load_default="", metadata={"example": "Wanjiku"})
    phone = Text(min=1, max=32, allow_none=True, metadata={"example": "+254712345678"})


class UserIn(NewProfile):
    """A new account; its owner is invited by mail, and chooses the password."""

    email = Email(required=True, metadata={"example": "grace@example.com"})
    role = Choice(Role, load_default=Role.CLIENT)
    country = Country(allow_none=True)
    timezone = ZoneName(allow_none=True)
    bio = LongText(max=2000, load_default="")


class ClientIn(NewProfile):
    """A walk-in: a client without a login, whom staff write down, by phone or at the door."""

    email = Email(allow_none=True)


class UserChangesIn(ProfileIn):
    """What may be changed: by everybody about themselves the profile, by admins the rest too.

    To others than admins, `role`, `is_active`, `blocked` and `email` are unknown fields.
    """

    email = Email(allow_none=True, metadata={"description": "Of a walk-in only."})
    role = Choice(Role)
    is_active = Flag()
    blocked = Flag(attribute="is_blocked", metadata={"description": "Takes no more bookings from this client."})


class ErasureIn(Schema):
    """The password, so that nobody else erases an account that was left signed in."""

    password = Password(required=True, metadata={"example": "correct horse battery"})


class UsersQuery(PageArgs):
    """Which accounts."""

    sort = sort_by("created_at", "email", default="-created_at")
    q = Search(load_default=None, metadata={"description": "In the name, the email or the phone number."})
    role = Choice(Role, load_default=None)
    is_active = QueryFlag(load_default=None)


class OwnProfileIn(ProfileIn):
    """What people may change about themselves; their email too, once they have shown that it is them."""

    email = Email()
    current_password = Password(metadata={"description": "Needed to change the email."})


class PasswordIn(Schema):
    """Your password, and the one that takes its place."""

    current_password = Password(required=True, metadata={"example": "parlour-demo-2026"})
    new_password = NewPassword(required=True)


class UserOut(Schema):
    """An account as itself and admins see it."""

    id = Id(required=True)
    email = Email(required=True, allow_none=True, metadata={"example": "client1@parlour.example"})
    first_name = Text(required=True, metadata={"example": "Achieng"})
    last_name = Text(required=True, metadata={"example": "Odhiambo"})
    name = Text(required=True, metadata={"example": "Achieng Odhiambo"})
    phone = Text(required=True, allow_none=True, metadata={"example": "+254712345678"})
    country = Text(required=True, allow_none=True, metadata={"example": "KE"})
    timezone = Text(required=True, allow_none=True, metadata={"example": "Africa/Nairobi"})
    locale = Text(required=True, allow_none=True, metadata={"example": "en-GB"})
    bio = Text(required=True, metadata={"example": ""})
    avatar_url = ImageUrl(required=True, allow_none=True, attribute="avatar_key")
    role = Choice(Role, required=True)
    is_active = Flag(required=True)
    email_verified = Flag(required=True)
    created_at = Instant(required=True)


class AccountOut(UserOut):
    """An account as whoever works here sees it; to others it is like `User`."""

    blocked = Flag(attribute="is_blocked", metadata={"description": "Shown to staff and admins."})
    has_login = Flag(metadata={"description": "False for a client whom staff wrote down. Shown to staff and admins."})


class AccountAndMoreOut(AccountOut):
    """An account, and beside it what was asked for by `include`."""

    recommendations = fields.Raw(metadata=ADVICE)


class AccountQuery(QuerySchema):
    """What else is wanted beside an account."""

    include = Text(load_default=None, validate=OneOf(INCLUDABLE, error="Must be one of: {choices}."))


class OwnSessionOut(Schema):
    """Where the account is, or was, signed in."""

    created_at = Instant(required=True)
    last_used_at = Instant(required=True)
    expires_at = Instant(required=True)
    ended_at = Instant(required=True, allow_none=True)
    user_agent = Text(required=True, metadata={"example": BROWSER})


class MailedLinkOut(Schema):
    """A link that was mailed, or waits to be: what for, and to which email, which may be one that is not proved yet."""

    purpose = Choice(TokenPurpose, required=True)
    email = Email(required=True, metadata={"example": "ada@example.com"})
    created_at = Instant(required=True)
    expires_at = Instant(required=True)
    used_at = Instant(required=True, allow_none=True, metadata={"description": "Used, or ended by another one."})


class ExportOut(Schema):
    """Everything that is kept about somebody. Each room adds what it holds, under a name of its own.

    Of what others did to the account, the log tells neither who nor from where; of what the account did to others, not
    how they were changed.
    """

    class Meta:
        """The rooms add members."""

        unknown = INCLUDE

    exported_at = Instant(required=True)
    user = Nested(AccountOut, required=True)
    sessions = ListOf(Nested(OwnSessionOut), required=True)
    mailed_links = ListOf(Nested(MailedLinkOut), required=True)
    audit = ListOf(Nested(AuditOut), required=True)

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """Return the document, and in it what the rooms have made ready for JSON."""
        return super().dump(obj, many=many) | obj["rooms"]
