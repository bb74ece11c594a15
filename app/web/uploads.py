"""Files in: a form of a few parts (multipart/form-data, RFC 7578), of at most 10 MiB, in place of a JSON body.

What can be told by the headers is refused before anything is read; the form is read once the guard has let its sender
in, and outside every transaction: a slow sender holds no lock and no connection.
"""

from io import BytesIO
from typing import Any, Final

from flask import request
from marshmallow import ValidationError, fields
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge, RequestTimeout, UnsupportedMediaType
from werkzeug.formparser import FormDataParser

from app.kit.errors import BadRequest
from app.transactions import end_reading
from app.web.text_fields import documented, refuse

LARGEST_UPLOAD: Final = 10 * 1024 * 1024
LARGEST_TEXT: Final = 500_000
MOST_PARTS: Final = 10
FORM: Final = "multipart/form-data"

MARK: Final = "takes_upload"
"""The attribute of a view that takes a form; the decorators around it hand it on."""


class InvalidForm(BadRequest):
    """The body is not one well-formed form."""

    code = "invalid_form"
    title = "The body must be one well-formed multipart form."


class Upload(fields.Field[bytes]):
    """A file in a form; loads as its content. Its name and type are the sender's words, and not listened to."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(**documented(options, type="string", format="binary", example="the bytes of a file"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bytes:
        if not isinstance(value, FileStorage):
            refuse("Must be a file.")
        return bytes(value.read())


def takes_upload(view: Any) -> bool:
    """Say whether a view takes a form."""
    return bool(getattr(view, MARK, False))


def check_headers() -> None:
    """Refuse by its headers a request that carries no form: 400, 413, 415."""
    if request.mimetype != FORM or request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType
    if not request.mimetype_params.get("boundary", "").isascii() or not request.mimetype_params.get("boundary"):
        raise InvalidForm("The content type names no boundary.")
    if (request.content_length or 0) > LARGEST_UPLOAD:
        raise RequestEntityTooLarge
    request.max_content_length = LARGEST_UPLOAD


def read_form() -> dict[str, Any]:
    """Return the parts of the request's form by name: text, and files as `FileStorage`.

    Raises 400, 408 and 413 problems, and `ValidationError` for a part that comes twice.
    """
    end_reading()
    # Kept in memory: it is of one file at most that anybody wants the content.
    parser = FormDataParser(_in_memory, LARGEST_TEXT, LARGEST_UPLOAD, silent=False, max_form_parts=MOST_PARTS)
    try:
        _, texts, files = parser.parse(request.stream, FORM, request.content_length, request.mimetype_params)
    except ClientDisconnected:  # or fell silent
        raise RequestTimeout from None
    except ValueError:
        raise InvalidForm from None
    return _once(texts, files)


def _in_memory(*_facts: Any, **_named: Any) -> BytesIO:
    return BytesIO()


def _once(*parts: MultiDict[str, Any]) -> dict[str, Any]:
    """Return what each name stands for. Raises `InvalidForm` for a part without one, and `ValidationError` for names
    that stand for several things, and for text that is not in the alphabet it says, or else UTF-8."""
    found: dict[str, list[Any]] = {}
    for name, value in (one for some in parts for one in some.items(multi=True)):
        found.setdefault(name or "", []).append(value)
    if "" in found:
        raise InvalidForm("A part has no name.")
    wrong = {name: ["Must be UTF-8."] for name, values in found.items() if any(_is_broken(value) for value in values)}
    wrong |= {name: ["Must be sent once."] for name, values in found.items() if len(values) > 1}
    if wrong:
        raise ValidationError(wrong)
    return {name: value for name, (value,) in found.items()}


def _is_broken(value: Any) -> bool:
    """Say whether it is text in which werkzeug has replaced what it could not decode."""
    return isinstance(value, str) and "\N{REPLACEMENT CHARACTER}" in value
