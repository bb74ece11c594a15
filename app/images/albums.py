"""The routes of an album, for whatever has one: `serve_album(blueprint, Album(…))` adds them below a room's path."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from app.images import service
from app.images.errors import Busy, TooManyImages
from app.images.schemas import AlbumOut, ImageChangesIn, ImageIn, ImageOut
from app.images.subjects import Kind, Subject
from app.integrations.images import StoreDown
from app.models import Role
from app.security.actor import Actor
from app.security.errors import BAD_TOKEN
from app.security.guards import current_actor, optional_actor, public, roles
from app.transactions import transactional
from app.web.blueprint import Blueprint, created
from app.web.caching import cacheable


@dataclass(frozen=True, slots=True)
class Album:
    """Whose pictures they are, and who may do what with them.

    `see` and `keep` are called inside a transaction with who asks and the thing's id, and raise what the answer is to
    be: `see` lets pass who may look (`NotFound` for others), `keep` who may change (`NotFound` or `Forbidden`).
    `keepers` are the roles that get as far as `keep`.
    """

    kind: Kind
    thing: str
    keepers: tuple[Role, ...]
    see: Callable[[Actor | None, int], object]
    keep: Callable[[Actor, int], object]

    @property
    def place(self) -> str:
        """What paths call the thing's id, such as `service_id`."""
        return f"{self.thing}_id"


def serve_album(blueprint: Blueprint, album: Album) -> None:
    """Add `/<id>/images` and what is below it: anybody who sees the thing may look, its keepers may change.

    The thing's id comes by the name of `album.place`.
    """
    _serve_list(blueprint, album)
    _serve_adding(blueprint, album)
    _serve_changes(blueprint, album)
    _serve_deletion(blueprint, album)


def _serve_list(blueprint: Blueprint, album: Album) -> None:
    @blueprint.get(f"/<id:{album.place}>/images")
    @public
    @cacheable
    @blueprint.response(200, AlbumOut)
    @blueprint.refuses(*BAD_TOKEN)
    def list_images(**place: int) -> Any:
        """List the pictures, in the order in which they are shown."""
        album.see(optional_actor(), place[album.place])
        return {"items": service.images_of(album.kind, [place[album.place]])[place[album.place]], "next_cursor": None}


def _serve_adding(blueprint: Blueprint, album: Album) -> None:
    @blueprint.post(f"/<id:{album.place}>/images")
    @roles(*album.keepers)
    @blueprint.arguments(ImageIn, location="files")
    @blueprint.response(201, ImageOut)
    @blueprint.refuses(TooManyImages, Busy, StoreDown)
    def add_image(fields: dict[str, Any], **place: int) -> Any:
        """Add a picture; the first one becomes the cover. At most twenty.

        It is turned upright, made to fit 800 × 800, and rid of everything that is not the picture.
        """
        actor, subject = current_actor(), Subject(album.kind, place[album.place])
        added = service.add_image(subject, fields["image"], fields["alt"], lambda: album.keep(actor, subject.id))
        return created(added, f"{blueprint.url_prefix}/{subject.id}/images")


def _serve_changes(blueprint: Blueprint, album: Album) -> None:
    @blueprint.patch(f"/<id:{album.place}>/images/<id:image_id>")
    @roles(*album.keepers)
    @blueprint.arguments(ImageChangesIn)
    @transactional
    @blueprint.response(200, ImageOut)
    def change_image(fields: dict[str, Any], image_id: int, **place: int) -> Any:
        """Move a picture, describe it, or make it the cover."""
        album.keep(current_actor(), place[album.place])
        return service.change_image(Subject(album.kind, place[album.place]), image_id, fields)


def _serve_deletion(blueprint: Blueprint, album: Album) -> None:
    @blueprint.delete(f"/<id:{album.place}>/images/<id:image_id>")
    @roles(*album.keepers)
    @transactional
    @blueprint.response(204)
    def delete_image(image_id: int, **place: int) -> None:
        """Delete a picture; after the cover, the first of those that stay becomes it."""
        album.keep(current_actor(), place[album.place])
        service.delete_image(Subject(album.kind, place[album.place]), image_id)
