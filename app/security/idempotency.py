"""Retry safety (api.md §1): a POST repeated under its `Idempotency-Key` has the first answer, not a second effect.

The key's row is written first, in the transaction of the effect. A twin that comes meanwhile waits at the row for the
first one's end, at most as long as for any lock (2 s); then it replays the answer, or does the work itself where the
first was refused. Answers are kept for 24 hours, and are their caller's alone.
"""

import functools
import hashlib
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any, cast

import orjson
from flask import Response, g, request
from sqlalchemy import Table, bindparam, select, update
from sqlalchemy.exc import OperationalError

from app.extensions import db
from app.kit.clock import utcnow
from app.kit.errors import Conflict, Invalid
from app.kit.inserts import insert_into
from app.kit.prepared import PREPARED
from app.models import IdempotencyKey
from app.models.idempotency_key import LONGEST_KEY
from app.security.guards import current_actor
from app.web.error_docs import noting
from app.web.rehearsal import can_rehearse, is_rehearsal

HEADER = "Idempotency-Key"
REPLAYED = "Idempotent-Replayed"
KEPT = timedelta(hours=24)
LOCK_NOT_AVAILABLE = "55P03"
"""PostgreSQL: the lock was not to be had within `lock_timeout`."""

PARAMETER = {
    "in": "header",
    "name": HEADER,
    "description": "Repeat a request under the same key, and it is done once. Kept for 24 hours.",
    "schema": {"type": "string", "minLength": 1, "maxLength": LONGEST_KEY},
}

_LAWFUL = re.compile(rf"[!-~](?:[ -~]{{0,{LONGEST_KEY - 2}}}[!-~])?")

View = Callable[..., Response]


class RequestInProgress(Conflict):
    """The first request of this key is still being worked on."""

    code = "request_in_progress"
    title = "A request with this Idempotency-Key is still in progress."


class KeyReused(Invalid):
    """The key was used for something else."""

    code = "idempotency_key_reused"
    title = "This Idempotency-Key was used for another request."


def idempotent(view: View) -> View:
    """Let a view take effect once for each key of a caller. It stands between the transaction and the answer.

    Raises `Invalid` for a key that is none, `KeyReused`, `RequestInProgress`.
    """
    rehearsable = can_rehearse(view)

    @functools.wraps(view)
    def once(*args: Any, **kwargs: Any) -> Response:
        key = present_key()
        if key is None or (rehearsable and is_rehearsal()):
            return view(*args, **kwargs)
        row_id = claim(key)
        if row_id is None:
            return shown(first_request(key))
        answer = view(*args, **kwargs)
        store(row_id, answer)
        return answer

    return noting(parameters=(PARAMETER,), refusals=(KeyReused, RequestInProgress))(once)


def present_key() -> str | None:
    """Return the key of the present request; None where it has none. Raises `Invalid`."""
    key = request.headers.get(HEADER)
    if key is not None and not _LAWFUL.fullmatch(key):
        raise Invalid.field(HEADER, f"Must be 1 to {LONGEST_KEY} printable ASCII characters.")
    return key


def fingerprint() -> str:
    """Return what tells the present request from others: its method, path, query and body, whatever their order."""
    asked = [request.method, request.path.rstrip("/"), sorted(request.args.items(multi=True)), g.json_body]
    return hashlib.sha256(orjson.dumps(asked, option=orjson.OPT_SORT_KEYS)).hexdigest()


def claim(key: str) -> int | None:
    """Write the key's row and return its id; None where a living one is there already."""
    now = utcnow()
    values = {"user_id": current_actor().id, "key": key, "fingerprint": fingerprint(), "created_at": now}
    connection = db.session.connection()
    try:
        row_id: int | None = connection.scalar(_claiming(connection.dialect.name), values | {"old": now - KEPT})
    except OperationalError as error:
        if getattr(error.orig, "pgcode", None) == LOCK_NOT_AVAILABLE:
            raise RequestInProgress(headers={"Retry-After": "1"}) from error
        raise
    return row_id


@functools.cache
def _claiming(dialect: str) -> Any:
    """Return the statement that writes a key's row, or renews one that is as old as `old`: made once."""
    keys = IdempotencyKey.__table__.c
    written = insert_into(IdempotencyKey, dialect).values(
        {name: bindparam(name) for name in ("user_id", "key", "fingerprint", "created_at")}
    )
    renewed = {name: written.excluded[name] for name in ("fingerprint", "created_at", "status", "body", "location")}
    return (
        written.on_conflict_do_update(
            index_elements=["user_id", "key"], set_=renewed, where=keys.created_at <= bindparam("old")
        )
        .returning(keys.id)
        .execution_options(**PREPARED)
    )


def first_request(key: str) -> IdempotencyKey:
    """Return what was asked first under the caller's key. Raises `KeyReused` where that was something else."""
    found = select(IdempotencyKey).filter_by(user_id=current_actor().id, key=key)
    row = db.session.scalars(found.execution_options(populate_existing=True)).one()
    if row.fingerprint != fingerprint():
        raise KeyReused(errors={HEADER: [KeyReused.title]})
    return row


def shown(row: IdempotencyKey) -> Response:
    """Return the answer that was stored."""
    answer = Response(row.body, row.status, {REPLAYED: "true"}, mimetype="application/json")
    if row.location is not None:
        answer.headers["Location"] = row.location
    return answer


def store(row_id: int, answer: Response) -> None:
    """Keep the answer to the request of a key."""
    said = {"status": answer.status_code, "body": answer.get_data(as_text=True), "location": answer.location}
    db.session.connection().execute(_STORING, {"row_id": row_id, **said})


_STORING = (
    update(cast(Table, IdempotencyKey.__table__))
    .where(IdempotencyKey.__table__.c.id == bindparam("row_id"))
    .values({name: bindparam(name) for name in ("status", "body", "location")})
    .execution_options(**PREPARED)
)
