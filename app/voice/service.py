"""The verbs of a conversation: say something, say it already understood, confirm what was proposed."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from app.extensions import business, db
from app.kit.errors import Invalid
from app.models import Booking, User, VoiceSession
from app.security.actor import Actor
from app.voice import sessions
from app.voice.arranging import arrange, offer_instead
from app.voice.asking import ask_possible
from app.voice.changing import change_own, tell_own
from app.voice.confirming import carry_out
from app.voice.hearing import Heard, hear
from app.voice.house import House, read_house
from app.voice.proposals import withdraw_proposal
from app.voice.taking_in import drops_proposal, take_in
from app.voice.talk import Talk
from app.voice.times import kept
from app.voice.turn import Reply, Status, Turn
from app.voice.understanding import Intent, TextTooLong

HELP = "I can book, move or cancel, and say what is free. For example: book a haircut next Friday at two."
DROPPED = "Nothing is changed. What would you like instead?"
ONE_FIRST = "One thing after the other: say the rest again after this."
SOURCE = "en"
"""The language that is understood and answered in, so far."""

Listener = Callable[[Talk, House, str], Heard]
"""Returns what was said, in a conversation so far, of a house, by somebody of a locale."""


@dataclass(frozen=True, slots=True)
class Answered:
    """A reply, and the conversation it belongs to."""

    session_id: str
    talk: Talk
    reply: Reply

    @property
    def holds_time(self) -> bool:
        """Whether it holds the time of a booking until it is confirmed."""
        return self.reply.proposal is not None and self.reply.proposal["action"] == "book"


def speak(actor: Actor, listener: Listener, *, timezone: str | None = None, session_id: str | None = None) -> Answered:
    """Answer what somebody says, in a conversation that goes on or in a new one.

    Raises `NotFound` naming `session_id`, `Invalid`, and what holding time, or quoting a fee, raises.
    """
    session = sessions.begin(actor) if session_id is None else sessions.resume(actor, session_id)
    return listen(actor, session, listener, timezone)


def spoken(text: str) -> Listener:
    """Return the listener of a text."""

    def listener(talk: Talk, house: House, locale: str) -> Heard:
        try:
            return hear(text, talk, house, locale)
        except TextTooLong as error:
            raise Invalid.field("text", str(error)) from None

    return listener


def listen(actor: Actor | None, session: VoiceSession, listener: Listener, timezone: str | None = None) -> Answered:
    """Take in what is said, and answer; what is proposed is held, and nothing else is written."""
    talk = Talk.of(session.state)
    if session.booking_id is not None or talk.is_over:
        talk = Talk(last=session.booking_id or talk.last)
    talk.timezone = timezone or talk.timezone
    house, locale = read_house(), locale_of(actor)
    turn = Turn(actor, session, talk, listener(talk, house, locale), house, locale)
    reply = _reply(turn)
    if reply.status is not Status.NOT_UNDERSTOOD:
        talk.asked, talk.question, talk.choices = reply.asked, reply.text, reply.choices
        talk.is_over = reply.ends
        talk.options = kept(reply.options)
    done = session.booking_id is not None  # and stays so until something else is wanted: it can be confirmed again
    sessions.keep(session, Talk.of(session.state) if done else talk)
    return Answered(
        session.key, talk, replace(reply, text=f"{ONE_FIRST} {reply.text}") if turn.heard.goes_on else reply
    )


def confirm(actor: Actor, confirm_token: str) -> tuple[Booking, str]:
    """Do what was proposed, once, however often it is confirmed; return the booking, and what was done to it.

    Raises `NotFound` naming `confirm_token`, `ProposalChanged`, and what booking, moving or cancelling raises.
    """
    session = sessions.of_token(actor, confirm_token)
    proposal: dict[str, Any] = Talk.of(session.state).proposal or {}
    booking = carry_out(actor, session)
    db.session.flush()
    return booking, str(proposal["action"])


def locale_of(actor: Actor | None) -> str:
    """Return how dates and amounts are written for somebody: as in their English, or the business's, or plain."""
    user = db.session.get(User, actor.id) if actor is not None else None
    for locale in (user and user.locale, business.locale):
        if locale and locale.partition("-")[0] == SOURCE:
            return locale
    return SOURCE


def _reply(turn: Turn) -> Reply:
    if drops_proposal(turn):
        withdraw_proposal(turn.session, turn.actor)
        turn.talk.begin(turn.talk.intent or Intent.BOOK)
        return Reply(Status.NEEDS_INPUT, DROPPED, "service")
    if turn.heard.is_nothing:
        return Reply(Status.NOT_UNDERSTOOD, turn.talk.question or HELP, turn.talk.asked, choices=turn.talk.choices)
    if turn.heard.place is not None and turn.talk.proposal is not None:
        offer_instead(turn)
    if turn.heard.over:
        turn.talk.begin(turn.talk.intent or Intent.BOOK)
    take_in(turn)
    withdraw_proposal(turn.session, turn.actor)
    turn.talk.proposal = None
    return _answer(turn)


def _answer(turn: Turn) -> Reply:
    wrong = ask_possible(turn)
    if wrong:
        return wrong
    if turn.talk.intent is Intent.AVAILABILITY and turn.heard.own:
        return tell_own(turn)
    if turn.talk.intent in {Intent.BOOK, Intent.AVAILABILITY}:
        return arrange(turn)
    if turn.talk.intent in {Intent.CANCEL, Intent.RESCHEDULE}:
        return change_own(turn)
    return Reply(Status.NOT_UNDERSTOOD, HELP)
