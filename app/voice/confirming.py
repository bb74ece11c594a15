"""Doing what was proposed, once, and exactly that: by the verbs that the API's other doors call."""

from datetime import datetime
from typing import Any

from app.bookings import service as bookings
from app.bookings.service import Change
from app.kit.errors import Conflict
from app.kit.money import Money
from app.models import Booking, VoiceSession
from app.security.actor import Actor
from app.voice.errors import ProposalChanged
from app.voice.proposals import request_of
from app.voice.talk import Talk


def carry_out(actor: Actor, session: VoiceSession) -> Booking:
    """Do what a locked conversation has proposed, and return the booking; what was done before is not done again.

    Raises what the verb raises, with the `session_id` to go on by; `ProposalChanged` where it has another price or fee.
    """
    if session.booking_id is not None:
        return bookings.get_booking(actor, session.booking_id)
    proposal = Talk.of(session.state).proposal
    assert proposal is not None  # noqa: S101  # its token is there
    try:
        booking = ACTIONS[proposal["action"]](actor, proposal)
    except Conflict as refusal:
        refusal.extra["session_id"] = session.key
        raise
    session.booking_id = booking.id
    return booking


def _book(actor: Actor, proposal: dict[str, Any]) -> Booking:
    return _at_price(bookings.create_booking(actor=actor, request=request_of(proposal)), proposal)


def _move(actor: Actor, proposal: dict[str, Any]) -> Booking:
    starts_at, ends_at = (datetime.fromisoformat(proposal[name]) for name in ("starts_at", "ends_at"))
    is_space = proposal["space_id"] is not None
    change = Change(starts_at, ends_at if is_space else None, proposal["staff_id"])
    _require_fee(bookings.quote_cancellation(actor, proposal["booking_id"]).fee, proposal)
    return _at_price(bookings.reschedule(actor, proposal["booking_id"], change), proposal)


def _cancel(actor: Actor, proposal: dict[str, Any]) -> Booking:
    booking = bookings.cancel(actor, proposal["booking_id"])
    _require_fee(Money(booking.cancel_fee_amount or 0, booking.currency), proposal)
    return booking


def _require_fee(fee: Money, proposal: dict[str, Any]) -> None:
    """Make sure that the fee is what was read to the client. Raises `ProposalChanged`, which takes all back."""
    if fee.amount != proposal["fee"]["amount"]:
        raise ProposalChanged(extra={"fee": {"amount": fee.amount, "currency": fee.currency}})


def _at_price(booking: Booking, proposal: dict[str, Any]) -> Booking:
    """Return the booking, if it costs what was read to the client. Raises `ProposalChanged`, which takes it back."""
    if booking.total_amount != proposal["price"]["amount"]:
        raise ProposalChanged(extra={"price": {"amount": booking.total_amount, "currency": booking.currency}})
    return booking


ACTIONS = {"book": _book, "reschedule": _move, "cancel": _cancel}
