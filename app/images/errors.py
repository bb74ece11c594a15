"""What this room refuses."""

from typing import Self

from app.kit.errors import Conflict, Invalid, Unavailable
from app.models.image import MOST_IMAGES


class TooManyImages(Conflict):
    """An album is full."""

    code = "too_many_images"
    title = f"There are {MOST_IMAGES} pictures already. Delete one first."


class NotAPicture(Invalid):
    """What was sent cannot be shown."""

    @classmethod
    def because(cls, reason: str) -> Self:
        """Say why, at the field that has the file."""
        return cls.field("image", reason)


class Busy(Unavailable):
    """Too many pictures are being read."""

    code = "busy"
    title = "Too many pictures are being added just now. Try again in a moment."
