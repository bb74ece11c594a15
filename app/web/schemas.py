"""The house schema: strict at the way in, fast at the way out."""

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any, ClassVar, Self

import marshmallow
from marshmallow import EXCLUDE, RAISE, ValidationError, pre_load

from app.web.dumping import Plan
from app.web.fields import ListOf, Nested, Text, Whole
from app.web.legacy_fields import hint_of


class Schema(marshmallow.Schema):
    """The base of every shape. In: unknown fields are refused by name. Out: `dump` is fast.

    `dump` takes objects, or dicts, whose missing keys are left out; dump hooks are not called.
    """

    class Meta:
        """An unknown field is an error that names it."""

        unknown = RAISE

    error_messages = {"type": "Must be an object.", "unknown": "Unknown field."}  # noqa: RUF012  # marshmallow's name

    def __deepcopy__(self, _memo: dict[int, Any]) -> Self:
        """Stay one object: flask-smorest copies what it documents, and a schema never changes."""
        return self

    def dump(self, obj: Any, *, many: bool | None = None) -> Any:
        """Return `obj`, or each of its members, as JSON-ready values."""
        if self.many if many is None else many:
            return [self._plan.dump(thing) for thing in obj]
        return self._plan.dump(obj)

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **_kwargs: Any) -> None:
        """Say the new name of a field that earlier backends called otherwise."""
        if many or not isinstance(error.messages, dict):
            return
        for name in error.messages.keys() - self.load_fields.keys():
            hint = hint_of(name, self.load_fields.keys())
            if hint:
                error.messages[name] = [f"Unknown field; {hint}."]

    @cached_property
    def _plan(self) -> Plan:
        return Plan(self.dump_fields)


class QuerySchema(Schema):
    """The shape of a query string: unknown parameters are ignored, those of page-wise lists explained.

    What it loads follows from the text alone, so that the same text need not be read again.
    """

    is_remembered: ClassVar[bool] = True
    """False of one that has secrets in it."""

    class Meta:
        """Links carry all kinds of parameters of other people."""

        unknown = EXCLUDE

    @pre_load
    def refuse_pages(self, data: Mapping[str, Any], **_kwargs: Any) -> Mapping[str, Any]:
        """Refuse `page` and `per_page`: lists go on by cursor."""
        wrong = {name: ["Lists go on by cursor and limit."] for name in ("page", "per_page") if name in data}
        if wrong:
            raise ValidationError({**wrong, "cursor": ["Send the next_cursor of the answer before."]})
        return data


@cache
def list_of(item: type[Schema]) -> type[Schema]:
    """Return the schema of a list's answer: `{"items", "next_cursor", "total"?}`."""
    shape = {
        "items": ListOf(Nested(item), required=True),
        "next_cursor": Text(required=True, allow_none=True, metadata={"description": "Null on the last page."}),
        "total": Whole(metadata={"description": "Only with include_total=true."}),
    }
    return type(f"{item.__name__.removesuffix('Out')}List", (Schema,), {"__doc__": "A page of a list.", **shape})
