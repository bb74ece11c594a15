"""What a place for pictures can do."""

from typing import Protocol

from app.kit.errors import Unavailable


class StoreDown(Unavailable):
    """The place where pictures are kept does not take them just now."""

    code = "images_unavailable"
    title = "Pictures cannot be stored just now. Try again in a moment."


class Store(Protocol):
    """A place where files are kept by names that never come twice, and served from. `name` ends in what it is: `.jpg`.

    What fails raises `StoreDown`; then the file may be there or not.
    """

    def put(self, name: str, content: bytes) -> None:
        """Keep a file, whole or not at all; it is there for good once this returns."""

    def delete(self, name: str) -> None:
        """Remove a file, and what may be left of an attempt to put it; one that is not there is no error."""

    def url(self, name: str) -> str:
        """Return where anybody can get the file."""
