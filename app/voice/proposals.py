"""What is proposed, and waits to be confirmed: read back with its date, weekday, time, staff, place and price.

Until it is confirmed nothing is written but a hold of its time; of a move not even that, as it may reach into the
booking's own time.
"""

import hashlib
import secrets
from datetime import datetime
from typing import Any

from app.bookings import service as bookings
from app.bookings.policy import deposit_for
from app.bookings.request import Asked, Request
from app.bookings.service.holds import Held
from app.extensions import business, db
from app.kit.clock import utcnow
from app.kit.money import Money
from app.models import Booking, Space, VoiceSession
from app.security.actor import Actor
from app.voice.turn import Reply, Status, Turn

TOKEN_BYTES = 32


def propose_booking(turn: Turn, actor: Actor, request: Request) -> Reply:
    """Hold the time of what is wished, and ask whether it is meant. Raises what holding it does, taken back by then."""
    with db.session.begin_nested():
        held = bookings.create_hold(actor=actor, request=request)
    plan, item = held.plan, held.plan.items[0]
    turn.session.hold_id = held.hold.id
    body = {
        "action": "book",
        "service_id": item.service_id,
        "service_name": item.service_name,
        "staff_id": item.staff_id,
        "staff_name": item.staff_name,
        "space_id": plan.space and plan.space.id,
        "space_name": plan.space and plan.space.name,
        "place": _place(plan.space),
        "starts_at": _written(plan.starts_at),
        "ends_at": _written(plan.ends_at),
        "timezone": plan.timezone,
        "party_size": request.party_size,
        "hold_id": held.hold.id,
        "expires_at": _written(held.hold.expires_at),
        "price": _amount(plan.total),
    }
    return _proposed(turn, body, f"{_read_back(turn, body, plan.total)}{_conditions(turn, held)} Shall I book it?")


def propose_move(turn: Turn, actor: Actor, booking: Booking, option: dict[str, Any]) -> Reply:
    """Ask whether a booking is to be moved to an option, and quote the fee that a late move does not get rid of.

    Who does it is as it was but where somebody was named. Raises what quoting the fee does.
    """
    total, fee = option["price"]["amount"], bookings.quote_cancellation(actor, booking.id).fee
    body = _body_of(booking, "reschedule") | {
        "starts_at": _written(option["starts_at"]),
        "ends_at": _written(option["ends_at"]),
        "price": _amount(total),
        "fee": _amount(fee.amount),
    }
    if "staff" in turn.talk.said and body["staff_id"] is not None:
        body |= {"staff_id": turn.talk.id_of("staff"), "staff_name": turn.name_of("staff")}
    elif len(booking.items) > 1:
        body["staff_id"] = None
    late = f" It is late: the fee of {turn.money(fee)} for cancelling stays." if fee.amount else ""
    before = f"{turn.day(booking.starts_at)} at {turn.clock(booking.starts_at)}"
    return _proposed(turn, body, f"From {before} to: {_read_back(turn, body, total)}{late} Shall I move it?")


def propose_cancellation(turn: Turn, actor: Actor, booking: Booking) -> Reply:
    """Quote what cancelling costs, and ask whether it is meant. Raises what cancelling would."""
    quote = bookings.quote_cancellation(actor, booking.id)
    body = _body_of(booking, "cancel") | {
        "fee": _amount(quote.fee.amount),
        "refund": _amount(quote.refund.amount),
        "price": _amount(booking.total_amount),
    }
    cost = "This costs nothing." if not quote.fee.amount else f"A fee of {turn.money(quote.fee)} is kept."
    refund = f" {turn.money(quote.refund)} is given back." if quote.refund.amount else ""
    told = _read_back(turn, body, booking.total_amount)
    return _proposed(turn, body, f"Cancel: {told} {cost}{refund} Shall I cancel it?")


def request_of(proposal: dict[str, Any]) -> Request:
    """Return what is booked when a proposal is confirmed."""
    is_space = proposal["space_id"] is not None
    return Request(
        starts_at=datetime.fromisoformat(proposal["starts_at"]),
        ends_at=datetime.fromisoformat(proposal["ends_at"]) if is_space else None,
        parts=() if is_space else (Asked(proposal["service_id"], proposal["staff_id"]),),
        space_id=proposal["space_id"],
        hold_id=proposal["hold_id"],
        party_size=proposal["party_size"],
        for_self=True,
    )


def is_alive(proposal: dict[str, Any]) -> bool:
    """Say whether the time of a proposal is still held; what holds none waits as long as the conversation."""
    until = proposal.get("expires_at")
    return until is None or datetime.fromisoformat(until) > utcnow()


def withdraw_proposal(session: VoiceSession, actor: Actor | None) -> None:
    """Take a proposal back, and give its time back: what was confirmed is a booking, and stays one."""
    hold_id, done = session.hold_id, session.booking_id
    session.confirm_hash = session.hold_id = session.booking_id = None
    if hold_id is not None and done is None and actor is not None:
        bookings.release_hold(actor, hold_id)


def hash_of(token: str) -> str:
    """Return what is kept of a token."""
    return hashlib.sha256(token.encode()).hexdigest()


def in_words(turn: Turn, booking: Booking) -> str:
    """Return a booking as it is read to its client."""
    return _read_back(turn, _body_of(booking, ""), booking.total_amount)


def _proposed(turn: Turn, body: dict[str, Any], text: str) -> Reply:
    token = secrets.token_urlsafe(TOKEN_BYTES)
    turn.session.confirm_hash = hash_of(token)
    turn.talk.proposal = body
    return Reply(Status.PROPOSAL, text, "confirmation", proposal=body, confirm_token=token)


def _body_of(booking: Booking, action: str) -> dict[str, Any]:
    """Return what is shown of a booking that is there."""
    item = booking.items[0]
    return {
        "action": action,
        "booking_id": booking.id,
        "reference": booking.reference,
        "service_id": item.service_id,
        "service_name": " and ".join(one.service_name for one in booking.items if one.service_name) or None,
        "staff_id": item.staff_id,
        "staff_name": item.staff_name,
        "space_id": booking.space_id,
        "space_name": booking.space_name,
        "place": _place(booking.space),
        "starts_at": _written(booking.starts_at),
        "ends_at": _written(booking.ends_at),
        "timezone": booking.timezone,
        "party_size": booking.party_size,
    }


def _read_back(turn: Turn, body: dict[str, Any], total: int) -> str:
    """Return a sentence with all that is agreed to: what, with whom, where, on which day, when, and at what price."""
    starts_at, ends_at = (datetime.fromisoformat(body[name]) for name in ("starts_at", "ends_at"))
    what = body["service_name"] or body["space_name"]
    whom = f" with {body['staff_name']}" if body["staff_name"] else ""
    until = f" until {turn.clock(ends_at)}" if body["space_id"] else ""
    people = f" for {body['party_size']}" if body["space_id"] else ""
    when = f"on {turn.day(starts_at)} at {turn.clock(starts_at)}{until} ({turn.zone.key})"
    return f"{what}{whom}{people} at {body['place']}, {when}, {turn.money(Money(total, business.currency))}."


def _place(space: Space | None) -> str:
    return business.name if space is None else f"{space.address}, {space.city}"


def _conditions(turn: Turn, held: Held) -> str:
    """Return what else the booking needs."""
    deposit = deposit_for(held.plan.deposit, held.plan.total, business)
    approval = " It has to be approved." if held.plan.needs_approval else ""
    due = f" A deposit of {turn.money(Money(deposit, business.currency))} is due." if deposit else ""
    people = held.plan.space is None and turn.talk.said.get("party_size", {}).get("value", 1)
    alone = f" It is one visit, at the price of one, though {people} people come." if people > 1 else ""
    return alone + approval + due


def _written(at: datetime) -> str:
    return at.isoformat().replace("+00:00", "Z")


def _amount(amount: int) -> dict[str, Any]:
    return {"amount": amount, "currency": business.currency}
