"""The shapes of series, in and out."""

from typing import Any

from marshmallow import ValidationError, post_load, validates_schema

from app.bookings.asking import request_of
from app.bookings.schemas import BookingIn, BookingOut, StepIn
from app.bookings.series.request import MOST_DATES, MOST_WEEKS, Mode, Move, Repeat, Scope, SeriesRequest
from app.bookings.series.service import Cancellation
from app.web.fields import CalendarDate, Choice, Id, Instant, ListOf, Nested, Text, Whole
from app.web.schemas import Schema
from app.web.slots import SlotOut


class RepeatIn(Schema):
    """How often: `count` dates, or until a day of the venue's calendar, included; at most 52."""

    every_weeks = Whole(min=1, max=MOST_WEEKS, required=True, metadata={"example": 2})
    count = Whole(min=2, max=MOST_DATES, metadata={"example": 6, "description": "Of dates, the first one included."})
    until = CalendarDate()

    @validates_schema
    def ends_in_one_way(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse a repetition that never ends, or ends twice."""
        if ("count" in data) == ("until" in data):
            raise ValidationError("Send either count or until.", "count")

    @post_load
    def to_repeat(self, data: dict[str, Any], **_kwargs: Any) -> Repeat:
        """Return how it repeats."""
        return Repeat(**data)


class SeriesIn(BookingIn):
    """A booking, the first, and how it repeats: at the same time by the venue's clock, whatever the clocks do."""

    class Meta:
        """A hold is for one booking."""

        exclude = ("hold_id",)

    repeat = Nested(RepeatIn, required=True)
    mode = Choice(
        Mode,
        load_default=Mode.ALL_OR_NOTHING,
        metadata={"description": "What becomes of the others where a date cannot be had."},
    )

    @post_load
    def to_request(self, data: dict[str, Any], **_kwargs: Any) -> Any:
        """Return what is asked for."""
        whole = dict(data)
        repeat, mode = whole.pop("repeat"), whole.pop("mode")
        return SeriesRequest(request_of(whole), repeat, Mode(mode))


class ScopeIn(Schema):
    """Which bookings of a series."""

    scope = Choice(
        Scope, required=True, metadata={"example": "following", "description": "`following` begins with the booking."}
    )


class SeriesCancelIn(StepIn, ScopeIn):
    """Which bookings of a series are cancelled, and why."""

    booking_id = Id(metadata={"example": 1, "description": "Not needed for `all`."})

    @validates_schema
    def says_where_to_begin(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse to cancel one, or it and the later ones, where it is not said which one."""
        if data.get("scope") != Scope.ALL and "booking_id" not in data:
            raise ValidationError("Missing data for required field.", "booking_id")

    @post_load
    def to_cancellation(self, data: dict[str, Any], **_kwargs: Any) -> Cancellation:
        """Return what is to be cancelled."""
        return Cancellation(**data | {"scope": Scope(data["scope"])})


class SeriesMoveIn(ScopeIn):
    """Where one booking of a series goes, or to whom; the others in the scope are moved by as much."""

    booking_id = Id(required=True, metadata={"example": 1})
    starts_at = Instant(metadata={"example": "2026-12-01T11:00:00+03:00"})
    staff_id = Id()

    @validates_schema
    def changes_something(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse what says neither when nor with whom."""
        if not data.keys() & {"starts_at", "staff_id"}:
            raise ValidationError("Send starts_at, staff_id or both.", "starts_at")

    @post_load
    def to_move(self, data: dict[str, Any], **_kwargs: Any) -> Move:
        """Return where it goes."""
        return Move(**data | {"scope": Scope(data["scope"])})


class DateOut(Schema):
    """One date of a series: what became of it, and what is near."""

    starts_at = Instant(required=True, metadata={"example": "2026-12-01T06:00:00Z"})
    verdict = Text(
        required=True,
        metadata={
            "example": "booked",
            "description": "`booked`; in a preview or refusal, `available`; or the reason's code.",
        },
    )
    booking = Nested(BookingOut, required=True, allow_none=True)
    alternatives = ListOf(Nested(SlotOut), required=True)


class SeriesMadeOut(Schema):
    """A new series, date by date; in a preview its id is null."""

    id = Id(required=True, allow_none=True, metadata={"example": 1})
    mode = Choice(Mode, required=True)
    items = ListOf(Nested(DateOut), required=True)


class SeriesOut(Schema):
    """A series and its bookings."""

    id = Id(required=True)
    client_id = Id(required=True, metadata={"example": 2})
    every_weeks = Whole(required=True, metadata={"example": 2})
    timezone = Text(
        required=True, metadata={"example": "Africa/Nairobi", "description": "Whose wall clock it keeps to."}
    )
    created_at = Instant(required=True, metadata={"example": "2026-11-21T08:30:00Z"})
    bookings = ListOf(Nested(BookingOut), required=True)
