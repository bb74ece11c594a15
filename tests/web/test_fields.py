"""Fields: the right type, within its bounds, or 422; nothing is coerced."""

from datetime import UTC, date, datetime
from typing import Any

import orjson
import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import given
from hypothesis import strategies as st
from marshmallow import ValidationError

from app.kit.money import LARGEST_AMOUNT, Money
from app.web.instants import parse_instant
from app.web.json_gate import written
from tests.cases import each_case
from tests.web.small import Colour, ThingIn


@pytest.fixture(autouse=True)
def _context(in_app: Flask) -> Flask:
    """Money asks the running application's business."""
    return in_app


def load(**body: Any) -> Any:
    return ThingIn().load({"name": "x", **body})


@each_case(
    ("field", "value"),
    [
        ("name", 5),
        ("name", None),
        ("name", True),
        ("name", ["a"]),
        ("name", ""),
        ("name", " \t "),
        ("name", "\u200b\u200d"),
        ("name", "\u00a0"),
        ("name", "x" * 21),
        ("name", "a\nb"),
        ("name", "a\x00b"),
        ("name", "a\x1bb"),
        ("name", "a\x85b"),
        ("name", "\ud800"),
        ("notes", "a" + "\u0301" * 21),
        ("notes", "a\x07b"),
        ("notes", "x" * 2001),
        ("count", "5"),
        ("count", 1.0),
        ("count", True),
        ("count", 0),
        ("count", 10),
        ("count", 2**70),
        ("count", None),
        ("flag", 1),
        ("flag", 0),
        ("flag", "true"),
        ("flag", None),
        ("owner_id", 0),
        ("owner_id", -1),
        ("owner_id", 2**63),
        ("owner_id", "1"),
        ("at", "2026-01-01"),
        ("at", "2026-01-01T10:00:00"),
        ("at", "2026-01-01T10:00Z"),
        ("at", "2026-01-01T10:00:00 Z"),
        ("at", "2026-02-30T10:00:00Z"),
        ("at", "2026-01-01T24:00:00Z"),
        ("at", "2026-01-01T10:00:00+24:00"),
        ("at", "2026-01-01T10:00:00+0300"),
        ("at", "0001-01-01T00:00:00+14:00"),
        ("at", "9999-12-31T23:59:59-14:00"),
        ("at", "infinity"),
        ("at", "now"),
        ("at", "٢٠٢٦-01-01T10:00:00Z"),
        ("at", 1767258000),
        ("at", None),
        ("on", "2026-1-1"),
        ("on", "20260101"),
        ("on", "2026-02-29"),
        ("on", "2026-01-01T00:00:00Z"),
        ("on", "9999-12-31"),
        ("on", 20260101),
        ("zone", "Mars/Olympus"),
        ("zone", "africa/nairobi"),
        ("zone", "localtime"),
        ("zone", "../../etc/passwd"),
        ("zone", 3),
        ("colour", "green"),
        ("colour", "RED"),
        ("colour", 1),
        ("colour", ["red"]),
        ("parts", {"sku": "a"}),
        ("parts", "abc"),
        ("parts", [{"sku": "a"}] * 4),
        ("price", 5),
        ("price", []),
        ("price", {}),
        ("price", {"amount": -1}),
        ("price", {"amount": 1.0}),
        ("price", {"amount": "1"}),
        ("price", {"amount": LARGEST_AMOUNT + 1}),
        ("price", {"amount": 1, "currency": "USD"}),
        ("price", {"amount": 1, "currency": "kes"}),
        ("price", {"amount": 1, "currency": None}),
        ("price", {"amount": 1, "extra": 1}),
    ],
)
def test_a_wrong_value_is_refused_and_its_field_named(field: str, value: Any) -> None:
    with pytest.raises(ValidationError) as refusal:
        load(**{field: value})
    assert list(refusal.value.messages) == [field]


@each_case(
    ("field", "value", "loaded"),
    [
        ("name", "  Zoë  ", "Zoë"),
        ("name", "\U0001f600" * 20, "\U0001f600" * 20),
        ("notes", "a" + "\u0301" * 20, "a" + "\u0301" * 20),
        ("notes", "a\r\nb\tc", "a\nb\tc"),
        ("notes", "", ""),
        ("count", 9, 9),
        ("flag", False, False),
        ("owner_id", 2**63 - 1, 2**63 - 1),
        ("at", "2026-01-01T10:00:00+03:00", datetime(2026, 1, 1, 7, tzinfo=UTC)),
        ("at", "2026-01-01t10:00:00.25z", datetime(2026, 1, 1, 10, 0, 0, 250_000, tzinfo=UTC)),
        ("on", "2024-02-29", date(2024, 2, 29)),
        ("zone", "Africa/Nairobi", "Africa/Nairobi"),
        ("colour", "red", Colour.RED),
        ("parts", [{"sku": "a"}], [{"sku": "a"}]),
        ("price", {"amount": 4500}, Money(4500, "KES")),
        ("price", {"amount": 0, "currency": "KES"}, Money(0, "KES")),
    ],
)
def test_a_right_value_is_loaded(field: str, value: Any, loaded: Any) -> None:
    assert load(**{field: value})[field] == loaded


@each_case(
    ("query", "field"),
    [
        ("q=" + "x" * 201, "q"),
        ("count=x", "count"),
        ("count=1.0", "count"),
        ("count=%C2%B2", "count"),
        ("count=+1", "count"),
        ("count=1_0", "count"),
        ("count=" + "9" * 5000, "count"),
        ("flag=yes", "flag"),
        ("flag=True", "flag"),
        ("owner_id=0", "owner_id"),
        ("owner_id=9223372036854775808", "owner_id"),
        ("colour=red&colour=green", "colour.1"),
        ("page=2", "cursor"),
        ("per_page=2", "cursor"),
    ],
)
def test_a_wrong_parameter_is_refused_and_named(query: str, field: str, client: FlaskClient) -> None:
    answer = client.get(f"/api/things?{query}")
    assert answer.status_code == 422
    assert answer.json is not None
    assert field in answer.json["errors"]


def test_parameters_are_read_from_text_and_others_ignored(client: FlaskClient) -> None:
    answer = client.get("/api/things?q=+hair+&count=3&flag=false&owner_id=12&colour=red&colour=blue&utm=1")
    expected = {"q": "hair", "count": 3, "flag": False, "owner_id": 12, "colour": ["red", "blue"]}
    assert answer.json == expected


@given(st.datetimes(datetime(1000, 1, 1), datetime(9000, 1, 1), timezones=st.timezones()))  # noqa: DTZ001  # the zone is drawn
def test_an_instant_comes_back_as_it_went(at: datetime) -> None:
    assert parse_instant(orjson.loads(written(at.astimezone(UTC)))) == at.astimezone(UTC)


@pytest.mark.parametrize(
    ("at", "text"),
    [
        (datetime(2026, 1, 1, 9, tzinfo=UTC), "2026-01-01T09:00:00Z"),
        (datetime(2026, 1, 1, 9, 0, 0, 120_000, tzinfo=UTC), "2026-01-01T09:00:00.120000Z"),
    ],
)
def test_an_instant_is_written_in_utc(at: datetime, text: str) -> None:
    assert written(at) == f'"{text}"'.encode()


@given(st.text())
def test_any_text_is_loaded_or_refused_never_an_error_of_ours(text: str) -> None:
    for field in ("name", "notes", "at", "on", "zone", "colour"):
        assert ThingIn(only=(field,)).validate({field: text}).keys() <= {field}
