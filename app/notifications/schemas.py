"""The shapes of notifications and of what people wish."""

from typing import Any

from app.models import NoticeChannel, NoticeStatus
from app.notifications.catalogue import kinds_of, may_be_muted
from app.web.fields import Choice, Flag, Id, Instant, ListOf, Nested, QueryId, Text, Whole
from app.web.pagination import PageArgs, sort_by
from app.web.schemas import Schema


class NotificationsQuery(PageArgs):
    """Which notifications; the newest come first."""

    sort = sort_by("created_at", default="-created_at")
    status = Choice(NoticeStatus, load_default=None)
    user_id = QueryId(load_default=None, metadata={"description": "To whom."})
    booking_id = QueryId(load_default=None, metadata={"description": "About which booking."})
    order_id = QueryId(load_default=None, metadata={"description": "About which order."})


class NotificationOut(Schema):
    """One mail or text to one person: never its words."""

    id = Id(required=True)
    kind = Text(required=True, metadata={"example": "booking_confirmed"})
    channel = Choice(NoticeChannel, required=True)
    user_id = Id(required=True)
    address = Text(
        required=True,
        allow_none=True,
        metadata={"example": "ada@example.com", "description": "Null before it is sent, and once its owner is erased."},
    )
    about_type = Text(required=True, metadata={"example": "booking"})
    about_id = Id(required=True, allow_none=True, metadata={"example": 17})
    status = Choice(NoticeStatus, required=True, metadata={"example": "sent"})
    reason = Text(required=True, metadata={"example": "", "description": "Why it was suppressed, or failed."})
    attempts = Whole(required=True, metadata={"example": 1})
    created_at = Instant(required=True)
    sent_at = Instant(required=True, allow_none=True)


def _kinds(channel: NoticeChannel, *, required: bool) -> Nested:
    """Return the field of a channel: a flag for each kind of notice that goes by it."""
    flags: dict[str, Any] = {
        kind: Flag(required=required, metadata={"example": True, "description": _said(kind, channel)})
        for kind in sorted(kinds_of(channel))
    }
    name = f"Notices{channel.value.title()}{'Out' if required else 'In'}"
    said = {} if required else {"example": {next(kind for kind in flags if may_be_muted(kind, channel)): False}}
    return Nested(Schema.from_dict(flags, name=name), required=required, metadata=said)


def _said(kind: str, channel: NoticeChannel) -> str:
    return "May be switched off." if may_be_muted(kind, channel) else "Cannot be switched off."


class WishesIn(Schema):
    """What is to be told by which way from now on; what is left out stays."""

    email: Any = _kinds(NoticeChannel.EMAIL, required=False)
    sms: Any = _kinds(NoticeChannel.SMS, required=False)


class WishesOut(Schema):
    """What is told by which way, and what cannot be switched off."""

    email: Any = _kinds(NoticeChannel.EMAIL, required=True)
    sms: Any = _kinds(NoticeChannel.SMS, required=True)
    required = ListOf(Text(), required=True, metadata={"example": ["email.booking_confirmed"]})
