"""The shapes of asking what can be had, and of the answers."""

from typing import Any

from marshmallow import validates_schema

from app.bookings.asking import MOST_PARTY, check_ends, check_one_kind
from app.models.booking import MOST_ITEMS
from app.web.fields import (
    CalendarDate,
    Flag,
    Instant,
    ListOf,
    Nested,
    QueryId,
    QueryWhole,
    Repeated,
    Text,
    ZoneName,
)
from app.web.schemas import QuerySchema, Schema
from app.web.slots import ListShown, SlotOut


class AvailabilityQuery(QuerySchema):
    """Which services in their order, with whom, or which space; on which days of which zone."""

    service_id = Repeated(QueryId(), max=MOST_ITEMS, load_default=list, metadata={"description": "Repeatable."})
    staff_id = QueryId(load_default=None)
    space_id = QueryId(load_default=None)
    reschedule_of = QueryId(load_default=None, metadata={"description": "A booking whose own time counts as free."})
    first = CalendarDate(required=True, data_key="from")
    last = CalendarDate(required=True, data_key="to", metadata={"description": "Included; at most 62 days."})
    timezone = ZoneName(load_default=None)

    @validates_schema
    def asks_for_one_kind(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse what asks for services and a space, or for neither."""
        check_one_kind(data, "service_id", "space_id")


class OpeningOut(Schema):
    """A time in which a space can be had: any start and end in it, on the grid and of a lawful length."""

    starts_at = Instant(required=True, metadata={"example": "2026-12-01T06:00:00Z"})
    ends_at = Instant(required=True, metadata={"example": "2026-12-01T14:00:00Z"})


class DayOut(Schema):
    """The slots that start on one date; or, of a space, the times that are open."""

    date = CalendarDate(required=True)
    slots = ListOf(Nested(SlotOut))
    open = ListOf(Nested(OpeningOut))


class AvailabilityOut(Schema):
    """Days of `timezone`, each with its slots."""

    timezone = Text(required=True, metadata={"example": "Africa/Nairobi"})
    days = ListShown(Nested(DayOut), required=True)


class CheckQuery(QuerySchema):
    """One start of a service, or one time of a space."""

    service_id = QueryId(load_default=None)
    staff_id = QueryId(load_default=None)
    space_id = QueryId(load_default=None)
    party_size = QueryWhole(min=1, max=MOST_PARTY, load_default=1)
    starts_at = Instant(required=True)
    ends_at = Instant(load_default=None, metadata={"description": "The end of the work; may be left out."})

    @validates_schema
    def asks_for_one_thing(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse what asks for a service and a space, or for neither; a space without its end; a backward interval."""
        check_one_kind(data, "service_id", "space_id")
        check_ends(data, needed=data["space_id"] is not None)


class CheckOut(Schema):
    """Whether it can be had; if not, the reasons by precedence and what is near."""

    available = Flag(required=True, metadata={"example": False})
    reasons = ListOf(Text(), required=True, metadata={"example": ["slot_taken"]})
    alternatives = ListOf(Nested(SlotOut), required=True)
