"""A client with an order, who pays it by M-Pesa; and what both sides' books say."""

from datetime import timedelta
from typing import Any
from urllib.parse import urlsplit

from flask.testing import FlaskClient
from sqlalchemy import case, func, select

from app.extensions import db
from app.kit import clock
from app.models import Account, LedgerEntry, Payment, Role, User
from app.transactions import reading
from tests.api import Api
from tests.factories import make_product, make_user, token_for
from tests.integrations.payments.daraja_callbacks import Delivery
from tests.mailbox import Mailbox
from tests.orders.till import order

PAYMENTS = "/api/payments"
PRICE = 200_000


class Till:
    """A client with an order, and what happens to its payments."""

    def __init__(self, client: FlaskClient, mailbox: Mailbox, price: int = PRICE) -> None:
        self.client, self.api, self.mailbox = client, Api(client), mailbox
        self.owner, self.admin = make_user(), make_user(Role.ADMIN)
        self.order_id = self.new_order(price)

    def new_order(self, price: int = PRICE) -> int:
        """Order something at that price."""
        found: int = order(self.api, self.owner, (make_product(9, price_amount=price), 1)).json["id"]
        return found

    def pay(self, phone: str | None = "0712345678", key: str | None = None) -> Any:
        """POST a payment of the order."""
        body = {"order_id": self.order_id, "method": "mpesa"} | ({} if phone is None else {"phone": phone})
        headers = {} if key is None else {"Idempotency-Key": key}
        return self.api.post(PAYMENTS, body, token=token_for(self.owner), headers=headers)

    def arrive(self, delivery: Delivery) -> int:
        """Let a callback arrive, and return the status of the answer."""
        path = urlsplit(delivery.url).path
        return self.client.post(path, data=delivery.body, content_type="application/json").status_code

    def work(self, after: timedelta = timedelta(0)) -> None:
        """Carry out what is due, some time later."""
        with clock.frozen(clock.utcnow() + after):
            self.mailbox.deliver()

    def seen(self, payment_id: int, who: User | None = None) -> Any:
        """GET a payment."""
        return self.api.get(f"{PAYMENTS}/{payment_id}", token=token_for(who or self.owner)).json

    def listed(self) -> Any:
        """GET the client's payments."""
        return self.api.get(PAYMENTS, token=token_for(self.owner)).json["items"]

    def order_status(self) -> str:
        """GET the order, and return how far its payment has come."""
        found = self.api.get(f"/api/orders/{self.order_id}", token=token_for(self.owner)).json
        return str(found["payment_status"])

    def verdicts(self) -> list[str | None]:
        """Return what became of everything that arrived."""
        items = self.api.get(f"{PAYMENTS}/events", token=token_for(self.admin)).json["items"]
        return sorted(one["verdict"] for one in items)


def our_books() -> dict[str, int]:
    """Return the shillings that our ledger has in the M-Pesa account, by payment: as `Daraja.books` has them."""
    change = case((LedgerEntry.debit == Account.MPESA, LedgerEntry.amount), else_=-LedgerEntry.amount)
    found = select(Payment.reference, func.sum(change)).join(LedgerEntry, LedgerEntry.payment_id == Payment.id)
    with reading():
        return {name: int(cents) // 100 for name, cents in db.session.execute(found.group_by(Payment.reference))}
