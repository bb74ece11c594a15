"""Conversations: begun, found again, forgotten. One lasts for 30 minutes after its last turn."""

from datetime import timedelta
from typing import Any, Final

from sqlalchemy import delete

from app.extensions import BULK, db
from app.jobs.cleaning import Kept, forget
from app.jobs.schedule import every
from app.kit.clock import utcnow
from app.kit.errors import NotFound, Unavailable
from app.kit.references import new_name
from app.models import User, VoiceSession
from app.security.actor import Actor
from app.transactions import refusing
from app.users.events import erasing, exporting
from app.users.service import lock_client
from app.voice import queries
from app.voice.proposals import hash_of
from app.voice.talk import Talk

LASTS: Final = timedelta(minutes=30)


def connect() -> None:
    """Forget what is over, and what an erased account said; called once by `create_app`."""
    every(timedelta(minutes=10), "voice_sessions.forget", forget_old)
    exporting.connect(_on_exporting)
    erasing.connect(_on_erasing)


def forget_old() -> bool:
    """Forget conversations that are over; say whether there may be more."""
    return forget(Kept(VoiceSession.expires_at, timedelta()))


def begin(actor: Actor | None, key: str | None = None) -> VoiceSession:
    """Begin a conversation with somebody, or with nobody known."""
    now = utcnow()
    session = VoiceSession(key=key or new_name(), user_id=actor and actor.id, state=Talk().state())
    session.created_at, session.expires_at = now, now + LASTS
    db.session.add(session)
    db.session.flush()
    return session


def begin_or_resume(actor: Actor | None, key: str) -> VoiceSession:
    """Return the conversation of a name that others give; one that is over begins anew.

    Raises `Unavailable` where its first two turns come at once.
    """
    session = find(actor, key)
    if session is not None:
        return session
    over = delete(VoiceSession).where(VoiceSession.key == key, VoiceSession.expires_at <= utcnow())
    db.session.execute(over, execution_options=BULK)
    with refusing("unique", Unavailable):
        return begin(actor, key)


def resume(actor: Actor, key: str) -> VoiceSession:
    """Return somebody's own conversation, locked. Raises `NotFound` naming `session_id`."""
    session = find(actor, key)
    if session is None:
        raise NotFound.naming("session_id")
    return session


def find(actor: Actor | None, key: str) -> VoiceSession | None:
    """Return a conversation that goes on, locked; None where there is none of this key and this speaker.

    The speaker is locked first, as whenever something is booked: of two turns at once one waits.
    """
    if actor is not None:
        lock_client(actor.id)
    mine = VoiceSession.user_id.is_(None) if actor is None else VoiceSession.user_id == actor.id
    living = queries.living_session(utcnow()).where(VoiceSession.key == key, mine)
    return db.session.scalars(living).one_or_none()


def of_token(actor: Actor, confirm_token: str) -> VoiceSession:
    """Return the conversation whose proposal a token confirms, locked. Raises `NotFound` naming `confirm_token`."""
    lock_client(actor.id)
    is_it = (VoiceSession.confirm_hash == hash_of(confirm_token), VoiceSession.user_id == actor.id)
    session = db.session.scalars(queries.living_session(utcnow()).where(*is_it)).one_or_none()
    if session is None:
        raise NotFound.naming("confirm_token")
    return session


def keep(session: VoiceSession, talk: Talk) -> None:
    """Keep what is known by now; the half hour begins anew."""
    session.state, session.expires_at = talk.state(), utcnow() + LASTS
    db.session.flush()


def _on_exporting(user: User) -> dict[str, Any]:
    found = db.session.scalars(queries.sessions_of(user.id))
    return {
        "voice_sessions": [
            {"created_at": one.created_at, "expires_at": one.expires_at, "understood": Talk.of(one.state).said}
            for one in found
        ]
    }


def _on_erasing(user: User) -> None:
    """Forget what the account said; its holds end by themselves."""
    db.session.execute(delete(VoiceSession).where(VoiceSession.user_id == user.id), execution_options=BULK)
