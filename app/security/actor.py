"""The caller, as services know it."""

from dataclasses import dataclass
from datetime import datetime
from typing import NamedTuple

from app.models import Role
from app.models.user import full_name


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody signed in: an account's id and its present role."""

    id: int
    role: Role


class Account(NamedTuple):
    """An account as its owner sees it, and what decides what its token opens: columns, as of this request."""

    id: int
    email: str | None
    first_name: str
    last_name: str
    phone: str | None
    country: str | None
    timezone: str | None
    locale: str | None
    bio: str
    role: Role
    has_login: bool
    is_active: bool
    is_blocked: bool
    email_verified: bool
    token_version: int
    created_at: datetime
    avatar_key: str | None

    @property
    def name(self) -> str:
        """First and last name together."""
        return full_name(self.first_name, self.last_name)
