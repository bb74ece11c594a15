"""The client's own bookings: told, moved and cancelled. Nobody else's are ever spoken of."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from sqlalchemy import ColumnElement, true

from app.bookings import service as bookings
from app.bookings.request import Asked
from app.bookings.service import Days
from app.bookings.service.filters import Filters
from app.bookings.wishes import Own
from app.extensions import db
from app.kit.clock import utcnow
from app.models import LIVING, Booking, BookingKind
from app.security.actor import Actor
from app.voice import times
from app.voice.asking import ask_day
from app.voice.proposals import in_words, propose_cancellation, propose_move
from app.voice.talk import Said, includes, is_same_weekday, readings
from app.voice.turn import Reply, Status, Turn, ask
from app.voice.understanding import Intent

MOST_BOOKINGS = 5
SIGN_IN = "Sign in, so that I can see your bookings."
NAMED = frozenset({"service", "space", "old_date", "old_time"})
NAMED_TO_CANCEL = frozenset({"service", "space", "staff", "date", "time"})
"""What says which booking is meant."""
NONE_FOUND = "You have no such booking ahead."


def change_own(turn: Turn) -> Reply:
    """Find the booking that is meant, and propose to cancel or move it."""
    if turn.actor is None:
        return Reply(Status.ANSWER, SIGN_IN, ends=True)
    found = _meant(turn, turn.actor)
    if not found:
        return Reply(Status.ANSWER, NONE_FOUND, ends=True)
    if len(found) > 1:
        return _ask_which(turn, found)
    booking = found[0]
    turn.talk.last = booking.id
    turn.talk.said["booking"] = {"value": {"id": booking.id, "name": booking.reference}, "text": "", "confidence": 1.0}
    if turn.talk.intent is Intent.CANCEL:
        return propose_cancellation(turn, turn.actor, booking)
    return _moved(turn, turn.actor, booking)


def tell_own(turn: Turn) -> Reply:
    """Tell which bookings the client has ahead."""
    if turn.actor is None:
        return Reply(Status.ANSWER, SIGN_IN, ends=True)
    found = _on(turn, _ahead(turn, turn.actor), turn.talk.said.get("date"))
    if not found:
        return Reply(Status.ANSWER, NONE_FOUND, ends=True)
    turn.talk.last = found[0].id if len(found) == 1 else None
    shown = found[:MOST_BOOKINGS]
    told = " ".join(in_words(turn, one) for one in shown)
    return Reply(Status.ANSWER, f"You have: {told}{_more(found)}", choices=[_choice(turn, one) for one in shown])


def _ahead(turn: Turn, actor: Actor) -> list[Booking]:
    """Return the client's own bookings that have not begun, the one that is known or those of what was named."""
    talk, known = turn.talk, _known(turn)
    filters = Filters(status=list(LIVING), client_id=actor.id)
    if known is None:
        by_whom = None if talk.intent is Intent.RESCHEDULE else talk.id_of("staff")  # there it is who does it then
        filters = replace(filters, service_id=talk.id_of("service"), space_id=talk.id_of("space"), staff_id=by_whom)
    own = bookings.list_bookings(actor, filters).where(Booking.starts_at > utcnow(), true() if known is None else known)
    return list(db.session.scalars(own.order_by(Booking.starts_at, Booking.id).limit(4 * MOST_BOOKINGS)))


def _known(turn: Turn) -> ColumnElement[bool] | None:
    """Return which booking it is: of the reference that was said, the one found before, or "it"; None otherwise."""
    talk, heard = turn.talk, turn.heard
    if heard.reference is not None:
        return Booking.reference == heard.reference
    if "booking" in talk.said:
        return Booking.id == int(talk.said["booking"]["value"]["id"])
    named = talk.said.keys() & (NAMED if talk.intent is Intent.RESCHEDULE else NAMED_TO_CANCEL)
    is_last = heard.it and talk.last is not None and not named
    return Booking.id == talk.last if is_last else None


def _meant(turn: Turn, actor: Actor) -> list[Booking]:
    """Return the bookings that may be meant: those on the day, and at the time, that were named."""
    talk, found = turn.talk, _ahead(turn, actor)
    old = "old_" if talk.intent is Intent.RESCHEDULE else ""
    clocks = readings(talk.said.get(f"{old}time"))
    at_time = [one for one in found if not clocks or f"{one.starts_at.astimezone(turn.zone):%H:%M}" in clocks]
    return _on(turn, at_time, talk.said.get(f"{old}date"))


def _on(turn: Turn, found: Sequence[Booking], said: Said | None) -> list[Booking]:
    """Return the bookings of the days that were named; of a weekday without one, those of that day of later weeks."""
    if said is None:
        return list(found)
    days = [(one, one.starts_at.astimezone(turn.zone).date()) for one in found]
    on_day = [one for one, day in days if includes(said, day)]
    return on_day or [one for one, day in days if "repeats" in said and is_same_weekday(said["value"], day)]


def _ask_which(turn: Turn, found: Sequence[Booking]) -> Reply:
    shown = found[:MOST_BOOKINGS]
    told = " ".join(f"{number}. {in_words(turn, one)}" for number, one in enumerate(shown, start=1))
    text = f"Which booking do you mean? {told}{_more(found)}"
    return ask("booking", text, choices=[_choice(turn, one) for one in shown])


def _more(found: Sequence[Booking]) -> str:
    """Return what is said where not all are told."""
    return " There are more: say the day of the one you mean." if len(found) > MOST_BOOKINGS else ""


def _choice(turn: Turn, booking: Booking) -> dict[str, Any]:
    when = f"{turn.day(booking.starts_at)} at {turn.clock(booking.starts_at)}"
    return {"kind": "booking", "id": booking.id, "name": f"{booking.reference}, {when}"}


def _moved(turn: Turn, actor: Actor, booking: Booking) -> Reply:
    """Propose the new time, or ask for it. Without another day, it stays on its own."""
    own_day = booking.starts_at.astimezone(turn.zone).date()
    if not turn.talk.said.keys() & {"date", "time", "window"}:
        return ask("date", f"{in_words(turn, booking)} To which day, and when?")
    over = ask_day(turn)
    if over:
        return over
    days = times.days_of(turn) if "date" in turn.talk.said else Days(own_day, own_day, turn.zone.key)
    whole = _free(turn, actor, booking, days)
    found = times.within(turn, times.on_named(turn, whole))
    if turn.talk.times and len(found) == 1:
        return propose_move(turn, actor, booking, found[0])
    if turn.talk.times and found:
        options = found[: times.MOST_OPTIONS]
        return ask("time", f"Do you mean {times.told(turn, options)}?", options=options)
    options = times.offer(turn, found or whole)
    if not options:
        return ask("date", "Nothing is free then. To which other day?")
    before = "" if found else "Nothing is free then. "
    return ask("time", f"{before}There is {times.told(turn, options)}. Which do you want?", options=options)


def _free(turn: Turn, actor: Actor, booking: Booking, days: Days) -> list[times.Option]:
    """Return where the booking could move to, on the terms on which it was agreed."""
    own = bookings.own_of(actor, booking.id)
    if booking.kind is BookingKind.SPACE:
        return _free_of_space(turn, booking, days, own)
    named = turn.talk.id_of("staff")
    parts = [Asked(one.service_id, named or one.staff_id) for one in booking.items if one.service_id is not None]
    return times.slots_on(turn, parts, days, own)


def _free_of_space(turn: Turn, booking: Booking, days: Days, own: Own) -> list[times.Option]:
    """Return the starts from which a space is free for as long as it is booked: at the times named, or the earliest."""
    length = booking.ends_at - booking.starts_at
    price = {"amount": booking.total_amount, "currency": booking.currency}
    found = []
    for day in bookings.list_open_times(booking.space_id or 0, days, own).days:
        for one in day["open"]:
            named = [turn.at(day["date"], clock) for clock in turn.talk.times] or [one["starts_at"]]
            starts = [at for at in named if one["starts_at"] <= at and at + length <= one["ends_at"]]
            found += [{"starts_at": at, "ends_at": at + length, "staff_ids": [], "price": price} for at in starts]
    return times.wanted(turn, found)
