"""`/uploads`: the pictures that are kept in a folder of this machine."""

import re
from typing import Final

from flask import Blueprint, Flask, Response

from app.images.service import ENDS
from app.integrations.images import folder
from app.kit.errors import NotFound
from app.security.guards import public

NAME: Final = re.compile(rf"[0-9a-z]{{26}}\.({'|'.join(ENDS.values())})")
TYPES: Final = {end: media_type.value for media_type, end in ENDS.items()}

HEADERS: Final = {
    "Cache-Control": "public, max-age=31536000, immutable",
    "Content-Security-Policy": "default-src 'none'; sandbox",
    # Pages of a frontend, wherever it is served from, show pictures.
    "Cross-Origin-Resource-Policy": "cross-origin",
}

uploads = Blueprint("uploads", __name__)


def install(app: Flask) -> None:
    """Serve the folder's pictures."""
    app.register_blueprint(uploads)


@uploads.get("/uploads/<name>")
@public
def picture(name: str) -> Response:
    """Send the file; its name was never used before, so that a copy is good for ever."""
    found = NAME.fullmatch(name)
    content = folder().read(name) if found else None
    if found is None or content is None:
        raise NotFound
    answer = Response(content, mimetype=TYPES[found[1]])
    answer.headers.update(HEADERS)
    return answer
