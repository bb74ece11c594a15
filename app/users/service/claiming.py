"""When a walk-in registers and proves the email: one person again."""

from sqlalchemy import delete, select

from app.audit.service import record, user_thing
from app.extensions import BULK, db
from app.models import User
from app.users.contact import is_same_mailbox
from app.users.events import walk_in_claimed


def claim_walk_in(user: User) -> None:
    """Let an account, whose email has just been proved, take over the walk-in of that very email.

    What the walk-in has booked goes to the account, and a phone number where it has none. Whoever was blocked, stays
    blocked. Without such a walk-in nothing happens.
    """
    walk_in = _lock_walk_in(user)
    if walk_in is None:
        return
    user.phone = user.phone or walk_in.phone
    user.is_blocked = user.is_blocked or walk_in.is_blocked
    db.session.flush()
    walk_in_claimed.send(walk_in, account=user)
    db.session.execute(delete(User).where(User.id == walk_in.id), execution_options=BULK)
    db.session.expunge(walk_in)
    record("users.claimed", actor_id=user.id, thing=user_thing(user.id), after={"client_id": walk_in.id})


def _lock_walk_in(user: User) -> User | None:
    """Lock the walk-in, so that nobody books for it meanwhile."""
    if not user.has_login or user.email is None:
        return None
    found = select(User).where(User.email_key == user.email_key, ~User.has_login)
    walk_in = db.session.scalars(found.with_for_update().execution_options(populate_existing=True)).one_or_none()
    return walk_in if walk_in and walk_in.email and is_same_mailbox(walk_in.email, user.email) else None
