"""The words of a booking's life, and which of them may follow which (product.md §4)."""

from enum import StrEnum


class BookingKind(StrEnum):
    """Whether a service is performed or a space is let."""

    SERVICE = "service"
    SPACE = "space"


class BookingStatus(StrEnum):
    """Where a booking stands (product.md §4)."""

    PENDING = "pending"
    CONFIRMED = "confirmed"
    DECLINED = "declined"
    EXPIRED = "expired"
    CANCELLED = "cancelled"
    COMPLETED = "completed"
    NO_SHOW = "no_show"


class PendingReason(StrEnum):
    """What a pending booking waits for."""

    APPROVAL = "approval"
    DEPOSIT = "deposit"


class Step(StrEnum):
    """A change in a booking's life, as its history names it."""

    CREATE = "create"
    APPROVE = "approve"
    DECLINE = "decline"
    CANCEL = "cancel"
    COMPLETE = "complete"
    NO_SHOW = "no_show"
    EXPIRE = "expire"
    REASSIGN = "reassign"
    RESCHEDULE = "reschedule"
    CHANGE = "change"
    PAY = "pay"


LIVING = (BookingStatus.PENDING, BookingStatus.CONFIRMED)
"""The statuses in which a booking occupies its time."""

UNDONE = (BookingStatus.DECLINED, BookingStatus.EXPIRED, BookingStatus.CANCELLED, BookingStatus.NO_SHOW)
"""The statuses of what did not come about: nothing but a fee is owed for it."""

LEGAL_STEPS: dict[BookingStatus | None, frozenset[BookingStatus]] = {
    None: frozenset({BookingStatus.PENDING, BookingStatus.CONFIRMED}),
    BookingStatus.PENDING: frozenset(
        {
            BookingStatus.PENDING,
            BookingStatus.CONFIRMED,
            BookingStatus.DECLINED,
            BookingStatus.EXPIRED,
            BookingStatus.CANCELLED,
        }
    ),
    BookingStatus.CONFIRMED: frozenset({BookingStatus.COMPLETED, BookingStatus.CANCELLED, BookingStatus.NO_SHOW}),
}
"""From each status that is not final, those that may follow (`pending` again: from approval to deposit).

None is that of a booking in the making. `Booking.move_to` and `wait_for` keep to this table; late money alone
leaves it, by `Booking.revive`.
"""
