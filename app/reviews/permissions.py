"""Who may do what with a review (product.md §8). Pure."""

from app.models import Review, ReviewStatus, Role
from app.security.actor import Actor


def may_see(actor: Actor | None, review: Review) -> bool:
    """Say whether the actor sees it: everybody the published, its author and admins the hidden."""
    return review.status is ReviewStatus.PUBLISHED or sees_all_of(actor, review)


def sees_all_of(actor: Actor | None, review: Review) -> bool:
    """Say whether the actor is shown what is not public about it: which booking it is of, and why it was hidden."""
    return actor is not None and _is_author_or_admin(actor, review)


def may_change(actor: Actor, review: Review) -> bool:
    """Say whether the actor may change or delete it: its author, and admins."""
    return _is_author_or_admin(actor, review)


def may_reply(actor: Actor, *, is_concerned: bool) -> bool:
    """Say whether the actor may answer it: admins all, staff and owners what concerns their own work or space."""
    return actor.role is Role.ADMIN or (actor.role in {Role.STAFF, Role.OWNER} and is_concerned)


def _is_author_or_admin(actor: Actor, review: Review) -> bool:
    return actor.role is Role.ADMIN or actor.id == review.author_id
