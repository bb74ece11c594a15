"""Everything that is kept about somebody, as one document."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import select

from app.audit.service import entries_about, record, thing_of, user_thing
from app.extensions import db
from app.kit.clock import utcnow
from app.models import AuditEntry, AuthSession, OneTimeToken, User
from app.transactions import reading, transaction
from app.users.events import exporting


def export_account(user_id: int) -> dict[str, Any]:
    """Return all about the account of whoever asks: `exported_at`, `user`, `sessions`, `mailed_links`, `audit`, and
    `rooms`, what these have made ready for JSON. That it was asked for is recorded.

    A fixed number of statements, however much there is. Called outside transactions, or in one that has written
    nothing: a GET does not hold the write lock while it reads.
    """
    with reading():
        user = db.session.get_one(User, user_id, populate_existing=True)
        found = {
            "exported_at": utcnow(),
            "user": user,
            "sessions": _sessions(user_id),
            "mailed_links": _mailed_links(user_id),
            "audit": [_own_part(entry, user_id) for entry in _entries(user_id)],
            "rooms": _rooms(user),
        }
    with transaction():
        record("users.exported", actor_id=user_id, thing=user_thing(user_id))
    return found


def _sessions(user_id: int) -> Sequence[AuthSession]:
    return db.session.scalars(
        select(AuthSession).where(AuthSession.user_id == user_id).order_by(AuthSession.created_at, AuthSession.id)
    ).all()


def _mailed_links(user_id: int) -> Sequence[OneTimeToken]:
    return db.session.scalars(
        select(OneTimeToken).where(OneTimeToken.user_id == user_id).order_by(OneTimeToken.created_at, OneTimeToken.id)
    ).all()


def _entries(user_id: int) -> Sequence[AuditEntry]:
    return db.session.scalars(entries_about(user_id).order_by(AuditEntry.created_at, AuditEntry.id)).all()


def _own_part(entry: AuditEntry, user_id: int) -> dict[str, Any]:
    """Return an entry without what it says of others: who they are and where, or how they were changed."""
    is_mine, is_about_me = entry.actor_id == user_id, user_thing(user_id) == thing_of(entry)
    names = ("id", "created_at", "action", "object_type", "object_id")
    return {name: getattr(entry, name) for name in names} | {
        "actor_id": entry.actor_id if is_mine else None,
        "address": entry.address if is_mine else None,
        "request_id": entry.request_id if is_mine else "",
        "before": entry.before if is_about_me else None,
        "after": entry.after if is_about_me else None,
    }


def _rooms(user: User) -> dict[str, Any]:
    parts: dict[str, Any] = {}
    for _, part in exporting.send(user):
        parts |= part
    return parts
