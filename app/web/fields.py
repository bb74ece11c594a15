"""Strict JSON fields: a value has the right type or is refused (422); nothing is coerced.

A field whose values are not JSON values already defines `dump_value(value)`, which turns one (never `None`) into JSON:
the fast path of `app.web.schemas.Schema` calls it directly; one whose values the JSON provider writes says `is_native`.
Bounds are enforced and documented from the same numbers.
"""

import re
from collections.abc import Mapping
from datetime import date, datetime
from operator import attrgetter
from typing import Any

from marshmallow import Schema, ValidationError, fields

from app.extensions import business
from app.kit.money import LARGEST_AMOUNT, Money
from app.web.instants import parse_date, parse_instant
from app.web.text_fields import Choice, LongText, Search, Text, ZoneName, documented, refuse

__all__ = [
    "CalendarDate",
    "Choice",
    "Flag",
    "Id",
    "Instant",
    "ListOf",
    "LongText",
    "MoneyIn",
    "MoneyOut",
    "Nested",
    "QueryFlag",
    "QueryId",
    "QueryWhole",
    "Search",
    "Text",
    "Whole",
    "Within",
    "ZoneName",
]

LARGEST_ID = 2**63 - 1
LARGEST_WHOLE = 2**31 - 1
"""What a 32-bit column holds; every count and duration fits."""

MONEY_SHOWN = {"allOf": [{"$ref": "#/components/schemas/Money"}]}
MONEY_SENT = {"allOf": [{"$ref": "#/components/schemas/MoneyIn"}]}
"""How the documents describe money in answers and in requests; `app.web.openapi` registers both components."""

_DIGITS = re.compile(r"-?[0-9]{1,19}")


class Whole(fields.Integer):
    """A JSON integer from `min` to `max`, both included (default 0 to 2^31 - 1); never 1.0, "1" or true."""

    def __init__(self, *, min: int = 0, max: int = LARGEST_WHOLE, **options: Any) -> None:  # noqa: A002  # reads as a bound
        """Bound the value."""
        self.min, self.max = min, max
        super().__init__(**documented(options, minimum=min, maximum=max))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> int:
        return self.bounded(self.read(value))

    def read(self, value: Any) -> int:
        """Return the number that `value` is. Raises `ValidationError` for any other type."""
        if type(value) is not int:
            refuse("Must be a whole number.")
        return int(value)

    def bounded(self, value: int) -> int:
        """Return `value`. Raises `ValidationError` outside the bounds."""
        if not self.min <= value <= self.max:
            refuse(f"Must be between {self.min} and {self.max}.")
        return value


class Id(Whole):
    """The id of something: 1 to 2^63 - 1."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(min=1, max=LARGEST_ID, **options)


class Flag(fields.Boolean):
    """JSON true or false, and nothing like them."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if not isinstance(value, bool):
            refuse("Must be true or false.")
        return value


class Instant(fields.Field[datetime]):
    """RFC 3339 text with an offset; loads as aware UTC. The JSON provider writes it as `YYYY-MM-DDTHH:MM:SSZ`."""

    is_native = True

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(**documented(options, type="string", format="date-time"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> datetime:
        try:
            return parse_instant(value)
        except (TypeError, ValueError):
            refuse("Must be a date and time with an offset, such as 2026-03-01T09:00:00Z.")


class CalendarDate(fields.Field[date]):
    """A date, `YYYY-MM-DD`."""

    is_native = True

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(**documented(options, type="string", format="date"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> date:
        try:
            return parse_date(value)
        except (TypeError, ValueError):
            refuse("Must be a date, such as 2026-03-01.")


class ListOf(fields.List[Any]):
    """A JSON array of `min` to `max` values of one kind (default 0 to 100)."""

    def __init__(self, inner: Any, *, min: int = 0, max: int = 100, **options: Any) -> None:  # noqa: A002  # reads as a bound
        """Hold values of the field `inner`."""
        self.min, self.max = min, max
        super().__init__(inner, **documented(options, minItems=min or None, maxItems=max))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        if not isinstance(value, list):
            refuse("Must be a list.")
        if not self.min <= len(value) <= self.max:
            refuse(f"Must have {self.min} to {self.max} entries.")
        return super()._deserialize(value, attr, data, **kwargs)


class Repeated(ListOf):
    """A parameter of the query string that may come several times; what is wrong with one is filed under its name."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        try:
            return super()._deserialize(value, attr, data, **kwargs)
        except ValidationError as error:
            if isinstance(error.messages, dict):
                raise ValidationError([said for found in error.messages.values() for said in found]) from None
            raise


class Nested(fields.Nested):
    """An object of another schema; an array of them is `ListOf(Nested(OtherSchema))`."""

    def dump_value(self, value: Any) -> Any:
        """Dump through the other schema's own fast path."""
        return self.schema.dump(value, many=self.many)


class Within(Nested):
    """An object of another schema, in answers, that is made from the attributes of the very thing it is a part of."""

    _CHECK_ATTRIBUTE = False

    def dump_object(self, thing: Any) -> Any:
        """Dump the thing by the other schema."""
        return self.schema.dump(thing)


def _currency() -> str:
    return business.currency


class MoneyIn(fields.Field[Money]):
    """`{"amount": minor units, "currency"?: the business's}`; loads as `Money`."""

    def __init__(self, *, min: int = 0, max: int = LARGEST_AMOUNT, **options: Any) -> None:  # noqa: A002  # reads as a bound
        """Bound the amount, in minor units."""
        amount = Whole(min=min, max=max, required=True)
        self.shape = Schema.from_dict({"amount": amount, "currency": Text(load_default=_currency)})()
        super().__init__(**documented(options, **MONEY_SENT))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> Money:
        if not isinstance(value, Mapping):
            refuse('Must be an object such as {"amount": 4500}.')
        found: dict[str, Any] = self.shape.load(value)
        if found["currency"] != business.currency:
            raise ValidationError({"currency": [f"Must be {business.currency}."]})
        return Money(found["amount"], business.currency)


class MoneyOut(fields.Field[Money]):
    """`{"amount", "currency"}` from a `Money` attribute, or, with `amount=`, from two columns."""

    def __init__(self, *, amount: str | None = None, currency: str = "currency", **options: Any) -> None:
        """Read the attribute of the field's own name, or the columns named; null where the amount is null."""
        self.columns = attrgetter(amount, currency) if amount else None
        super().__init__(**documented(options, **MONEY_SHOWN))

    def dump_value(self, value: Money) -> dict[str, Any]:
        """Return the amount in minor units and its currency."""
        return {"amount": value.amount, "currency": value.currency}

    def dump_object(self, thing: Any) -> dict[str, Any] | None:
        """Return the same, from the two columns of `thing`."""
        assert self.columns is not None  # noqa: S101  # the schema asks only where there are columns
        amount, currency = self.columns(thing)
        return None if amount is None else {"amount": amount, "currency": currency}


class QueryWhole(Whole):
    """A whole number in the query string, in ASCII digits."""

    def read(self, value: Any) -> int:
        """Return the number that the text is. Raises `ValidationError` for anything else."""
        if not isinstance(value, str) or not _DIGITS.fullmatch(value):
            refuse("Must be a whole number.")
        return int(value)


class QueryId(QueryWhole):
    """An id in the query string."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(min=1, max=LARGEST_ID, **options)


class QueryFlag(Flag):
    """`true` or `false` in the query string."""

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> bool:
        if value not in {"true", "false"}:
            refuse("Must be true or false.")
        return bool(value == "true")
