"""All notices. A room that has something to tell adds its own here."""

from app.models import NoticeChannel
from app.notifications import admins, bookings, orders, payments, waitlist
from app.notifications.notice import Notice

NOTICES: dict[str, Notice] = {
    one.kind: one for room in (bookings, waitlist, orders, payments, admins) for one in room.NOTICES
}
"""By their kinds."""

ACCOUNT_MAILS = (
    "reset_password",
    "invitation",
    "verify_email",
    "confirm_email",
    "email_changing",
    "password_changed",
)
"""The kinds of mail that every account gets, whatever it wishes."""


def kinds_of(channel: NoticeChannel) -> dict[str, bool]:
    """Return the kinds of notices that go by a channel, and of each whether it may be switched off."""
    own = {kind: may_be_muted(kind, channel) for kind, one in NOTICES.items() if channel in one.channels}
    return own | dict.fromkeys(ACCOUNT_MAILS, False) if channel is NoticeChannel.EMAIL else own


def may_be_muted(kind: str, channel: NoticeChannel) -> bool:
    """Say whether a kind of notice may be switched off: any text, and by mail what is not about an agreement."""
    return channel is NoticeChannel.SMS or (kind in NOTICES and NOTICES[kind].optional)
