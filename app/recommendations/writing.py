"""Writing what the job found: beside what is read meanwhile, in short transactions, and swapped in by one UPDATE."""

from datetime import date

from sqlalchemy import ColumnElement, delete, func, insert, select, update

from app.extensions import BULK, db
from app.kit.clock import utcnow
from app.models import PopularThing, RecommendationModel, RecommendedThing
from app.recommendations import purchase_queries as queries
from app.recommendations.finding import Row
from app.transactions import transaction

AT_ONCE = 2_000
"""Rows that go at once, so that nobody waits long for a lock."""


class Overtaken(Exception):
    """A run that began later has finished: what this one still finds is of no use."""


def begin(day: date) -> int:
    """Begin what nobody reads yet; return its id, which is higher than those of all that began before."""
    with transaction():
        model = RecommendationModel(day=day, started_at=utcnow())
        db.session.add(model)
        db.session.flush()
        return model.id


def write_popular(model_id: int, popular: list[Row]) -> None:
    """Write what is the same for everybody. Raises `Overtaken`."""
    with transaction():
        _require_model(model_id)
        if popular:
            db.session.execute(insert(PopularThing), [row | {"model_id": model_id} for row in popular])


def write(model_id: int, found: dict[int, list[Row]]) -> int:
    """Write the rows of some clients, but for those who have gone or opted out since; return of how many.

    Their accounts are locked meanwhile: who goes later takes the rows away. Raises `Overtaken`.
    """
    with transaction():
        _require_model(model_id)
        wanting = set(db.session.scalars(queries.wanting(sorted(found))))
        rows = [row | {"model_id": model_id} for client_id in sorted(wanting) for row in found[client_id]]
        if rows:
            db.session.execute(insert(RecommendedThing), rows)
        return len(wanting)


def finish(model_id: int, clients: int) -> None:
    """Let it be read from now on. Raises `Overtaken`."""
    with transaction():
        _require_model(model_id)
        done = update(RecommendationModel).where(RecommendationModel.id == model_id)
        db.session.execute(done.values(computed_at=utcnow(), clients=clients), execution_options=BULK)


def remove_old() -> None:
    """Remove whatever is older than what is read, finished or not."""
    with transaction():
        newest = select(func.max(RecommendationModel.id)).where(RecommendationModel.computed_at.is_not(None))
        is_old = RecommendationModel.id < newest.scalar_subquery()
        old = db.session.scalars(select(RecommendationModel.id).where(is_old)).all()
    for model_id in old:
        while _remove_some(model_id):
            pass
        _remove_rest(model_id)


def _remove_some(model_id: int) -> bool:
    """Remove a bounded number of rows; say whether there may be more."""
    with transaction():
        own = RecommendedThing.model_id == model_id
        clients = select(RecommendedThing.client_id).where(own).order_by(RecommendedThing.client_id)
        last = db.session.scalar(clients.offset(AT_ONCE).limit(1))
        if last is not None:
            _delete(own, RecommendedThing.client_id <= last)
        return last is not None


def _remove_rest(model_id: int) -> None:
    """Remove the last rows and the run itself; one that still writes is waited for, and then stops."""
    with transaction():
        run = RecommendationModel.id == model_id
        db.session.execute(select(RecommendationModel.id).where(run).with_for_update())
        _delete(RecommendedThing.model_id == model_id)
        db.session.execute(delete(PopularThing).where(PopularThing.model_id == model_id), execution_options=BULK)
        db.session.execute(delete(RecommendationModel).where(run), execution_options=BULK)


def _delete(*rules: ColumnElement[bool]) -> None:
    db.session.execute(delete(RecommendedThing).where(*rules), execution_options=BULK)


def _require_model(model_id: int) -> None:
    """Make sure that nobody removes the run before the transaction ends. Raises `Overtaken`."""
    run = select(RecommendationModel.id).where(RecommendationModel.id == model_id)
    if db.session.scalar(run.with_for_update(read=True)) is None:
        raise Overtaken
