"""One small room, and an application around it that has everything of `app.web` and no database."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any, TypeVar

import orjson
from flask import Flask
from flask_smorest import Api

from app.kit.errors import Conflict, Forbidden, NotFound, Refusal, Unauthorized
from app.web import converters, docs, fields, headers, json_gate, openapi, problems, tracing
from app.web.blueprint import Blueprint, created
from app.web.schemas import QuerySchema, Schema
from config import ROOT, load_settings

View = TypeVar("View", bound=Callable[..., Any])


class Colour(StrEnum):
    RED = "red"
    BLUE = "blue"


class PartIn(Schema):
    """A part of a thing."""

    sku = fields.Text(min=1, required=True)


class ThingIn(Schema):
    """A thing to make."""

    name = fields.Text(min=1, max=20, required=True, metadata={"example": "Chair"})
    notes = fields.LongText()
    count = fields.Whole(min=1, max=9)
    flag = fields.Flag()
    at = fields.Instant()
    on = fields.CalendarDate()
    zone = fields.ZoneName()
    price = fields.MoneyIn()
    colour = fields.Choice(Colour)
    owner_id = fields.Id()
    starts_at = fields.Instant()
    parts = fields.ListOf(fields.Nested(PartIn), max=3)


class ThingOut(Schema):
    """A thing."""

    id = fields.Id(required=True)
    name = fields.Text(required=True)
    at = fields.Instant(required=True, allow_none=True)


class ThingQuery(QuerySchema):
    """Which things."""

    q = fields.Search()
    count = fields.QueryWhole(max=9)
    flag = fields.QueryFlag()
    owner_id = fields.QueryId()
    colour = fields.ListOf(fields.Choice(Colour))


class Taken(Conflict):
    code = "thing_taken"
    title = "Somebody has it."


@dataclass
class Guard:
    public: bool
    refusals: tuple[type[Refusal], ...] = (Unauthorized, Forbidden)


@dataclass
class Thing:
    id: int
    name: str
    at: datetime | None = None


def guarded(view: View) -> View:
    """Mark a view as one that wants a token; nothing checks it here."""
    view.__dict__["guard"] = Guard(public=False)
    return view


def public(view: View) -> View:
    """Mark a view as open."""
    return view


def make_app(**config: Any) -> Flask:
    """Return the application."""
    app = Flask("app", root_path=str(ROOT / "app"))
    app.config.update(config)
    app.extensions["business"] = load_settings({"FLASK_ENV": "testing"}).business
    app.extensions["cursor_key"] = b"k" * 32
    api = Api()
    tracing.install(app)
    headers.install(app)
    json_gate.install(app)
    openapi.init_api(app, api)
    converters.install(app, api)
    problems.install(app)
    api.register_blueprint(make_room())
    docs.install(app, public)
    return app


def make_room() -> Blueprint:
    """Return the room."""
    things = Blueprint("things", __name__, url_prefix="/api/things", description="Things.")

    @things.post("")
    @guarded
    @things.arguments(ThingIn)
    @things.response(201, ThingOut)
    @things.refuses(Taken)
    def create(body: dict[str, Any]) -> Any:
        """Make a thing.

        It is made at once.
        """
        if body["name"] == "taken":
            raise Taken("Gone.", extra={"alternatives": [1, 2]})
        return created(Thing(7, body["name"], datetime(2026, 1, 2, tzinfo=UTC)), "/api/things/7")

    @things.get("")
    @things.arguments(ThingQuery, location="query")
    def search(query: dict[str, Any]) -> Any:
        """Show the query as it was read."""
        return orjson.loads(orjson.dumps(query))

    @things.get("/<id:thing_id>")
    @guarded
    @things.response(200, ThingOut)
    def read(thing_id: int) -> Any:
        """Read a thing."""
        if thing_id == 0:
            raise NotFound
        return {"id": thing_id, "name": "Chair", "at": None}

    @things.delete("/<id:thing_id>")
    @guarded
    @things.response(204)
    def remove(thing_id: int) -> None:
        """Remove a thing."""

    @things.get("/on/<date:day>")
    def on(day: Any) -> dict[str, str]:
        """Show a day."""
        return {"day": day.isoformat()}

    return things
