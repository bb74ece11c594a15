"""Why a booking is refused."""

from collections.abc import Mapping

from app.diary.errors import OutsideOpeningHours, ResourceInactive, SlotTaken
from app.kit.errors import Conflict, Invalid, Refusal
from app.staff.errors import StaffNotAssigned
from app.users.errors import ClientBlocked


class ClientLimit(Conflict):
    """The client has as many bookings ahead as one may have."""

    code = "client_limit"
    title = "The client has too many bookings ahead."


class TooManyHolds(Refusal):
    """The client has as many living holds as one may have."""

    status = 429
    code = "too_many_holds"
    title = "Book or release one of your holds first."


class DurationOutOfRange(Conflict):
    """The space is not let for so short, or so long, a time."""

    code = "duration_out_of_range"
    title = "The space is not let for a time of that length."


class PartyTooLarge(Conflict):
    """More people than the space takes."""

    code = "party_too_large"
    title = "The space does not take so many people."


class NoticeTooShort(Conflict):
    """The start is too near, or past."""

    code = "notice_too_short"
    title = "The start is too near or already past."


class BeyondHorizon(Conflict):
    """The start is further ahead than bookings are taken."""

    code = "beyond_horizon"
    title = "Bookings are not taken that far ahead."


class NotOnGrid(Conflict):
    """The start is between two slots."""

    code = "not_on_grid"
    title = "Bookings do not start at this minute."


class HoldExpired(Conflict):
    """The hold that the booking names has lapsed."""

    code = "hold_expired"
    title = "The hold has expired."


class InvalidTransition(Conflict):
    """The booking's status does not allow the step."""

    code = "invalid_transition"
    title = "The booking's status does not allow this."


class NotStarted(Conflict):
    """A booking is completed, or missed, only after its start."""

    code = "not_started"
    title = "The booking has not started yet."


class BookingStarted(Conflict):
    """A client cancels only before the start."""

    code = "booking_started"
    title = "The booking has already started."


class ClientUnspecified(Invalid):
    """Staff and admins must say for whom they book."""

    title = 'Name the client by client_id, or send "for_self": true.'


Unavailability = type[Conflict]

PRECEDENCE: tuple[Unavailability, ...] = (
    ClientBlocked,
    ResourceInactive,
    StaffNotAssigned,
    DurationOutOfRange,
    PartyTooLarge,
    NoticeTooShort,
    BeyondHorizon,
    OutsideOpeningHours,
    NotOnGrid,
    HoldExpired,
    SlotTaken,
)
"""Where several reasons hold, the first of these is the answer's code (product.md §5)."""

RANK: Mapping[Unavailability, int] = {reason: rank for rank, reason in enumerate(PRECEDENCE)}


class FeeHasRisen(Conflict):
    """Cancelling costs more by now than its reader was shown."""

    code = "fee_has_risen"
    title = "Cancelling costs more by now than you were shown. Nothing was cancelled."
