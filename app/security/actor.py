"""The caller, as services know it."""

from dataclasses import dataclass

from app.models import Role


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody signed in: an account's id and its present role."""

    id: int
    role: Role
