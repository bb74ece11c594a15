"""What stands in paths: ids, dates, tokens, and the names of things. Anything else there is no such path."""

from datetime import date
from typing import Any

from flask import Flask
from flask_smorest import Api
from werkzeug.exceptions import NotFound
from werkzeug.routing import BaseConverter

from app.web.fields import LARGEST_ID
from app.web.instants import parse_date
from app.web.text import has_control


class IdConverter(BaseConverter):
    """`<id:name>`: ASCII digits. What is past 64 bits becomes 0, which names nothing (`not_found`)."""

    regex = "[0-9]{1,100}"

    def to_python(self, value: str) -> int:
        """Return the id."""
        number = int(value)
        return number if number <= LARGEST_ID else 0


class DateConverter(BaseConverter):
    """`<date:name>`: a date of the calendar, `YYYY-MM-DD`."""

    regex = "[0-9]{4}-[0-9]{2}-[0-9]{2}"

    def to_python(self, value: str) -> date:
        """Return the date; an impossible one is no such path, whichever the method."""
        try:
            return parse_date(value)
        except ValueError:
            raise NotFound from None  # a ValidationError would become 405 where another method has a rule too

    def to_url(self, value: date) -> str:
        """Return the date as it stands in a path."""
        return value.isoformat()


class TextConverter(BaseConverter):
    """`<text:name>`: what something is called, in one line without slashes."""

    def to_python(self, value: str) -> str:
        """Return the text; what no text may contain makes it no such path."""
        if has_control(value):
            raise NotFound
        return value


class TokenConverter(BaseConverter):
    """`<token:name>`: a secret, such as a mailed link carries. It stays out of the log."""

    regex = "[A-Za-z0-9_-]{1,200}"


def install(app: Flask, api: Api) -> None:
    """Give `app` and the documents of `api` the converters; serve a trailing slash without redirecting."""
    app.url_map.strict_slashes = False
    app.url_map.merge_slashes = False
    app.url_map.converters |= {"id": IdConverter, "date": DateConverter, "text": TextConverter, "token": TokenConverter}
    api.flask_plugin.register_converter(IdConverter, _id_schema)
    api.flask_plugin.register_converter(DateConverter, _date_schema)
    api.flask_plugin.register_converter(TextConverter, _text_schema)
    api.flask_plugin.register_converter(TokenConverter, _token_schema)


def _id_schema(_converter: Any) -> dict[str, Any]:
    return {"type": "integer", "format": "int64", "minimum": 1}


def _date_schema(_converter: Any) -> dict[str, Any]:
    return {"type": "string", "format": "date"}


def _text_schema(_converter: Any) -> dict[str, Any]:
    return {"type": "string", "minLength": 1}


def _token_schema(_converter: Any) -> dict[str, Any]:
    return {"type": "string", "pattern": TokenConverter.regex}
