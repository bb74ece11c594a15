"""Query strings: what one said before it says again, and nobody can change that for others."""

from typing import Any

import pytest
from flask import Flask
from marshmallow import fields

from app.kit.errors import Invalid
from app.web.fields import QueryWhole, Text
from app.web.parsing import LONGEST_QUERY, Parser
from app.web.schemas import QuerySchema


class Asked(QuerySchema):
    limit = QueryWhole(load_default=20, max=100)
    q = Text(load_default=None, max=1000)
    words = fields.List(fields.String(), load_default=lambda: ["all"])


class Secret(Asked):
    is_remembered = False


@pytest.fixture
def loads(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Return what is really read, as it grows."""
    seen: list[Any] = []
    load = Asked.load

    def noted(self: Asked, data: Any, **options: Any) -> Any:
        seen.append(data)
        return load(self, data, **options)

    monkeypatch.setattr(Asked, "load", noted)
    return seen


def parse(parser: Parser, schema: QuerySchema, query: str) -> dict[str, Any]:
    """Return what the query string says by the schema."""
    with Flask("asked").test_request_context(f"/?{query}"):
        found: dict[str, Any] = parser.parse(schema, location="query")
    return found


def test_the_same_text_is_read_once(loads: list[Any]) -> None:
    parser, schema = Parser(), Asked()
    first = parse(parser, schema, "limit=7&q=a")
    assert (first["limit"], first["q"]) == (7, "a")
    assert parse(parser, schema, "limit=7&q=a") == first
    assert len(loads) == 1
    assert parse(parser, schema, "limit=8&q=a")["limit"] == 8
    assert parse(parser, Asked(), "limit=7&q=a") == first
    assert len(loads) == 3


def test_what_a_view_does_with_it_is_its_own(loads: list[Any]) -> None:
    parser, schema = Parser(), Asked()
    first = parse(parser, schema, "")
    first["words"].append("mine")
    first["limit"] = 1
    assert parse(parser, schema, "") == {"limit": 20, "q": None, "words": ["all"]}
    assert len(loads) == 1


@pytest.mark.parametrize(("schema", "query"), [(Asked, "q=" + "a" * LONGEST_QUERY), (Secret, "q=a")])
def test_what_is_long_or_secret_is_not_remembered(loads: list[Any], schema: type[Asked], query: str) -> None:
    parser, shape = Parser(), schema()
    assert parse(parser, shape, query) == parse(parser, shape, query)
    assert len(loads) == 2


def test_a_wrong_one_is_refused_each_time() -> None:
    parser, schema = Parser(), Asked()
    for _ in range(2):
        with pytest.raises(Invalid) as refused:
            parse(parser, schema, "limit=x")
        assert refused.value.errors.keys() == {"limit"}
