"""Where pictures are kept: with Cloudinary where that is set, else in UPLOAD_DIR.

A key, such as `folder/3k8v…2d.jpg`, says where its file is, so that pictures stay where they are when the settings
change; whoever stores a new one asks for the present place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from flask import current_app

from app.integrations.images.folder import Folder
from app.integrations.images.store import Store, StoreDown

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings

__all__ = ["Folder", "Store", "StoreDown", "delete", "folder", "install", "key_for", "put", "url_of"]

FOLDER: Final = "folder"
CLOUD: Final = "cloudinary"


def install(app: Flask) -> None:
    """Open the places that the settings of `app` name."""
    settings: Settings = app.extensions["settings"]
    stores: dict[str, Store] = {FOLDER: Folder(settings.images.folder, settings.public_base_url)}
    if settings.images.cloudinary is not None:
        from app.integrations.images.cloud import Cloud  # noqa: PLC0415  # a tenth of a second that few need

        stores[CLOUD] = Cloud(settings.images.cloudinary)
    app.extensions["images"] = stores


def key_for(name: str) -> str:
    """Return the key of a new file of this name, in the place where new ones go."""
    return f"{CLOUD if CLOUD in _stores() else FOLDER}/{name}"


def put(key: str, content: bytes) -> None:
    """Keep a file by its key; waits until the disk or Cloudinary has it. Raises `StoreDown`."""
    store, name = _located(key)
    store.put(name, content)


def delete(key: str) -> None:
    """Remove the file of a key, or what there is of it. Raises `StoreDown`."""
    store, name = _located(key)
    store.delete(name)


def url_of(key: str) -> str:
    """Return where anybody can get the file of a key; of a place that is set no more, that is nowhere."""
    place, _, name = key.partition("/")
    return _stores().get(place, folder()).url(name)


def folder() -> Folder:
    """Return the folder of UPLOAD_DIR."""
    found = _stores()[FOLDER]
    assert isinstance(found, Folder)  # noqa: S101  # narrows the type for mypy
    return found


def _located(key: str) -> tuple[Store, str]:
    place, _, name = key.partition("/")
    if place not in _stores():
        raise StoreDown(f"The settings of {place} are gone.")
    return _stores()[place], name


def _stores() -> dict[str, Store]:
    stores: dict[str, Store] = current_app.extensions["images"]
    return stores
