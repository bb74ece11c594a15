"""The shapes of coming in."""

from enum import StrEnum
from typing import Any

from marshmallow import pre_load

from app.models import Role
from app.users.fields import Country, Email, NewPassword, Password
from app.users.schemas import BROWSER, UserOut, WholeName
from app.web.fields import Choice, Flag, Id, Instant, Nested, Text, Whole, ZoneName
from app.web.pagination import PageArgs, sort_by
from app.web.schemas import Schema

LONGEST_TOKEN = 4096
LONGEST_MAILED_TOKEN = 200
SOME_TOKEN = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.…"  # noqa: S105  # an example


class SignupRole(StrEnum):
    """The roles that may be asked for when registering."""

    CLIENT = Role.CLIENT.value
    OWNER = Role.OWNER.value


EARLIER_ROLES = {"customer": SignupRole.CLIENT.value, "user": SignupRole.CLIENT.value}
"""What earlier backends called a role."""


class RegisterIn(WholeName):
    """A new account: a client's, or an owner's where that is allowed."""

    email = Email(required=True, metadata={"example": "ada@example.com"})
    password = NewPassword(required=True)
    first_name = Text(required=True, min=1, max=100, metadata={"example": "Ada"})
    last_name = Text(required=True, max=100, metadata={"example": "Wanjiku"})
    phone = Text(min=1, max=32, metadata={"example": "+254712345678"})
    country = Country()
    timezone = ZoneName()
    role = Choice(SignupRole, load_default=SignupRole.CLIENT)

    @pre_load
    def know_earlier_roles(self, data: Any, **_kwargs: Any) -> Any:
        """Read the words of earlier backends as `client`."""
        word = data.get("role")
        return data | {"role": EARLIER_ROLES[word]} if isinstance(word, str) and word in EARLIER_ROLES else data


class LoginIn(Schema):
    """Who you are."""

    email = Text(required=True, min=1, max=254, metadata={"example": "client1@parlour.example"})
    password = Password(required=True, metadata={"example": "parlour-demo-2026"})


class RefreshIn(Schema):
    """A refresh token, unless it comes as Bearer."""

    refresh_token = Text(min=1, max=LONGEST_TOKEN, metadata={"example": SOME_TOKEN})


class TokensOut(Schema):
    """An account, and what is needed to act as it: for `expires_in` seconds the one token, then the other."""

    user = Nested(UserOut, required=True)
    access_token = Text(required=True, max=LONGEST_TOKEN, metadata={"example": SOME_TOKEN})
    refresh_token = Text(required=True, max=LONGEST_TOKEN, metadata={"example": SOME_TOKEN})
    token_type = Text(required=True, metadata={"enum": ["Bearer"]})
    expires_in = Whole(required=True, metadata={"example": 900})


class ForgotIn(Schema):
    """Whose password is forgotten."""

    email = Text(required=True, min=1, max=254, metadata={"example": "client1@parlour.example"})


class MailedToken(Schema):
    """The token of a mailed link."""

    token = Text(required=True, min=1, max=LONGEST_MAILED_TOKEN, metadata={"example": "q3V9cNqv…"})


class ResetIn(MailedToken):
    """The token of a mailed link, and the new password."""

    password = NewPassword(required=True)


class SessionQuery(PageArgs):
    """Which page of your sessions; the newest comes first."""

    sort = sort_by("created_at", default="-created_at")


class SessionOut(Schema):
    """Where you are signed in."""

    id = Id(required=True)
    created_at = Instant(required=True)
    last_used_at = Instant(required=True, metadata={"description": "The last sign-in or refresh."})
    expires_at = Instant(required=True)
    user_agent = Text(required=True, metadata={"example": BROWSER})
    current = Flag(required=True, metadata={"description": "Whether this very request comes from it."})
