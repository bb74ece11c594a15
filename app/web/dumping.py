"""The fast way out: what a schema dumps is worked out once; then an object costs little more than reading.

Plain attributes are read by one `attrgetter` in C; only those that JSON cannot hold are converted.
"""

from collections.abc import Callable, Mapping
from operator import attrgetter
from typing import Any

from marshmallow import fields

Convert = Callable[[Any], Any]

UNCHANGED = (fields.String, fields.Integer, fields.Boolean)
"""Fields whose Python values are JSON values already, unless they define `dump_value`; a `StrEnum` is its word.

So are those of a field that says `is_native`: the JSON provider writes instants and dates many times as fast.
"""


class Plan:
    """How to turn objects of one schema, or dicts, into JSON-ready dicts."""

    def __init__(self, dump_fields: Mapping[str, fields.Field[Any]]) -> None:
        """Sort the fields into plain ones, ones to convert, and ones that read the object themselves."""
        self.keys = {name: field.data_key or name for name, field in dump_fields.items()}
        own = {name: own_reader(name, field) for name, field in dump_fields.items() if reads_itself(field)}
        plain = {name: field.attribute or name for name, field in dump_fields.items() if name not in own}
        self.own = tuple((self.keys[name], reader) for name, reader in own.items())
        self.plain_keys = tuple(self.keys[name] for name in plain)
        self.read = read_all(tuple(plain.values()))
        self.names = {self.keys[name]: attribute for name, attribute in plain.items()}
        converts = {self.keys[name]: converter(field) for name, field in dump_fields.items()}
        self.converts = tuple((key, convert) for key, convert in converts.items() if convert is not None)

    def dump(self, thing: Any) -> dict[str, Any]:
        """Return one object, or one dict (whose missing keys are left out), ready for JSON."""
        found = self._from_dict(thing) if isinstance(thing, dict) else self._from_object(thing)
        for key, convert in self.converts:
            value = found.get(key)
            if value is not None:
                found[key] = convert(value)
        for key, reader in self.own:
            found[key] = reader(thing)
        return found

    def _from_object(self, thing: Any) -> dict[str, Any]:
        return dict(zip(self.plain_keys, self.read(thing), strict=True))

    def _from_dict(self, thing: dict[str, Any]) -> dict[str, Any]:
        return {key: thing[name] for key, name in self.names.items() if name in thing}


def reads_itself(field: fields.Field[Any]) -> bool:
    """Say whether the field makes its value from the whole object: two columns, a method, a constant."""
    return not field._CHECK_ATTRIBUTE or getattr(field, "columns", None) is not None  # noqa: SLF001  # as its own `serialize` does


def own_reader(name: str, field: fields.Field[Any]) -> Convert:
    """Return what such a field calls with the object."""
    dump_object: Convert | None = getattr(field, "dump_object", None)
    return dump_object or (lambda thing: field.serialize(name, thing))


def converter(field: fields.Field[Any]) -> Convert | None:
    """Return what makes one value (never null) JSON-ready, or nothing where it already is."""
    own: Convert | None = getattr(field, "dump_value", None)
    native = isinstance(field, UNCHANGED) or getattr(field, "is_native", False)
    if reads_itself(field) or (own is None and native):
        return None
    if isinstance(field, fields.List):
        inner = converter(field.inner)
        return list if inner is None else (lambda values: [inner(value) for value in values])
    if isinstance(field, fields.Nested):
        return nested(field.schema, many=bool(field.many))
    return own or (lambda value: field._serialize(value, None, None))  # noqa: SLF001  # as its own `serialize` does


def nested(schema: Any, *, many: bool) -> Convert:
    """Return what dumps a thing, or many, by another schema, without a detour: lists have hundreds."""
    dump: Convert = schema.dump_one
    return (lambda things: [dump(thing) for thing in things]) if many else dump


def read_all(names: tuple[str, ...]) -> Convert:
    """Return a function from an object to the tuple of the attributes named."""
    if not names:
        return lambda _thing: ()
    if len(names) == 1:
        (name,) = names
        one = attrgetter(name)
        return lambda thing: (one(thing),)
    return attrgetter(*names)
