"""A house in which things happen, and an admin who looks at what became of telling others."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from standardwebhooks import Webhook as Verifier

from app.extensions import db
from app.jobs.events import announce
from app.jobs.worker import work_once
from app.kit import clock
from app.models import AuditEntry, User, Webhook, WebhookDelivery
from app.transactions import transaction
from tests.api import Api
from tests.factories import token_for
from tests.integrations.webhooks.receivers import Call, Receiver

EVENT = "waitlist.offered"
"""An event that is told by its ids alone, so nothing else need be there."""


@dataclass(frozen=True)
class House:
    """The API as an admin sees it, and the worker."""

    api: Api
    admin: User

    @property
    def token(self) -> str:
        """A token of the admin's that is good now, whenever that is."""
        return token_for(self.admin)

    def subscribe(self, url: str, *events: str, **fields: Any) -> Any:
        """Add a webhook for some events, or for all; return what was answered."""
        body = {"url": url, "events": list(events or ["*"]), **fields}
        answer = self.api.post("/api/webhooks", body, token=self.token)
        assert answer.status_code == 201, answer.json
        return answer.json

    def read(self, webhook: Any) -> Any:
        """Return a webhook as it is now."""
        return self.api.get(f"/api/webhooks/{webhook['id']}", token=self.token).json

    def change(self, webhook: Any, **fields: Any) -> Any:
        """Change a webhook."""
        return self.api.patch(f"/api/webhooks/{webhook['id']}", fields, token=self.token)

    def act(self, webhook: Any, action: str) -> Any:
        """POST to something below a webhook."""
        return self.api.post(f"/api/webhooks/{webhook['id']}/{action}", token=self.token)

    def deliveries(self, webhook: Any, **query: Any) -> list[Any]:
        """Return the deliveries to a webhook, the newest first."""
        path = f"/api/webhooks/{webhook['id']}/deliveries"
        answer = self.api.get(path, query={"limit": 100, **query}, token=self.token)
        assert answer.status_code == 200, answer.json
        found: list[Any] = answer.json["items"]
        return found

    def delivery(self, webhook: Any) -> Any:
        """Return the one delivery to a webhook."""
        (found,) = self.deliveries(webhook)
        return found

    def happen(self, name: str = EVENT, **about: int | str) -> None:
        """Let something happen; nobody is told yet."""
        with transaction():
            announce(name, **(about or {"offer_id": 7}))

    def work(self, at: datetime | None = None) -> int:
        """Carry out what is due, at an instant; return how many tasks that were."""
        with clock.frozen(at or clock.utcnow()):
            return work_once()


def payload(call: Call, secret: str) -> Any:
    """Return what a call says, once its signature is verified. Raises `WebhookVerificationError`."""
    return Verifier(secret).verify(call.body, dict(call.headers))


def ids(receiver: Receiver) -> list[str]:
    """Return the `webhook-id` of each call that came."""
    return [call.headers["webhook-id"] for call in receiver.calls]


def row(delivery: Any) -> WebhookDelivery:
    """Return a delivery's row as it is now."""
    with transaction():
        return db.session.get_one(WebhookDelivery, delivery["id"], populate_existing=True)


def hook(webhook: Any) -> Webhook:
    """Return a webhook's row as it is now."""
    with transaction():
        return db.session.get_one(Webhook, webhook["id"], populate_existing=True)


def audited() -> list[tuple[str, Any]]:
    """Return what the audit log has of webhooks."""
    with transaction():
        found = select(AuditEntry).where(AuditEntry.object_type == "webhook").order_by(AuditEntry.id)
        return [(entry.action, entry.after) for entry in db.session.scalars(found)]
