"""Pictures with Cloudinary, by its own SDK. Every call says whose account is meant; nothing global is set."""

from io import BytesIO
from typing import Any, Final

import structlog
from cloudinary import uploader
from cloudinary.exceptions import Error
from cloudinary.utils import cloudinary_url
from urllib3 import Timeout

from app.integrations.images.store import StoreDown
from app.settings.images import Cloudinary

TIMEOUT: Final = Timeout(connect=3, read=10)
LIMITED: Final = {"width": 800, "height": 800, "crop": "limit", "quality": "auto"}
"""What Cloudinary does to a picture before it keeps it; ours fit already."""

log = structlog.get_logger(__name__)


class Cloud:
    """An account with Cloudinary. A picture's public id is its name without the end."""

    def __init__(self, account: Cloudinary) -> None:
        """Use the account."""
        named = {"cloud_name": account.cloud_name, "api_key": account.api_key, "api_secret": account.api_secret}
        prefix = {"upload_prefix": account.upload_prefix} if account.upload_prefix else {}
        self._options: dict[str, Any] = {**named, **prefix, "timeout": TIMEOUT}
        # Each picture in the form and quality that the browser that asks takes best.
        shown, _ = cloudinary_url("x", cloud_name=account.cloud_name, secure=True, fetch_format="auto", quality="auto")
        self._base_url = str(shown).removesuffix("x")

    def put(self, name: str, content: bytes) -> None:
        """Upload the file; what is there by that name stays."""
        self._call(
            lambda: uploader.upload(
                BytesIO(content), public_id=_public_id(name), overwrite=False, transformation=[LIMITED], **self._options
            )
        )

    def delete(self, name: str) -> None:
        """Delete the file, and have it forgotten by the servers that deliver it."""
        self._call(lambda: uploader.destroy(_public_id(name), invalidate=True, **self._options))

    def url(self, name: str) -> str:
        """Return where Cloudinary delivers the file."""
        return self._base_url + _public_id(name)

    def _call(self, ask: Any) -> None:
        try:
            ask()
        except Error as error:
            log.warning("cloudinary_failed", error=type(error).__name__, said=str(error)[:200])
            raise StoreDown from error


def _public_id(name: str) -> str:
    return name.partition(".")[0]
