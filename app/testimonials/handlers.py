"""How testimonials answer to what happens to the accounts of their authors."""

from typing import Any

from sqlalchemy import delete

from app.extensions import BULK, db
from app.models import Testimonial, User
from app.security.actor import Actor
from app.testimonials import queries
from app.testimonials.schemas import TestimonialOut
from app.testimonials.showing import shown
from app.users.events import erasing, exporting


def connect() -> None:
    """Listen; called once by `create_app`."""
    exporting.connect(_on_exporting)
    erasing.connect(_on_erasing)


def _on_exporting(user: User) -> dict[str, Any]:
    actor, schema = Actor(user.id, user.role), TestimonialOut()
    return {"testimonials": [schema.dump(shown(actor, one)) for one in db.session.scalars(queries.of_user(user.id))]}


def _on_erasing(user: User) -> None:
    """Remove what the account wrote: without its words nothing would be left of a testimonial."""
    own = delete(Testimonial).where(Testimonial.user_id == user.id)
    db.session.execute(own, execution_options=BULK)
