"""The shapes of what a mailed link shows and takes."""

from app.bookings.schemas import MOST_REASON, BookingChangesIn, BookingOut, QuoteOut
from app.web.fields import Flag, Instant, LongText, Nested
from app.web.schemas import Schema


class CancelByLinkIn(Schema):
    """Why, if anybody wants to say."""

    reason = LongText(max=MOST_REASON, load_default="", metadata={"example": "I have to work."})


class MoveIn(BookingChangesIn):
    """Another time or staff member; what is left out stays."""

    class Meta:
        """Neither a step nor a remark."""

        exclude = ("status", "notes")


class ManagedOut(Schema):
    """A booking, and what can be done to it by the link."""

    booking = Nested(BookingOut, required=True)
    may_cancel = Flag(required=True)
    may_move = Flag(required=True)
    cancellation = Nested(
        QuoteOut,
        required=True,
        allow_none=True,
        metadata={"description": "What cancelling would cost now; null where it would be refused."},
    )
    link_expires_at = Instant(required=True, metadata={"example": "2026-12-08T06:45:00Z"})
