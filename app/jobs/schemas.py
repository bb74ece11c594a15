"""The shapes of tasks."""

from marshmallow import fields

from app.jobs.service import Status
from app.web.fields import Choice, Id, Instant, Text, Whole
from app.web.pagination import PageArgs
from app.web.schemas import Schema


class JobsQuery(PageArgs):
    """Which tasks: those given up, the latest first; those waiting, the longest due first; those done, latest first."""

    status = Choice(Status, load_default=Status.DEAD)


class JobOut(Schema):
    """A task of the outbox."""

    id = Id(required=True)
    topic = Text(required=True, metadata={"example": "users.reset_password"})
    subject = Text(
        required=True,
        allow_none=True,
        metadata={"description": "In line behind others of its topic and this.", "example": "booking:17"},
    )
    about = fields.Dict(
        required=True, metadata={"description": "The ids of what it is about.", "example": {"booking_id": 17}}
    )
    status = Choice(Status, required=True)
    attempts = Whole(required=True)
    due_at = Instant(required=True)
    ended_at = Instant(required=True, allow_none=True, metadata={"description": "When it was done or given up."})
    last_error = Text(required=True, allow_none=True)
    created_at = Instant(required=True)


class QueueStateOut(Schema):
    """How much there is to do."""

    waiting = Whole(required=True, metadata={"description": "Tasks that have not ended, due or not."})
    due = Whole(required=True, metadata={"description": "Those that could be carried out now."})
    oldest_seconds = Whole(required=True, metadata={"description": "For how long the oldest of these waits."})
    in_hand = Whole(required=True, metadata={"description": "Those that a worker has."})
    failing = Whole(required=True, metadata={"description": "Waiting ones that have failed before."})
    dead = Whole(required=True, metadata={"description": "Those that were given up."})
