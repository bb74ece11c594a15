"""The verbs of the audit log."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, and_, or_, update

from app.audit import queries
from app.audit.queries import Filters
from app.extensions import BULK, db
from app.kit.origin import present_origin
from app.models import AuditEntry

USER = "user"


@dataclass(frozen=True, slots=True)
class Thing:
    """What was done something to: the kind of thing, such as `user`, and its id."""

    type: str
    id: int | None


def record(
    action: str,
    *,
    actor_id: int | None,
    thing: Thing | None = None,
    before: dict[str, Any] | None = None,
    after: dict[str, Any] | None = None,
) -> None:
    """Write an entry in the present transaction: it stands if and only if what it tells of happened.

    `action` is `room.what_was_done`. `before` and `after` are the fields that changed; never secrets, names or contact
    data. The caller's address and the request's id come by themselves.
    """
    origin = present_origin()
    db.session.add(
        AuditEntry(
            action=action,
            actor_id=actor_id,
            object_type=thing.type if thing else "",
            object_id=thing.id if thing else None,
            before=before,
            after=after,
            address=origin.address,
            request_id=origin.request_id,
        )
    )
    db.session.flush()


def list_entries(filters: Filters) -> Select[AuditEntry]:
    """Return the select of the entries that match."""
    return queries.entries(filters)


def entries_about(user_id: int) -> Select[AuditEntry]:
    """Return the select of what an account did, and of what was done to it."""
    return queries.by_or_about(user_id, USER)


def forget_origins(user_id: int) -> None:
    """Forget from where an account acted, and from where somebody tried to sign in to it; all else stays.

    A request's id goes as well: its caller may have sent any text.
    """
    tried = and_(AuditEntry.object_type == USER, AuditEntry.object_id == user_id, AuditEntry.actor_id.is_(None))
    db.session.execute(
        update(AuditEntry).where(or_(AuditEntry.actor_id == user_id, tried)).values(address=None, request_id=""),
        execution_options=BULK,
    )


def thing_of(entry: AuditEntry) -> Thing:
    """Return what something was done to."""
    return Thing(entry.object_type, entry.object_id)


def user_thing(user_id: int | None) -> Thing:
    """Return an account as a thing."""
    return Thing(USER, user_id)
