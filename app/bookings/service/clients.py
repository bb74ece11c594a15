"""What becomes of bookings when their client becomes somebody else, or nobody."""

from collections import defaultdict

from sqlalchemy import case, or_, select, update
from sqlalchemy.orm import joinedload, subqueryload

from app.bookings import queries
from app.bookings.service.read import in_brief
from app.extensions import BULK, db
from app.kit.clock import utcnow
from app.models import LIVING, Booking, BookingHistory, BookingSeries, Hold
from app.users.errors import BookingsAhead


def bookings_of(client_id: int) -> list[Booking]:
    """Return all that a client has booked, the newest first, with all that an answer shows; two statements."""
    found = (
        select(Booking)
        .where(Booking.client_id == client_id)
        .options(subqueryload(Booking.items), joinedload(Booking.space))
        .order_by(Booking.starts_at.desc(), Booking.id.desc())
    )
    return list(db.session.scalars(found))


def histories_of(client_id: int) -> dict[int, list[BookingHistory]]:
    """Return the changes of all that a client has booked, by booking id, the first change first; one statement."""
    found: dict[int, list[BookingHistory]] = defaultdict(list)
    changes = select(BookingHistory).join(Booking, Booking.id == BookingHistory.booking_id)
    for change in db.session.scalars(changes.where(Booking.client_id == client_id).order_by(BookingHistory.id)):
        found[change.booking_id].append(change)
    return found


def hand_over(client_id: int, account_id: int) -> None:
    """Give all that a client has booked and holds to an account."""
    own = update(Booking).where(Booking.client_id == client_id)
    db.session.execute(own.values(client_id=account_id, version=Booking.version + 1), execution_options=BULK)
    for kind in (BookingSeries, Hold):
        given = update(kind).where(kind.client_id == client_id)
        db.session.execute(given.values(client_id=account_id), execution_options=BULK)


def forget_client(client_id: int) -> None:
    """Empty what was written about a client's bookings. Raises `BookingsAhead` where one is not over.

    The caller has locked the client: nobody books for it meanwhile.
    """
    _refuse_ahead(client_id)
    written = or_(Booking.notes != "", Booking.cancel_reason != "")
    reason = case((Booking.cancel_reason.is_not(None), ""))
    forgotten = {"notes": "", "cancel_reason": reason, "version": Booking.version + 1}
    own = update(Booking).where(Booking.client_id == client_id, written)
    db.session.execute(own.values(forgotten), execution_options=BULK)
    booked = select(Booking.id).where(Booking.client_id == client_id)
    history = update(BookingHistory).where(BookingHistory.booking_id.in_(booked), BookingHistory.reason != "")
    db.session.execute(history.values(reason=""), execution_options=BULK)


def _refuse_ahead(client_id: int) -> None:
    now = utcnow()
    ahead = db.session.scalars(
        select(Booking)
        .where(Booking.client_id == client_id, Booking.status.in_(LIVING), Booking.ends_at > now)
        .where(queries.not_lapsed(now))
        .order_by(Booking.starts_at, Booking.id)
    ).all()
    if ahead:
        raise BookingsAhead(extra={"bookings": [in_brief(booking) for booking in ahead]})
