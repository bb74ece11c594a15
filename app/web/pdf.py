"""Documents that are JSON, or a PDF file for whoever asks for one."""

from typing import Any, Final

from flask import Response, request
from marshmallow.validate import OneOf

from app.web.fields import Text
from app.web.schemas import QuerySchema

MEDIA_TYPE: Final = "application/pdf"

PDF: Final[dict[str, Any]] = {"type": "string", "format": "binary", "example": "%PDF-1.3 …", "description": "To print."}


class FormatQuery(QuerySchema):
    """As what a document is wanted, where the header `Accept` does not say it."""

    format = Text(load_default=None, validate=OneOf(("json", "pdf"), error="Must be one of: {choices}."))


def wants_pdf(format_: str | None) -> bool:
    """Say whether the request wants a file: by `?format=`, else by its header `Accept`; JSON where either will do."""
    if format_ is not None:
        return format_ == "pdf"
    return request.accept_mimetypes.best_match(["application/json", MEDIA_TYPE]) == MEDIA_TYPE


def json_answer(thing: Any) -> tuple[Any, dict[str, str]]:
    """Return what is answered where JSON is wanted: caches must know that others want a file."""
    return thing, {"Vary": "Accept"}


def pdf_answer(content: bytes, name: str) -> Response:
    """Return the answer with a file, to be shown under a name without its ending."""
    answer = Response(content, mimetype=MEDIA_TYPE)
    answer.headers["Content-Disposition"] = f'inline; filename="{name}.pdf"'
    answer.vary.add("Accept")
    return answer
