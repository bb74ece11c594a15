"""The house schema: strict at the way in, fast at the way out."""

from collections.abc import Mapping
from functools import cache, cached_property
from typing import Any, ClassVar, Self

import marshmallow
from marshmallow import EXCLUDE, RAISE, ValidationError, pre_load
from marshmallow.fields import Field

from app.web.dumping import Convert, Plan
from app.web.fields import ListOf, Nested, Text, Whole
from app.web.legacy_fields import MOVED, RENAMED, new_name

PAGE_WISE = ("page", "per_page")


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

    @cached_property
    def dump_one(self) -> Convert:
        """What dumps one object: the plan itself, unless the shape has a `dump` of its own."""
        return self._plan.dump if type(self).dump is Schema.dump else self.dump

    def handle_error(self, error: ValidationError, data: Any, *, many: bool, **_kwargs: Any) -> None:
        """Say the new name of a field that earlier backends called otherwise."""
        if many or not isinstance(error.messages, dict):
            return
        for name in error.messages.keys() - self._load_names.keys():
            hint = self._renamed(name) or MOVED.get(name)
            if hint:
                error.messages[name] = [f"Unknown field; {hint}."]

    def _renamed(self, name: str) -> str | None:
        """Return what to tell whoever calls a field of this shape by its earlier name, and what the field is for."""
        new = new_name(name, self._load_names)
        about = self._load_names[new].metadata.get("description", "") if new else ""
        return f"it is called {new}. {about}".rstrip(". ") if new else None

    @cached_property
    def _load_names(self) -> dict[str, Field[Any]]:
        return {field.data_key or name: field for name, field in self.load_fields.items()}

    @cached_property
    def _plan(self) -> Plan:
        return Plan(self.dump_fields)


class QuerySchema(Schema):
    """The shape of a query string: unknown parameters are ignored, but for those that earlier backends knew.

    What it loads follows from the text alone, so that the same text need not be read again.
    """

    is_remembered: ClassVar[bool] = True
    """False of one that has secrets in it."""

    class Meta:
        """Links carry all kinds of parameters of other people."""

        unknown = EXCLUDE

    @pre_load
    def refuse_earlier(self, data: Mapping[str, Any], **_kwargs: Any) -> Mapping[str, Any]:
        """Refuse `page` and `per_page`, as lists go on by cursor; and the earlier name of a parameter that there is."""
        wrong = {name: ["Lists go on by cursor and limit."] for name in PAGE_WISE if name in data}
        if wrong:
            wrong["cursor"] = ["Send the next_cursor of the answer before."]
        for name in data.keys() & RENAMED.keys() - self._load_names.keys():
            if new_name(name, self._load_names):
                wrong[name] = ["Unknown field."]  # `handle_error` says the rest
        if wrong:
            raise ValidationError(dict(wrong))
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
