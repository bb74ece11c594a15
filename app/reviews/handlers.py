"""How reviews answer to what happens to the accounts of their authors."""

from typing import Any

from sqlalchemy import update

from app.extensions import BULK, db
from app.models import Review, User
from app.reviews import queries
from app.reviews.schemas import ReviewOut
from app.reviews.showing import shown
from app.security.actor import Actor
from app.users.events import erasing, exporting


def connect() -> None:
    """Listen; called once by `create_app`."""
    exporting.connect(_on_exporting)
    erasing.connect(_on_erasing)


def _on_exporting(user: User) -> dict[str, Any]:
    own = db.session.scalars(queries.of_author(user.id)).all()
    return {"reviews": ReviewOut().dump(shown(Actor(user.id, user.role), own), many=True)}


def _on_erasing(user: User) -> None:
    """Empty the words, and the replies, which may address somebody by name. The stars stay, and count.

    Of all reviews, empty ones too: one that is just being answered or hidden is waited for.
    """
    nothing = {"comment": "", "status_reason": "", "reply_text": None, "replied_by": None, "replied_at": None}
    own = update(Review).where(Review.author_id == user.id)
    db.session.execute(own.values(nothing), execution_options=BULK)
