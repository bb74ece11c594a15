"""The verbs of pictures."""

from __future__ import annotations

from collections.abc import Callable, Collection
from typing import TYPE_CHECKING, Any, Final

from app.extensions import BULK, db
from app.images import files, queries
from app.images.errors import Busy, TooManyImages
from app.images.subjects import Kind, Subject
from app.integrations.images import key_for, put
from app.kit.errors import Invalid, NotFound, Refusal
from app.kit.references import new_name
from app.kit.turns import Turns
from app.models import Image
from app.models.image import MOST_IMAGES, MediaType
from app.transactions import reading, transaction

if TYPE_CHECKING:
    from app.images.picture import Picture

ENDS: Final = {MediaType.JPEG: "jpg", MediaType.PNG: "png", MediaType.WEBP: "webp"}
"""What a file's name ends in, by what it is."""

decoding: Final = Turns(at_once=1, waiting=4, busy=Busy)
"""Pictures are read one after the other: that bounds what a process takes, and threads are left for who books."""

Permit = Callable[[], object]
"""Raises what stands against adding a picture."""


def images_of(kind: Kind, ids: Collection[int]) -> dict[int, list[Image]]:
    """Return the pictures of each of these in the order in which they are shown; one statement, none without ids."""
    found: dict[int, list[Image]] = {one: [] for one in ids}
    for image in db.session.scalars(queries.of_all(kind, ids)) if ids else ():
        found[getattr(image, kind)].append(image)
    return found


def add_image(subject: Subject, content: bytes, alt: str = "", permit: Permit = lambda: None) -> Image:
    """Add the picture that a file shows to an album; the first one is the cover.

    Called outside transactions, or in one that has written nothing. Raises what `permit` raises, `NotAPicture`, `Busy`,
    `StoreDown`, `NotFound`, `TooManyImages`; then nothing is added, and no file is left for longer than an hour.
    """
    with reading():
        permit()
        if _count(subject) >= MOST_IMAGES:
            raise TooManyImages
    return _stored(_read(content), lambda key, picture: _insert(subject, permit, alt, (key, picture)))


def set_avatar(user_id: int, content: bytes, permit: Permit) -> Image:
    """Make what a file shows the one picture of somebody, in place of the former; otherwise as `add_image`."""
    subject = Subject(Kind.USER, user_id)

    def replace(key: str, picture: Picture) -> Image:
        permit()
        remove_all(subject)
        return _new(subject, 1, (key, picture), is_cover=True)

    return _stored(_read(content), replace)


def change_image(subject: Subject, image_id: int, changes: dict[str, Any]) -> Image:
    """Move, describe, or make the cover. Raises `NotFound`, and `Invalid` where the cover would be none."""
    album = _locked_album(subject)
    image = _one_of(album, image_id)
    if changes.get("is_cover") is False and image.is_cover:
        raise Invalid.field("is_cover", "Make another picture the cover instead.")
    image.alt = changes.get("alt", image.alt)
    if "position" in changes:
        _move(album, image, changes["position"])
    if changes.get("is_cover"):
        _make_cover(album, image)
    db.session.flush()
    return image


def delete_image(subject: Subject, image_id: int) -> None:
    """Delete a picture, and its file after the transaction; after the cover, the first that stays becomes it.

    Raises `NotFound`.
    """
    album = _locked_album(subject)
    image = _one_of(album, image_id)
    album.remove(image)
    db.session.delete(image)
    _number(album)
    db.session.flush()
    files.sweep_soon(image.key)
    if image.is_cover and album:
        _make_cover(album, album[0])
        db.session.flush()


def remove_all(subject: Subject) -> None:
    """Delete all pictures of a subject, whoever has it locked, and their files after the transaction."""
    gone = queries.removal_of(subject).returning(Image.key)
    for key in db.session.scalars(gone, execution_options=BULK).all():
        files.sweep_soon(key)


def _read(content: bytes) -> Picture:
    from app.images.picture import read_picture  # noqa: PLC0415  # loaded where it is used

    with decoding.taken():
        return read_picture(content)


def _stored(picture: Picture, insert: Callable[[str, Picture], Image]) -> Image:
    """Store the file, then the row that `insert` writes, each by itself; without the row the file goes again."""
    key = key_for(f"{new_name()}.{ENDS[picture.media_type]}")
    with transaction():
        files.sweep_later(key)
    put(key, picture.content)
    try:
        with transaction():
            return insert(key, picture)
    except Refusal:  # of anything else, such as a connection lost while it commits, the sweep knows better what came
        files.try_to_delete(key)
        raise


def _insert(subject: Subject, permit: Permit, alt: str, file: tuple[str, Picture]) -> Image:
    album = _locked_album(subject)
    permit()
    free = set(range(1, MOST_IMAGES + 1)) - {image.number for image in album}
    if not free:
        raise TooManyImages
    return _new(subject, min(free), file, alt=alt, position=len(album), is_cover=not album)


def _new(subject: Subject, number: int, file: tuple[str, Picture], **more: Any) -> Image:
    key, picture = file
    size = {"width": picture.width, "height": picture.height}
    whose = {subject.kind.value: subject.id}
    image = Image(key=key, media_type=picture.media_type, number=number, **size, **whose, **more)
    db.session.add(image)
    db.session.flush()
    return image


def _count(subject: Subject) -> int:
    return db.session.scalars(queries.count_of(subject)).one()


def _locked_album(subject: Subject) -> list[Image]:
    """Return the pictures of a subject, which nobody else changes until the transaction ends. Raises `NotFound`."""
    if db.session.scalar(queries.subject_locked(subject)) is None:
        raise NotFound
    return list(db.session.scalars(queries.of(subject)))


def _one_of(album: list[Image], image_id: int) -> Image:
    for image in album:
        if image.id == image_id:
            return image
    raise NotFound


def _move(album: list[Image], image: Image, place: int) -> None:
    """Put a picture at a place of its album, the last one for all beyond."""
    album.remove(image)
    album.insert(place, image)
    _number(album)


def _number(album: list[Image]) -> None:
    for position, one in enumerate(album):
        one.position = position


def _make_cover(album: list[Image], image: Image) -> None:
    """Make a picture the cover; first there is none, for there are never two."""
    for one in album:
        one.is_cover = False
    db.session.flush()
    image.is_cover = True
