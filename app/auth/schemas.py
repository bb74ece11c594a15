"""The shapes of coming in."""

from enum import StrEnum
from typing import Any

from app.models import Role
from app.users.fields import Country, Email
from app.users.schemas import UserOut
from app.web.fields import Choice, Nested, Text, Whole, ZoneName
from app.web.schemas import Schema
from app.web.text_fields import documented, refuse

LONGEST_PASSWORD = 1024
"""Characters; what is longer is refused before anything is done with it."""


class SignupRole(StrEnum):
    """The roles that may be asked for when registering."""

    CLIENT = Role.CLIENT.value
    OWNER = Role.OWNER.value


class Password(Text):
    """A secret: kept exactly as typed, spaces included."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(max=LONGEST_PASSWORD, load_only=True, **documented(options, format="password"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if not isinstance(value, str):
            refuse("Must be text.")
        if len(value) > self.max or "\0" in value:
            refuse(f"Must have at most {self.max} characters, none of them NUL.")
        return value


class RegisterIn(Schema):
    """A new account: a client's, or an owner's where that is allowed."""

    email = Email(required=True, metadata={"example": "ada@example.com"})
    password = Password(
        required=True,
        metadata={"example": "correct horse battery", "description": "8 characters to 72 bytes."},
    )
    first_name = Text(required=True, min=1, max=100, metadata={"example": "Ada"})
    last_name = Text(required=True, max=100, metadata={"example": "Wanjiku"})
    phone = Text(min=1, max=32, metadata={"example": "+254712345678"})
    country = Country()
    timezone = ZoneName()
    role = Choice(SignupRole, load_default=SignupRole.CLIENT)


class LoginIn(Schema):
    """Who you are."""

    email = Text(required=True, min=1, max=254, metadata={"example": "client1@parlour.example"})
    password = Password(required=True, metadata={"example": "parlour-demo-2026"})


class SessionOut(Schema):
    """An account and a token to act as it, for `expires_in` seconds."""

    user = Nested(UserOut, required=True)
    access_token = Text(required=True, max=4096)
    token_type = Text(required=True)
    expires_in = Whole(required=True)
