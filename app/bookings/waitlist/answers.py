"""What becomes of an offer when its hold is booked with, or given back."""

from sqlalchemy import select, update

from app.extensions import BULK, db
from app.models import Booking, OfferState, WaitlistEntry, WaitlistOffer, WaitState


def answer_offer(hold_id: int, booking: Booking) -> None:
    """End the wait of whoever has booked what a hold was offered for; who has booked something else, declines.

    Of a hold that is no offer, nothing happens.
    """
    open_offer = (WaitlistOffer.hold_id == hold_id, WaitlistOffer.state == OfferState.OPEN)
    offered = select(WaitlistEntry, WaitlistOffer).join(WaitlistOffer, WaitlistOffer.entry_id == WaitlistEntry.id)
    found = db.session.execute(offered.where(*open_offer).execution_options(populate_existing=True)).one_or_none()
    if found is None:
        return
    entry, offer = found
    if not _is_wanted(booking, entry, offer):
        offer.state = OfferState.DECLINED
        return
    offer.state = OfferState.ACCEPTED
    if entry.state is WaitState.WAITING:
        entry.state, entry.booking_id = WaitState.BOOKED, booking.id


def decline_offer(hold_id: int) -> None:
    """Note that whoever was offered the time of a hold has given it back; of another hold, nothing happens."""
    ended = update(WaitlistOffer).where(WaitlistOffer.hold_id == hold_id, WaitlistOffer.state == OfferState.OPEN)
    db.session.execute(ended.values(state=OfferState.DECLINED), execution_options=BULK)


def _is_wanted(booking: Booking, entry: WaitlistEntry, offer: WaitlistOffer) -> bool:
    """Say whether the service waited for is part of it, at the time that was offered, by somebody who suits."""
    return any(
        (item.service_id, item.starts_at) == (entry.service_id, offer.starts_at)
        and entry.staff_id in {None, item.staff_id}
        for item in booking.items
    )
