"""Without a guard of what is to be done once: whoever saw no key, message or review of the same writes one."""

from typing import Any

from flask import Response
from sqlalchemy import insert

from app.extensions import db
from app.integrations.payments import Incoming
from app.kit.clock import utcnow
from app.models import IdempotencyKey, ProviderEvent, Review
from app.payments.service import evidence, inbox
from app.reviews import service as reviews
from app.reviews.errors import AlreadyReviewed
from app.security import idempotency
from app.security.actor import Actor
from app.security.guards import current_actor
from tests.races.unguarded.leaving_out import Function, instead_of, looking

claim_key = idempotency.claim


@instead_of(idempotency, "claim", "key")
def look_for_the_key(_real: Function, key: str) -> int | None:
    """Look whether the key was used, and let go."""
    user_id = current_actor().id
    with looking():
        used = db.session.query(IdempotencyKey).filter_by(user_id=user_id, key=key).one_or_none()
    return 0 if used is None else None


@instead_of(idempotency, "store", "key")
def keep_the_key(real: Function, _row_id: int, answer: Response) -> None:
    """Write down that the key is used, unless somebody else has."""
    row_id = claim_key(str(idempotency.present_key()))
    if row_id is not None:
        real(row_id, answer)


@instead_of(inbox, "keep", "message")
def look_for_the_message(_real: Function, incoming: Incoming, payment_id: int | None = None) -> int | None:
    """Look whether the message is there, let go, and keep it under the name it has."""
    with looking():
        there = db.session.query(ProviderEvent).filter_by(event_id=incoming.event_id).first()
    if there is None:
        row = evidence.row_of(incoming) | {"payment_id": payment_id, "received_at": utcnow(), "detail": ""}
        db.session.execute(insert(ProviderEvent).values(row))
    return None


@instead_of(reviews, "create_review", "one review")
def review_on_sight(real: Function, actor: Actor, fields: dict[str, Any]) -> Any:
    """Look whether there is a review, let go, and write one."""
    with looking():
        if db.session.query(Review).filter_by(booking_id=fields["booking_id"]).first():
            raise AlreadyReviewed
    return real(actor, fields)
