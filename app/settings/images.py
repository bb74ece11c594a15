"""Where pictures are kept."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Final
from urllib.parse import parse_qs

from marshmallow import ValidationError

from app.settings.checks import is_web_address, parts_of
from app.settings.environment import Environment, SettingsError

PARTS: Final = ("CLOUDINARY_CLOUD_NAME", "CLOUDINARY_API_KEY", "CLOUDINARY_API_SECRET")
EXAMPLE: Final = "cloudinary://KEY:SECRET@CLOUD"


@dataclass(frozen=True, slots=True)
class Cloudinary:
    """An account with Cloudinary; `upload_prefix` is where its API is, None for the usual place."""

    cloud_name: str
    api_key: str = field(repr=False)
    api_secret: str = field(repr=False)
    upload_prefix: str | None = None


@dataclass(frozen=True, slots=True)
class Images:
    """Where new pictures go: to Cloudinary, or without it into `folder`, from which they are served."""

    folder: Path
    cloudinary: Cloudinary | None


def read_images(env: Environment, folder: Path) -> Images:
    """Return the places of UPLOAD_DIR and CLOUDINARY_…; without UPLOAD_DIR it is a folder below `folder`."""
    uploads = Path(env.str("UPLOAD_DIR", str(folder / "uploads")))
    if uploads.exists() and not uploads.is_dir():
        raise SettingsError("UPLOAD_DIR must be a folder.")
    return Images(uploads, _of_parts(env) if any(map(env.is_set, PARTS)) else _of_url(env))


def _of_parts(env: Environment) -> Cloudinary:
    if env.is_set("CLOUDINARY_URL"):
        raise SettingsError(
            "CLOUDINARY_URL says all that CLOUDINARY_CLOUD_NAME and the others say: set one or the others."
        )
    given = {name: env.str(name, None) for name in PARTS}
    for name, value in given.items():
        if value is None:
            raise SettingsError(f"{name} is missing: {', '.join(PARTS)} go together.")
    return Cloudinary(*(value for value in given.values() if value is not None))


def _of_url(env: Environment) -> Cloudinary | None:
    given = env.str("CLOUDINARY_URL", None)
    if given is None:
        return None
    parts = parts_of(given)
    if parts.scheme != "cloudinary" or not (parts.hostname and parts.username and parts.password):
        raise SettingsError(f"CLOUDINARY_URL must be an address such as {EXAMPLE}.")
    return Cloudinary(parts.hostname, parts.username, parts.password, _prefix(parts.query))


def _prefix(query: str) -> str | None:
    """Return where an address says that the API is."""
    prefix = parse_qs(query).get("upload_prefix", [None])[0]
    try:
        if prefix is not None:
            is_web_address(prefix)
    except ValidationError:
        raise SettingsError("CLOUDINARY_URL: upload_prefix must be an address.") from None
    return prefix
