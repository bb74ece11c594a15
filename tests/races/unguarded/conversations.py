"""Without a guard of conversations: whoever saw a proposal that nobody had confirmed confirms it."""

import time
from typing import Any

from sqlalchemy.orm.attributes import set_committed_value

from app.extensions import db
from app.models import VoiceSession
from app.security.actor import Actor
from app.transactions import reading
from app.voice import sessions
from tests.races.unguarded.leaving_out import LINGER, Function, instead_of


@instead_of(sessions, "of_token", "proposal")
def look_at_the_proposal(real: Function, actor: Actor, confirm_token: str) -> Any:
    """Look what is proposed, let go, and go on with what was seen; the session is no more asked what became of it."""
    session = real(actor, confirm_token)
    db.session.commit()
    with reading():
        seen = db.session.get_one(VoiceSession, session.id).booking_id
    time.sleep(LINGER)
    set_committed_value(session, "booking_id", seen)
    return session
