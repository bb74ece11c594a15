"""A client who pays by card at our API, an admin, and Stripe's postman."""

from datetime import timedelta
from typing import Any

from app.extensions import db
from app.kit.clock import utcnow
from app.models import Booking, Role
from app.transactions import reading
from tests.api import Api
from tests.factories import make_booking, make_service, make_user, make_working_staff, token_for
from tests.integrations.payments.stripe_fake import StripeFake
from tests.integrations.payments.stripe_mail import Message, signed

HOOK = "/api/payments/webhooks/stripe"


class Desk:
    """A client with a booking of KES 45.00, an admin, and Stripe's postman."""

    def __init__(self, api: Api, fake: StripeFake) -> None:
        self.api, self.fake = api, fake
        self.owner = make_user()
        self.client, self.admin = token_for(self.owner), token_for(make_user(Role.ADMIN))
        self.booking = self.new_booking()

    def new_booking(self, **service: Any) -> int:
        """Return the id of another booking of the client's."""
        made = make_service(**service)
        return make_booking(self.owner, made, make_working_staff(made), utcnow() + timedelta(days=3)).id

    def pay(self, **more: Any) -> Any:
        """Begin to pay for the booking by card."""
        wanted = {"booking_id": self.booking, "method": "card"} | more
        return self.api.post("/api/payments", wanted, token=self.client)

    def enter_card(self, payment: Any, card: str = "pm_card_visa") -> None:
        """Enter a card in the page that shows the payment."""
        self.fake.pay(payment.json["next_action"]["client_secret"], card)

    def paid(self) -> Any:
        """Return a payment that has come, and of which Stripe has told."""
        payment = self.pay()
        self.enter_card(payment)
        self.tell()
        return self.now(payment)

    def post(self, message: Message) -> int:
        """Hand a message of Stripe's over, and return the status."""
        headers = {"Stripe-Signature": message.signature, "Content-Type": "application/json; charset=utf-8"}
        return int(self.api.client.post(HOOK, data=message.body, headers=headers).status_code)

    def tell(self) -> None:
        """Hand over all that Stripe has to say, in order."""
        for event in self.fake.events:
            assert self.post(signed(event)) == 200

    def sync(self, payment: Any) -> Any:
        """Let our side ask Stripe about a payment, and return it."""
        return self.api.post(f"/api/payments/{payment.json['id']}/sync", {}, token=self.client).json

    def now(self, payment: Any) -> Any:
        """Return the payment as it is now."""
        return self.api.get(f"/api/payments/{payment.json['id']}", token=self.client).json

    def refund(self, payment: Any, **more: Any) -> Any:
        """Let an admin give money back."""
        wanted = {"payment_id": payment["id"], "reason": "Came late"} | more
        return self.api.post("/api/payments/refund", wanted, token=self.admin)

    def verdicts(self, **query: str) -> list[str]:
        """Return what became of Stripe's messages."""
        found = self.api.get("/api/payments/events", token=self.admin, query={"limit": 100} | query).json
        return [one["kind"] for one in found["items"]]


def money(amount: int) -> dict[str, Any]:
    """Return an amount as the API writes it."""
    return {"amount": amount, "currency": "KES"}


def paid_for(booking_id: int) -> int:
    """Return what the booking counts as paid."""
    with reading():
        return db.session.get_one(Booking, booking_id, populate_existing=True).paid_amount
