"""Pictures of things and people. The files are kept elsewhere; a row says which file shows what."""

from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import CheckConstraint, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column

from app.kit.clock import utcnow
from app.kit.columns import Base, word_of

SUBJECTS: Final = ("resource_id", "service_id", "user_id", "product_id")
"""Whose picture it is: exactly one of these. Another kind of thing that has pictures is one column more."""

MOST_IMAGES: Final = 20
LARGEST_SIDE: Final = 800

_COVER = text("is_cover")
_ONE_SUBJECT = " + ".join(f"(CASE WHEN {name} IS NULL THEN 0 ELSE 1 END)" for name in SUBJECTS) + " = 1"


def _subject_rules() -> list[Any]:
    """Return what makes the pictures of one subject an album: each has its number, and at most one is the cover."""
    numbers = [UniqueConstraint(name, "number") for name in SUBJECTS]
    covers = [
        Index(f"uq_images_cover_{name}", name, unique=True, postgresql_where=_COVER, sqlite_where=_COVER)
        for name in SUBJECTS
    ]
    return [*numbers, *covers]


class MediaType(StrEnum):
    """What kind of file a picture is stored as."""

    JPEG = "image/jpeg"
    PNG = "image/png"
    WEBP = "image/webp"


class Image(Base):
    """A picture. `number` is its place among the 20 that a subject has; `position` says in which order they are shown.

    `key` names the file and where it is kept; it never changes, and neither does the file.
    """

    __tablename__ = "images"
    __table_args__: Any = (
        CheckConstraint(_ONE_SUBJECT, name="one_subject"),
        CheckConstraint(f"number BETWEEN 1 AND {MOST_IMAGES}", name="number"),
        CheckConstraint("user_id IS NULL OR number = 1", name="avatar"),
        CheckConstraint("position >= 0", name="position"),
        CheckConstraint(
            f"width BETWEEN 1 AND {LARGEST_SIDE} AND height BETWEEN 1 AND {LARGEST_SIDE}",
            name="size",
        ),
        UniqueConstraint("key"),
        *_subject_rules(),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    resource_id: Mapped[int | None] = mapped_column(ForeignKey("resources.id"))
    service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"))
    user_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    product_id: Mapped[int | None] = mapped_column(ForeignKey("products.id"))
    number: Mapped[int] = mapped_column(Integer)
    position: Mapped[int] = mapped_column(Integer, default=0)
    alt: Mapped[str] = mapped_column(String(300), default="")
    is_cover: Mapped[bool] = mapped_column(default=False)
    key: Mapped[str] = mapped_column(String(100))
    media_type: Mapped[MediaType] = mapped_column(word_of(MediaType, "media_type"))
    width: Mapped[int] = mapped_column(Integer)
    height: Mapped[int] = mapped_column(Integer)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
