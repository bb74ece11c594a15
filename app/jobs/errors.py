"""What the room refuses."""

from app.kit.errors import Conflict


class NotDead(Conflict):
    """Only a task that has been given up is replayed or dropped: what is waiting is tried anyway."""

    code = "job_not_dead"
    title = "This task has not been given up."
