"""Dumps: the same as marshmallow's own, and fast."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from time import perf_counter
from typing import Any

import marshmallow
import orjson
import pytest

from app.kit.money import Money
from app.web import fields
from app.web.json_gate import written
from app.web.schemas import Schema, list_of
from tests.web.small import Colour

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)


@dataclass
class Part:
    name: str = "leg"
    price_amount: int | None = 5
    currency: str = "KES"


@dataclass
class Thing:
    id: int = 1
    name: str = "Chair"
    colour: Colour = Colour.RED
    at: datetime | None = AT
    on: date = date(2026, 3, 1)
    price: Money | None = field(default_factory=lambda: Money(5, "KES"))
    part: Part | None = field(default_factory=Part)
    parts: list[Part] = field(default_factory=lambda: [Part(), Part()])
    days: list[date] = field(default_factory=lambda: [date(2026, 3, 1)])


class Loud(fields.Text):
    """Text that is shown otherwise than it is kept."""

    def dump_value(self, value: str) -> str:
        return value.upper()


class PartOut(Schema):
    label = fields.Text(attribute="name")
    price = fields.MoneyOut(amount="price_amount")


class ThingOut(Schema):
    id = fields.Id()
    title = fields.Text(attribute="name", data_key="caption")
    colour = fields.Choice(Colour)
    at = fields.Instant()
    on = fields.CalendarDate()
    price = fields.MoneyOut()
    part = fields.Nested(PartOut)
    parts = fields.ListOf(fields.Nested(PartOut))
    days = fields.ListOf(fields.CalendarDate())
    leg = fields.Text(attribute="part.name")
    shout = marshmallow.fields.Function(lambda thing: thing.name.upper())


PART = {"label": "leg", "price": {"amount": 5, "currency": "KES"}}
WHOLE = {
    "id": 1,
    "caption": "Chair",
    "colour": "red",
    "at": "2026-03-01T09:00:00Z",
    "on": "2026-03-01",
    "price": {"amount": 5, "currency": "KES"},
    "part": PART,
    "parts": [PART, PART],
    "days": ["2026-03-01"],
    "leg": "leg",
    "shout": "CHAIR",
}


def test_everything_is_dumped_ready_for_json() -> None:
    assert orjson.loads(written(ThingOut().dump(Thing()))) == WHOLE


def test_nothing_is_dumped_as_null() -> None:
    class Out(Schema):
        at = fields.Instant()
        price = fields.MoneyOut()
        part = fields.Nested(PartOut)

    assert Out().dump(Thing(at=None, price=None, part=None)) == {"at": None, "price": None, "part": None}
    assert PartOut().dump(Part(price_amount=None))["price"] is None


def test_a_dict_may_leave_keys_out() -> None:
    class Out(Schema):
        id = fields.Id()
        at = fields.Instant()

    assert Out().dump({"id": 1}) == {"id": 1}
    assert Out().dump({"id": 1, "at": AT}) == {"id": 1, "at": AT}
    assert Out().dump([{"id": 1}], many=True) == [{"id": 1}]


def test_an_attribute_that_is_missing_is_our_error() -> None:
    with pytest.raises(AttributeError):
        PartOut().dump(object())


def test_a_list_is_dumped_in_its_envelope() -> None:
    schema = list_of(PartOut)()
    assert schema.dump({"items": [Part()], "next_cursor": None}) == {"items": [PART], "next_cursor": None}
    assert schema.dump({"items": [], "next_cursor": "x", "total": 0})["total"] == 0
    assert list_of(PartOut).__name__ == "PartList"


def test_a_hundred_objects_of_twelve_fields_cost_less_than_half_a_millisecond() -> None:
    names = [f"f{number}" for number in range(10)]
    members: dict[str, Any] = {name: fields.Text() for name in names}
    schema = type("Out", (Schema,), {**members, "at": fields.Instant(), "price": fields.MoneyOut()})(many=True)
    row = type("Row", (), {**dict.fromkeys(names, "x"), "at": AT, "price": Money(5, "KES")})
    rows = [row() for _ in range(100)]

    def seconds() -> float:
        began = perf_counter()
        schema.dump(rows)
        return perf_counter() - began

    assert min(seconds() for _ in range(50)) < 0.0005


def test_a_field_of_a_plain_kind_may_still_dump_its_own_way() -> None:
    class LoudOut(Schema):
        name = Loud()
        names = fields.ListOf(Loud())

    assert LoudOut().dump({"name": "leg", "names": ["arm"]}) == {"name": "LEG", "names": ["ARM"]}
