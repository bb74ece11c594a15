"""Wanting no recommendations: what was found goes at once, and what one took teaches the job nothing any more."""

from sqlalchemy import delete

from app.extensions import BULK, db
from app.models import RecommendationOptOut, RecommendedThing
from app.recommendations import queries
from app.users.service import lock_active


def wants_recommendations(user_id: int) -> bool:
    """Say whether somebody wants them; everybody does who has not said otherwise."""
    return db.session.scalar(queries.opted_out(user_id)) is None


def choose_recommendations(user_id: int, *, wanted: bool) -> None:
    """Switch them on or off. Raises `TokenRevoked` where the account was deactivated or erased meanwhile."""
    lock_active(user_id)
    if wanted:
        forget_choice(user_id)
    elif wants_recommendations(user_id):
        db.session.add(RecommendationOptOut(user_id=user_id))
        db.session.flush()
        forget_found(user_id)


def forget_choice(user_id: int) -> None:
    """Forget that somebody wanted none."""
    own = delete(RecommendationOptOut).where(RecommendationOptOut.user_id == user_id)
    db.session.execute(own, execution_options=BULK)


def forget_found(user_id: int) -> None:
    """Remove what was found for somebody, in every run: a job at work adds nothing once the account is unlocked."""
    own = delete(RecommendedThing).where(RecommendedThing.client_id == user_id)
    db.session.execute(own, execution_options=BULK)
