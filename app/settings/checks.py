"""What a value must be: checks that raise `ValidationError` with what it should have been."""

import re
from collections.abc import Callable
from decimal import Decimal
from typing import Final
from urllib.parse import SplitResult, urlsplit

from marshmallow import ValidationError
from marshmallow.validate import Range

from app.kit.places import is_locale

_LIMIT: Final = re.compile(r"[1-9][0-9]{0,8}/[1-9]?[0-9]{0,3} ?(second|minute|hour|day)s?")
_HOURS: Final = re.compile(r"([01][0-9]|2[0-3]):[0-5][0-9]-([01][0-9]|2[0-3]):[0-5][0-9]")
_MAILBOX: Final = re.compile(r"([^<>@\r\n]*<)?[^<>@\s]+@[^<>@\s]+>?")

is_port: Final = Range(1, 65535)


def is_in(names: frozenset[str], what: str) -> Callable[[str], None]:
    """Return the check that a value is one of `names`."""

    def check(value: str) -> None:
        if value not in names:
            raise ValidationError(f"Must be an {what}.")

    return check


def is_web_address(value: str) -> None:
    """Check for an http or https address without query or fragment."""
    parts = parts_of(value)
    if parts.scheme not in {"http", "https"} or not parts.hostname or parts.query or parts.fragment:
        raise ValidationError("Must be an address such as https://app.example.")


def is_web_origin(value: str) -> None:
    """Check for an http or https address without a path: cookies, pages and documents are made for the root."""
    is_web_address(value)
    if parts_of(value).path.strip("/"):
        raise ValidationError("Must be an address without a path, such as https://api.example.")


def is_redis_address(value: str | None) -> None:
    """Check for the address of a Redis, or none."""
    if value is not None and parts_of(value).scheme not in {"redis", "rediss", "unix"}:
        raise ValidationError("Must be an address such as redis://127.0.0.1:6379/0.")


def is_tax_rate(value: Decimal) -> None:
    """Check for a percentage of at most four decimals."""
    Range(Decimal(0), Decimal(100))(value)
    if value != value.quantize(Decimal("0.0001")):
        raise ValidationError("Must have at most four decimals.")


def is_limit(value: str) -> None:
    """Check for so many in a period."""
    if not _LIMIT.fullmatch(value):
        raise ValidationError("Must be a limit such as 10/minute.")


def is_mailbox(value: str) -> None:
    """Check for a mail address, with a name before it or bare."""
    if not _MAILBOX.fullmatch(value):
        raise ValidationError("Must be an address such as Parlour <no-reply@parlour.example>.")


def is_language(value: str) -> None:
    """Check for a language, perhaps with its region."""
    if not is_locale(value):
        raise ValidationError("Must be a language such as en or en-GB.")


def is_time_of_day_range(value: str) -> None:
    """Check for two times of day."""
    if not _HOURS.fullmatch(value):
        raise ValidationError("Must be hours such as 21:00-08:00.")


def parts_of(value: str) -> SplitResult:
    """Take an address apart; of one that has no parts, nothing comes back."""
    try:
        return urlsplit(value)
    except ValueError:
        return urlsplit("")
