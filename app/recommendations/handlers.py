"""How recommendations answer to what happens in the rooms below, and the job of every night."""

from datetime import time
from typing import Any

from app.extensions import db
from app.jobs.outbox import Task, enqueue_once, takes_long
from app.jobs.policy import Policy
from app.jobs.schedule import daily
from app.kit.clock import utcnow
from app.models import User
from app.recommendations import queries
from app.recommendations.opting_out import forget_choice, forget_found, wants_recommendations
from app.recommendations.schemas import USUAL, AdviceOut, KeptOut
from app.recommendations.service import recommend
from app.recommendations.showing import shown
from app.users.events import erasing, exporting, walk_in_claimed
from app.users.including import RECOMMENDATIONS, includes

BUILD = "recommendations.build"
"""The outbox topic of the job; its payload is empty."""

NIGHT = time(3, 15)
"""When it is done, on the business's clocks."""

FEW = Policy(attempts=5)
"""Tomorrow there is another one."""


def connect() -> None:
    """Listen, and work every night; called once by `create_app`."""
    exporting.connect(_on_exporting)
    erasing.connect(_on_erasing)
    walk_in_claimed.connect(_on_walk_in_claimed)
    includes(RECOMMENDATIONS, _advice)
    takes_long(BUILD, _build, FEW)
    daily(NIGHT, BUILD, _build_soon)


def _build_soon() -> None:
    enqueue_once(BUILD, {}, due_at=utcnow(), subject=BUILD)


def _build(_task: Task) -> None:
    from app.recommendations.building import build  # noqa: PLC0415  # numpy: 20 MB, for no web process

    build()


def _advice(user_id: int) -> dict[str, Any]:
    advice: dict[str, Any] = AdviceOut().dump(shown(user_id, recommend(user_id, USUAL)))
    return advice


def _on_exporting(user: User) -> dict[str, Any]:
    kept = db.session.scalars(queries.kept_of(user.id)).all()
    return {"recommendations": {"wanted": wants_recommendations(user.id), "found": KeptOut().dump(kept, many=True)}}


def _on_erasing(user: User) -> None:
    forget_found(user.id)
    forget_choice(user.id)


def _on_walk_in_claimed(walk_in: User, *, account: User) -> None:  # noqa: ARG001  # the signal's shape
    """Forget what was found for the walk-in, whose row goes: the next run finds more for the account."""
    forget_found(walk_in.id)
