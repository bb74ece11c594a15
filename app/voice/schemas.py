"""The shapes of conversations, and of other names."""

from datetime import date
from typing import Any

from marshmallow import INCLUDE, ValidationError, fields, post_load, validates_schema

from app.bookings.asking import MOST_PARTY
from app.diary.schemas import ClockTime
from app.models import LONGEST_ALIAS, AliasKind
from app.voice.turn import Status
from app.voice.understanding import LONGEST, Intent
from app.web.fields import (
    CalendarDate,
    Choice,
    Flag,
    Id,
    Instant,
    ListOf,
    LongText,
    Nested,
    Text,
    Whole,
    ZoneName,
)
from app.web.pagination import PageArgs, sort_by
from app.web.schemas import Schema
from app.web.slots import MoneyShown, SlotOut

LONGEST_NAME = 200
SAID = "book a men's cut with Jane next Friday afternoon"
ASKED = "On which day do you want to come?"
MESSAGE = {"text": {"text": [ASKED]}}
WEBHOOK = {
    "session": "projects/parlour/agent/sessions/abc",
    "queryResult": {"queryText": SAID, "parameters": {}, "languageCode": "en"},
    "originalDetectIntentRequest": {"payload": {"access_token": "eyJhbGciOiJIUzI1NiJ9.e30.c2lnbmVk"}},
}
TOKEN = "Zk3vJw0yqkq5f0mB5n6x0w7b8k0p2q4r6s8t0u2v4x6"  # noqa: S105  # an example


class ParametersIn(Schema):
    """What an NLP service has found in the client's words; names are looked up, typing errors forgiven."""

    service = Text(max=LONGEST_NAME, metadata={"example": "haircut"})
    staff = Text(max=LONGEST_NAME)
    space = Text(max=LONGEST_NAME)
    date = CalendarDate(metadata={"description": "A day of the venue's, or of `timezone`."})
    time = ClockTime(metadata={"description": "By the same clock."})
    party_size = Whole(min=1, max=MOST_PARTY)

    @post_load
    def as_said(self, data: dict[str, Any], **_kwargs: Any) -> dict[str, Any]:
        """Return days and times in the form in which a conversation keeps them."""
        day, minutes = data.get("date"), data.get("time")
        written: dict[str, Any] = {"date": day.isoformat()} if isinstance(day, date) else {}
        if minutes is not None:
            written["time"] = f"{minutes // 60:02}:{minutes % 60:02}"
        return data | written


class TurnIn(Schema):
    """What the client says: as `text`, or already understood as `intent` and `parameters`."""

    text = LongText(min=1, max=LONGEST, metadata={"example": SAID})
    intent = Choice(Intent)
    parameters = Nested(ParametersIn)
    timezone = ZoneName(metadata={"description": "Whose days and clock are meant; left out, the venue's."})
    session_id = Text(min=1, max=64, metadata={"description": "Of the answer before; left out, a conversation begins."})

    @validates_schema
    def says_it_once(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse what says nothing, or both words and what was made of them."""
        if "text" in data and data.keys() & {"intent", "parameters"}:
            raise ValidationError("Send text, or intent and parameters.", "text")
        if "text" not in data and "intent" not in data:
            raise ValidationError("Send text, or intent and parameters.", "text")


class SaidOut(Schema):
    """Something understood, the words it was read from, and how sure that is."""

    value = fields.Raw(
        required=True,
        metadata={
            "description": "`{id, name}` of things; `YYYY-MM-DD`, or `{from, to}` of several days; `HH:MM`;"
            " `{from, to}` of a window; a number of people.",
            "example": "2026-12-04",
        },
    )
    text = Text(required=True, metadata={"example": "next Friday"})
    confidence = fields.Float(required=True, metadata={"example": 1.0})
    also = ListOf(
        Text(), metadata={"description": "Days or times that were named beside it, one as good as the other."}
    )
    others = ListOf(
        fields.Raw(), metadata={"description": "What else a time, or a window, can mean: the other half of the day."}
    )
    part = Text(metadata={"description": "The part of the day that a window was made of."})


class UnderstoodOut(Schema):
    """What was understood so far. Without an entry, nothing was said of it."""

    service = Nested(SaidOut)
    staff = Nested(SaidOut)
    space = Nested(SaidOut)
    date = Nested(SaidOut)
    time = Nested(SaidOut)
    window = Nested(SaidOut)
    until = Nested(SaidOut)
    old_date = Nested(SaidOut)
    old_time = Nested(SaidOut)
    party_size = Nested(SaidOut)
    booking = Nested(SaidOut)


class ExcludedDaysOut(Schema):
    """Days on which alone a window of the day is left out."""

    kind = Text(required=True, metadata={"example": "date"})
    from_ = Text(data_key="from", attribute="from", allow_none=True, metadata={"example": "2026-12-04"})
    to = Text(allow_none=True, metadata={"example": "2026-12-04"})
    weekly = Flag(metadata={"description": "Whether every such weekday is meant."})


class ExcludedOut(Schema):
    """Something that the client does not want: a thing, days, a time, or a window of the day."""

    kind = Text(required=True, metadata={"example": "date"})
    id = Id()
    name = Text()
    from_ = Text(data_key="from", attribute="from", allow_none=True, metadata={"example": "2026-12-04"})
    to = Text(allow_none=True, metadata={"example": "2026-12-04"})
    weekly = Flag(metadata={"description": "Whether every such weekday is meant."})
    value = Text(metadata={"description": "Of a time."})
    on = Nested(ExcludedDaysOut, metadata={"description": "The days on which alone a window is left out."})


class VoiceChoiceOut(Schema):
    """One of several things that can be meant."""

    kind = Text(required=True, metadata={"example": "staff"})
    id = Id()
    name = Text(metadata={"example": "Jane Njeri"})
    value = Text(metadata={"description": "Of a day or a time."})


class OptionOut(SlotOut):
    """Time that can be had; of a space the time in which it is free, whose price depends on how much of it is taken."""

    price = MoneyShown(metadata={"description": "Left out where a space is offered: it is priced by its length."})


class TurnOut(Schema):
    """How the conversation goes on. Either `question` or `answer` is there, to be said to the client."""

    session_id = Text(required=True, metadata={"example": "7h3k9q0v5m2x8c4z1b6n0j8f2d"})
    status = Choice(Status, required=True, metadata={"example": "proposal"})
    intent = Choice(Intent, required=True, metadata={"example": "book"})
    understood = Nested(UnderstoodOut, required=True)
    excluded = ListOf(Nested(ExcludedOut), metadata={"description": "What is neither offered nor proposed."})
    question = Text(metadata={"example": "On which day do you want to come?"})
    answer = Text()
    options = ListOf(Nested(OptionOut))
    choices = ListOf(Nested(VoiceChoiceOut))
    proposal = fields.Dict(
        metadata={
            "description": "What is done when it is confirmed: `action`, the body of the booking with its names, its"
            " `price`; of a cancellation its `fee` and `refund`; until `expires_at` its time is held.",
            "example": {"action": "book", "service_id": 1, "starts_at": "2026-12-04T11:00:00Z", "party_size": 1},
        }
    )
    confirm_token = Text(metadata={"example": TOKEN})


class ConfirmIn(Schema):
    """The client's yes."""

    confirm_token = Text(required=True, min=1, max=100, metadata={"example": TOKEN})


class DialogflowIn(Schema):
    """A `WebhookRequest` of Dialogflow ES (v2) or CX (v3); what we do not know in it is ignored."""

    class Meta:
        """Their fields are theirs to add to."""

        unknown = INCLUDE


class DialogflowOut(Schema):
    """A `WebhookResponse` of the same kind: `fulfillmentText` of ES, `fulfillmentResponse` of CX."""

    fulfillmentText = Text(metadata={"example": ASKED})  # noqa: N815  # their names
    fulfillmentMessages = ListOf(fields.Dict(), metadata={"example": [MESSAGE]})  # noqa: N815  # their names
    fulfillmentResponse = fields.Dict(metadata={"description": "Of CX, with its `messages`."})  # noqa: N815  # their names
    payload = fields.Dict(metadata={"example": {"parlour": {"status": "needs_input"}}})


class AliasChangesIn(Schema):
    """Another spelling."""

    text = Text(required=True, min=1, max=LONGEST_ALIAS, metadata={"example": "short back and sides"})


class AliasIn(AliasChangesIn):
    """What clients call a service, a staff member or a space."""

    service_id = Id(metadata={"example": 1})
    staff_id = Id()
    space_id = Id()

    @validates_schema
    def names_one_thing(self, data: dict[str, Any], **_kwargs: Any) -> None:
        """Refuse a name for nothing, or for two things."""
        given = [name for name in ("service_id", "staff_id", "space_id") if name in data]
        if len(given) != 1:
            raise ValidationError("Send one of service_id, staff_id, space_id.", given[1] if given else "service_id")


class AliasOut(Schema):
    """Another name, and what is called so."""

    id = Id(required=True)
    kind = Choice(AliasKind, required=True, metadata={"example": "service"})
    service_id = Id(required=True, allow_none=True, metadata={"example": 1})
    staff_id = Id(required=True, allow_none=True)
    space_id = Id(required=True, allow_none=True)
    text = Text(required=True, metadata={"example": "short back and sides"})
    created_at = Instant(required=True)


class AliasesQuery(PageArgs):
    """The newest come first."""

    sort = sort_by("created_at", default="-created_at")
