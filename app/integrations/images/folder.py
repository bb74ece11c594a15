"""Pictures in a folder of this machine, which `/uploads` serves."""

import os
from pathlib import Path

from app.integrations.images.store import StoreDown


class Folder:
    """The folder of UPLOAD_DIR, for all processes of one deployment."""

    def __init__(self, path: Path, base_url: str) -> None:
        """Keep files in `path`, made when the first one comes; `base_url` is where this API is reached."""
        self._path = path
        self._base_url = f"{base_url}/uploads/"

    def put(self, name: str, content: bytes) -> None:
        """Write a draft beside, bring it to the disk, and give it its name in one step."""
        try:
            self._path.mkdir(parents=True, exist_ok=True)
            with self._draft(name).open("wb") as draft:
                draft.write(content)
                draft.flush()
                os.fsync(draft.fileno())
            self._draft(name).replace(self._path / name)
            self._keep_names()
        except OSError as error:
            raise StoreDown from error

    def delete(self, name: str) -> None:
        """Remove the file and its draft."""
        try:
            (self._path / name).unlink(missing_ok=True)
            self._draft(name).unlink(missing_ok=True)
        except OSError as error:
            raise StoreDown from error

    def url(self, name: str) -> str:
        """Return where this API serves the file."""
        return self._base_url + name

    def read(self, name: str) -> bytes | None:
        """Return the content of a file, None where there is none. It is small: at most 800 × 800 pixels."""
        try:
            return (self._path / name).read_bytes()
        except FileNotFoundError:
            return None

    def _draft(self, name: str) -> Path:
        return self._path / f".{name}.draft"

    def _keep_names(self) -> None:
        """Bring the folder itself to the disk: without that a power cut may take the new name away again."""
        descriptor = os.open(self._path, os.O_RDONLY)
        try:
            os.fsync(descriptor)
        finally:
            os.close(descriptor)
