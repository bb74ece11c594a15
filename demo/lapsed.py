"""What lies behind us in the demo's past and that nobody decided about, or paid for: it has lapsed."""

from app.bookings.overdue import overdue_bookings
from app.bookings.service.expiry import expire_booking
from app.extensions import db
from app.kit import clock
from app.transactions import transaction

MOST = 1000


def conclude_lapsed() -> None:
    """Write down which bookings have lapsed by now, as the worker would: so that it finds nothing left to tell."""
    overdue = db.session.scalars(overdue_bookings(clock.utcnow(), MOST)).all()
    db.session.commit()
    for booking_id in overdue:
        with transaction():
            expire_booking(booking_id)
