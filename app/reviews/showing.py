"""Reviews as they are shown: to everybody what is public, to authors and admins which booking it is of as well."""

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from app.extensions import db
from app.models import ResourceKind, Review
from app.reviews import queries
from app.reviews.permissions import sees_all_of
from app.security.actor import Actor

PUBLIC = ("id", "rating", "comment", "status", "created_at", "updated_at")
OWN = ("booking_id", "status_reason")

About = dict[ResourceKind | None, list[dict[str, Any]]]
"""What a review is about: `{"id", "name"}` by the kind of resource, services under None."""


def shown(actor: Actor | None, reviews: Sequence[Review]) -> list[dict[str, Any]]:
    """Return what the actor may see of each; one statement."""
    about = _about([review.id for review in reviews])
    return [_shown(actor, review, about[review.id]) for review in reviews]


def _shown(actor: Actor | None, review: Review, about: About) -> dict[str, Any]:
    names = PUBLIC + OWN if sees_all_of(actor, review) else PUBLIC
    return {name: getattr(review, name) for name in names} | {
        "author_name": review.author.public_name,
        "services": about[None],
        "staff": about[ResourceKind.STAFF],
        "space": next(iter(about[ResourceKind.SPACE]), None),
        "reply": _reply(review),
    }


def _reply(review: Review) -> dict[str, Any] | None:
    if review.replier is None:
        return None
    return {"text": review.reply_text, "by": review.replier.public_name, "at": review.replied_at}


def _about(review_ids: list[int]) -> dict[int, About]:
    found: dict[int, About] = defaultdict(lambda: defaultdict(list))
    for review_id, kind, thing_id, name in db.session.execute(queries.subjects(review_ids)):
        found[review_id][kind].append({"id": thing_id, "name": name})
    return found
