"""Files in: a form of a few parts (multipart/form-data, RFC 7578), of at most 10 MiB, in place of a JSON body; and
tables, of at most 1 MiB, in place of a form.

What can be told by the headers is refused before anything is read; the form is read once the guard has let its sender
in, and outside every transaction: a slow sender holds no lock and no connection.
"""

from collections.abc import Callable
from io import BytesIO
from typing import Any, Final, TypeVar

from flask import current_app, request
from marshmallow import ValidationError, fields
from werkzeug.datastructures import FileStorage, MultiDict
from werkzeug.exceptions import ClientDisconnected, RequestEntityTooLarge, RequestTimeout, UnsupportedMediaType
from werkzeug.formparser import FormDataParser

from app.kit.errors import BadRequest
from app.transactions import end_reading
from app.web import tables
from app.web.text_fields import documented, refuse

LARGEST_UPLOAD: Final = 10 * 1024 * 1024
LARGEST_TEXT: Final = 500_000
MOST_PARTS: Final = 10
FORM: Final = "multipart/form-data"

MARK: Final = "takes_upload"
"""The attribute of a view that takes a form; the decorators around it hand it on."""

PART: Final = "csv_part"
"""The attribute of a view that takes a table: the part of its form that the table would be."""

LARGEST_TABLE: Final = 1024 * 1024


View = TypeVar("View", bound=Callable[..., Any])


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


def takes_csv(part: str) -> Callable[[View], View]:
    """Let a view take a table (text/csv, RFC 4180) as its body, in place of a form in which that is `part`."""

    def mark(view: View) -> View:
        setattr(view, PART, part)
        return view

    return mark


def check_headers(view: Any) -> None:
    """Refuse by its headers a request that carries no form, nor a table where the view takes one: 400, 413, 415."""
    part = getattr(view, PART, None)
    if request.headers.get("Content-Encoding", "identity").lower() != "identity":
        raise UnsupportedMediaType
    largest = LARGEST_UPLOAD if part is None else LARGEST_TABLE
    request.max_content_length = largest + 1  # where werkzeug cuts off a body that says no length, silently
    if (request.content_length or 0) > largest:
        raise RequestEntityTooLarge
    if part is None or request.mimetype != tables.MEDIA_TYPE:
        _check_form()


def _check_form() -> None:
    if request.mimetype != FORM:
        raise UnsupportedMediaType
    if not request.mimetype_params.get("boundary", "").isascii() or not request.mimetype_params.get("boundary"):
        raise InvalidForm("The content type names no boundary.")


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


def read_table() -> dict[str, Any]:
    """Return the request's body as the one part of the form whose place it takes. Raises 408 and 413 problems."""
    end_reading()
    try:
        content = request.get_data(cache=False)
    except ClientDisconnected:  # or fell silent
        raise RequestTimeout from None
    if len(content) > LARGEST_TABLE:
        raise RequestEntityTooLarge
    view = current_app.view_functions[request.endpoint or ""]
    return {getattr(view, PART): FileStorage(BytesIO(content), content_type=request.content_type)}


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
