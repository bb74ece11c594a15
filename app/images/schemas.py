"""The shapes of pictures."""

from typing import Any

from app.integrations.images import url_of
from app.models.image import LARGEST_SIDE, MOST_IMAGES
from app.web.fields import Flag, Id, ListOf, Nested, Text, Whole
from app.web.schemas import Schema
from app.web.uploads import Upload

EXAMPLE = "https://api.parlour.example/uploads/3k8v0q5m2x7c9z4b1n6h8j0f2d.jpg"


class ImageUrl(Text):
    """Where a picture is to be had, made of its key."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field; `attribute` names what has the key."""
        super().__init__(**{"metadata": {"format": "uri", "example": EXAMPLE}, **options})

    def dump_value(self, value: str) -> str:
        """Return the address of the file that the key names."""
        return url_of(value)


class ImageIn(Schema):
    """A picture to add. It is judged by its content alone: what the file is called, or said to be, does not matter."""

    image = Upload(required=True, metadata={"description": "JPEG, PNG or WebP, of one frame."})
    alt = Text(max=300, load_default="", metadata={"example": "The garden room, set for a dinner."})


class AvatarIn(Schema):
    """A picture of yourself."""

    image = Upload(required=True, metadata={"description": "JPEG, PNG or WebP, of one frame."})


class ImageChangesIn(Schema):
    """What to change about a picture; what is left out stays."""

    position = Whole(max=MOST_IMAGES - 1, metadata={"description": "Its new place; 0 is the first. Others make room."})
    alt = Text(max=300, metadata={"example": "The garden room, set for a dinner."})
    is_cover = Flag(metadata={"description": "True makes it the cover, and the former cover none."})


class ImageOut(Schema):
    """A picture, as it is shown."""

    id = Id(required=True)
    url = ImageUrl(required=True, attribute="key")
    width = Whole(required=True, min=1, max=LARGEST_SIDE, metadata={"example": 800})
    height = Whole(required=True, min=1, max=LARGEST_SIDE, metadata={"example": 600})
    alt = Text(required=True, metadata={"example": "The garden room, set for a dinner."})
    position = Whole(required=True, metadata={"example": 0})
    is_cover = Flag(required=True)


class AlbumOut(Schema):
    """All pictures of something, in the order in which they are shown: at most twenty, so there is no further page."""

    items = ListOf(Nested(ImageOut), required=True)
    next_cursor = Text(required=True, allow_none=True)
