"""The shapes of webhooks and their deliveries."""

from typing import Any

from marshmallow import fields

from app.integrations.webhooks import fault_of
from app.models import DeliveryStatus, DisabledBy
from app.models.webhook import LONGEST_URL
from app.web.fields import Choice, Flag, Id, Instant, ListOf, Nested, Text, Whole
from app.web.pagination import PageArgs, page_args, sort_by
from app.web.schemas import Schema
from app.web.text_fields import documented, refuse
from app.webhooks.catalogue import ALL, CHOICES

URL = "https://hooks.example.com/parlour"
SECRET = "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD"  # noqa: S105  # the example of the specification


class WebhookUrl(Text):
    """Where an endpoint is: an https address on the public internet, unless the settings allow more."""

    def __init__(self, **options: Any) -> None:
        """Take the options of any field."""
        super().__init__(min=1, max=LONGEST_URL, **documented(options, format="uri", example=URL))

    def checked(self, value: str) -> str:
        """Return the address. Raises `ValidationError` for one that may not be called."""
        url = super().checked(value)
        fault = fault_of(value.strip(" "))  # nothing that only looks like a blank is trimmed
        return url if fault is None else refuse(fault)


class EventName(fields.String):
    """The name of an event, or `*` for all of them."""

    def __init__(self, **options: Any) -> None:
        """Allow the names of the catalogue."""
        super().__init__(**documented(options, enum=[ALL, *CHOICES], example="booking.confirmed"))

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> str:
        if value == ALL or value in CHOICES:
            return str(value)
        return refuse("Must be * or one of GET /api/webhooks/events.")


class EventNames(ListOf):
    """The events that an endpoint is told of, each once."""

    def __init__(self, **options: Any) -> None:
        """Want at least one."""
        super().__init__(EventName(), min=1, **options)

    def _deserialize(self, value: Any, attr: str | None, data: Any, **kwargs: Any) -> list[Any]:
        return sorted(set(super()._deserialize(value, attr, data, **kwargs)))


class WebhookIn(Schema):
    """An endpoint to tell of events."""

    url = WebhookUrl(required=True)
    events = EventNames(required=True)
    description = Text(max=200, load_default="", metadata={"example": "Accounting"})


class WebhookChangesIn(Schema):
    """The fields of an endpoint to change."""

    url = WebhookUrl()
    events = EventNames()
    description = Text(max=200, metadata={"example": "Accounting"})
    active = Flag(metadata={"description": "False: it is sent nothing, and what waits for it waits on."})


class DisabledOut(Schema):
    """Since when an endpoint is sent nothing, and why."""

    at = Instant(required=True)
    by = Choice(DisabledBy, required=True, metadata={"description": "`gone`: it answered 410; `failing`: for a day."})


class WebhookOut(Schema):
    """An endpoint, without its secret."""

    id = Id(required=True)
    url = Text(required=True, max=LONGEST_URL, metadata={"example": URL})
    description = Text(required=True, metadata={"example": "Accounting"})
    events = ListOf(EventName(), required=True)
    active = Flag(required=True)
    disabled = Nested(DisabledOut, required=True, allow_none=True)
    failing_since = Instant(required=True, allow_none=True)
    old_secret_until = Instant(
        required=True, allow_none=True, metadata={"description": "Until then both secrets sign, after a rotation."}
    )
    created_at = Instant(required=True)
    updated_at = Instant(required=True)


class WebhookIssuedOut(WebhookOut):
    """An endpoint and its new secret, which is never shown again."""

    secret = Text(required=True, metadata={"example": SECRET})


class EventOut(Schema):
    """An event that an endpoint may ask for."""

    name = EventName(required=True)
    description = Text(required=True, metadata={"example": "A booking is agreed."})


class DeliveryOut(Schema):
    """What became of one event at one endpoint. Of its answers nothing is kept but the last one's status."""

    id = Id(required=True)
    webhook_id = Id(required=True)
    message_id = Text(
        required=True,
        attribute="key",
        metadata={"example": "msg_3k8v0q5m2x7c9z4b1n6h8j0f2d", "description": "The `webhook-id` of every attempt."},
    )
    event = Text(required=True, metadata={"example": "booking.confirmed"})
    about = fields.Dict(required=True, metadata={"example": {"booking_id": 17}})
    status = Choice(DeliveryStatus, required=True, metadata={"example": "delivered"})
    attempts = Whole(required=True, metadata={"example": 1})
    next_attempt_at = Instant(required=True, allow_none=True, metadata={"description": "Not before."})
    last_attempt_at = Instant(required=True, allow_none=True, metadata={"example": "2026-12-01T09:00:01Z"})
    last_status_code = Whole(required=True, allow_none=True, attribute="last_status", metadata={"example": 204})
    last_error = Text(required=True, metadata={"example": "", "description": "Why there was no answer."})
    last_duration_ms = Whole(required=True, allow_none=True, attribute="last_ms", metadata={"example": 87})
    delivered_at = Instant(required=True, allow_none=True, metadata={"example": "2026-12-01T09:00:01Z"})
    happened_at = Instant(required=True)
    created_at = Instant(required=True)


WebhooksQuery = page_args(default="created_at", keys=("created_at",))


class DeliveriesQuery(PageArgs):
    """Which deliveries; the newest come first."""

    sort = sort_by("created_at", default="-created_at")
    status = Choice(DeliveryStatus, load_default=None)
