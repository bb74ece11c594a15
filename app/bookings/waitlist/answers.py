"""What becomes of an offer when its hold is booked with, or given back."""

from sqlalchemy import update

from app.extensions import BULK, db
from app.models import OfferState, WaitlistEntry, WaitlistOffer, WaitState


def accept_offer(hold_id: int, booking_id: int) -> None:
    """End the wait of whoever has booked with the hold of an offer; of another hold, nothing happens."""
    entry_id = _end(hold_id, OfferState.ACCEPTED)
    if entry_id is not None:
        waiting = (WaitlistEntry.id == entry_id, WaitlistEntry.state == WaitState.WAITING)
        booked = update(WaitlistEntry).where(*waiting).values(state=WaitState.BOOKED, booking_id=booking_id)
        db.session.execute(booked, execution_options=BULK)


def decline_offer(hold_id: int) -> None:
    """Note that whoever was offered the time of a hold has given it back; of another hold, nothing happens."""
    _end(hold_id, OfferState.DECLINED)


def _end(hold_id: int, state: OfferState) -> int | None:
    """Return the id of the entry whose open offer ended so."""
    ended = update(WaitlistOffer).where(WaitlistOffer.hold_id == hold_id, WaitlistOffer.state == OfferState.OPEN)
    return db.session.scalar(ended.values(state=state).returning(WaitlistOffer.entry_id), execution_options=BULK)
