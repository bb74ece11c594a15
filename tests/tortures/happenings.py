"""What happens in the tortures: a thing, of which one mail tells. It goes the way of every announcement."""

from app.integrations.mail import Message, send
from app.jobs.events import Event, announce, listens
from app.jobs.outbox import Task, delivers, enqueue
from app.kit.clock import utcnow

HAPPENED = "torture.happened"
MAIL = "torture.mail"


def connect() -> None:
    """Send a mail for each happening; called after `create_app`."""
    listens([HAPPENED], _write_mail)
    delivers(MAIL, _compose, send)


def happen(number: int) -> None:
    """Let the thing of that number happen, in the present transaction."""
    announce(HAPPENED, torture_id=number)


def _write_mail(event: Event) -> None:
    enqueue(MAIL, event.about, due_at=utcnow(), subject=f"torture:{event.about['torture_id']}")


def _compose(task: Task) -> Message:
    number = task.payload["torture_id"]
    return Message("ada@example.test", f"Number {number}", f"{number} has happened.\n", message_id=task.reference)
