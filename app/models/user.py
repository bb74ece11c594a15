"""People with an account: clients, staff, owners, admins."""

from datetime import datetime
from enum import StrEnum

from sqlalchemy import CheckConstraint, Index, Integer, String, select, text
from sqlalchemy.orm import Mapped, column_property, mapped_column

from app.kit.clock import utcnow
from app.kit.columns import Base, word_of
from app.models.image import Image


class Role(StrEnum):
    """What an account may do (product.md §8). A role nobody thought of gets nothing."""

    CLIENT = "client"
    STAFF = "staff"
    OWNER = "owner"
    ADMIN = "admin"


_LOGINS, _CONTACTS = text("has_login"), text("NOT has_login")


class User(Base):
    """An account, or a walk-in: a client without a login (`has_login` false), whom staff wrote down.

    `email` is kept as written; `email_key` is its normal form, by which accounts are found. A walk-in may
    have the email of an account until its owner has proved that it is theirs.
    """

    __tablename__ = "users"
    __table_args__ = (
        CheckConstraint("length(first_name) > 0", name="first_name"),
        CheckConstraint("(email IS NULL) = (email_key IS NULL)", name="email_key"),
        CheckConstraint("has_login OR (password_hash IS NULL AND role = 'client')", name="login"),
        CheckConstraint("failed_logins >= 0", name="failed_logins"),
        Index("uq_users_email_key", "email_key", unique=True, postgresql_where=_LOGINS, sqlite_where=_LOGINS),
        Index("uq_users_contact_key", "email_key", unique=True, postgresql_where=_CONTACTS, sqlite_where=_CONTACTS),
        Index("ix_users_role_created_at", "role", "created_at", "id"),
        Index("ix_users_created_at", "created_at", "id"),
        Index("ix_users_sort_email", text("coalesce(email_key, '')"), "id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    email: Mapped[str | None] = mapped_column(String(254))
    email_key: Mapped[str | None] = mapped_column(String(320))
    password_hash: Mapped[str | None] = mapped_column(String(100))
    first_name: Mapped[str] = mapped_column(String(100))
    last_name: Mapped[str] = mapped_column(String(100), default="")
    phone: Mapped[str | None] = mapped_column(String(32))
    country: Mapped[str | None] = mapped_column(String(2))
    timezone: Mapped[str | None] = mapped_column(String(64))
    locale: Mapped[str | None] = mapped_column(String(16))
    bio: Mapped[str] = mapped_column(String(2000), default="")
    role: Mapped[Role] = mapped_column(word_of(Role, "role"), default=Role.CLIENT)
    has_login: Mapped[bool] = mapped_column(default=True)
    is_active: Mapped[bool] = mapped_column(default=True)
    is_blocked: Mapped[bool] = mapped_column(default=False)
    email_verified: Mapped[bool] = mapped_column(default=False)
    token_version: Mapped[int] = mapped_column(default=1)
    failed_logins: Mapped[int] = mapped_column(Integer, default=0)
    locked_until: Mapped[datetime | None]
    erased_at: Mapped[datetime | None]
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)

    avatar_key: Mapped[str | None] = column_property(
        select(Image.key).where(Image.user_id == id).correlate_except(Image).scalar_subquery()  # noqa: A003  # the column
    )

    @property
    def name(self) -> str:
        """First and last name together."""
        return full_name(self.first_name, self.last_name)

    @property
    def public_name(self) -> str:
        """The name under which everybody reads what somebody wrote: the first one and an initial."""
        if self.erased_at is not None:
            return "Former member"
        return f"{self.first_name} {self.last_name[:1]}." if self.last_name else self.first_name


def full_name(first: str, last: str) -> str:
    """Return first and last name together."""
    return f"{first} {last}".strip()
