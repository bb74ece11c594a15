"""A network that is written down: what each address answers, and when it was called; and time that passes."""

from datetime import datetime

from sqlalchemy import select

from app.extensions import db
from app.integrations.webhooks import Outcome
from app.kit import clock
from app.models import OutboxEvent
from app.transactions import transaction
from tests.webhooks.house import House

URL, OTHER = "https://hooks.example.com/a", "https://hooks.example.com/b"

BAD, GOOD = Outcome(500, "", 0.01), Outcome(200, "", 0.01)
HANGING = Outcome(None, "No answer within 5 seconds.", 5.0)
SLOW = Outcome(200, "", 4.0)
GONE = Outcome(410, "", 0.01)


class Script:
    """Stands in for the network: outcomes by address, the last of them for good; and when each was called."""

    def __init__(self) -> None:
        self.outcomes: dict[str, list[Outcome]] = {}
        self.calls: list[tuple[str, datetime]] = []

    def post(self, url: str, _body: bytes, _headers: dict[str, str]) -> Outcome:
        """Answer."""
        self.calls.append((url, clock.utcnow()))
        outcomes = self.outcomes[url]
        return outcomes.pop(0) if len(outcomes) > 1 else outcomes[0]

    def times(self, url: str) -> list[datetime]:
        """Return when an address was called."""
        return [at for called, at in self.calls if called == url]


def run(house: House, since: datetime, until: datetime) -> None:
    """Let the time pass: carry out every task at the moment at which it is due."""
    at = since
    while at <= until:
        house.work(at)
        with transaction():
            waiting = select(OutboxEvent.due_at).where(OutboxEvent.done_at.is_(None), OutboxEvent.dead_at.is_(None))
            following = db.session.scalar(waiting.order_by(OutboxEvent.due_at).limit(1))
        if following is None:
            return
        at = max(at, following)
