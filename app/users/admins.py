"""The rule that the business keeps an admin, also where two admins remove each other at the same moment."""

from collections.abc import Sequence

from sqlalchemy import and_, func, or_, select

from app.extensions import db
from app.kit.errors import NotFound
from app.models import Role, User
from app.users.errors import LastAdmin

_IS_ADMIN = and_(User.role == Role.ADMIN, User.is_active)


def lock_account(user_id: int) -> User:
    """Lock an account together with all active admins, and return it as it is now. Raises `NotFound`.

    One statement in id order, so that nobody waits for somebody who waits for them; rows that refer to the accounts
    may be written meanwhile.
    """
    locked = db.session.scalars(
        select(User)
        .where(or_(User.id == user_id, _IS_ADMIN))
        .order_by(User.id)
        .with_for_update(key_share=True)
        .execution_options(populate_existing=True)
    )
    for user in locked.all():
        if user.id == user_id:
            return user
    raise NotFound


def reachable_admins() -> Sequence[User]:
    """Return the active admins who have an email address."""
    return db.session.scalars(select(User).where(_IS_ADMIN, User.email.is_not(None)).order_by(User.id)).all()


def keep_an_admin(user: User) -> None:
    """Let a locked account lose its powers. Raises `LastAdmin` where it is the only active admin."""
    if user.role is not Role.ADMIN or not user.is_active:
        return
    others = select(func.count()).select_from(User).where(_IS_ADMIN, User.id != user.id)
    if db.session.scalar(others) == 0:
        raise LastAdmin
