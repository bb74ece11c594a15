"""What becomes of payments when their client becomes somebody else, leaves, or asks for all that is kept of it."""

from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import BookingStatus, Payment, ProviderEvent, StoredCard, User
from app.transactions import reading, transaction
from app.users.events import erasing, exporting, walk_in_claimed
from tests.api import Api
from tests.factories import token_for
from tests.payments.desk import PAYMENTS, booked, give_back, pay, read, succeeded, tell, work
from tests.payments.scripted import Scripted
from tests.payments.test_cards import METHODS, VISA


def test_a_walk_ins_payments_become_the_accounts(api: Api, ada: User, eve: User, clerk: User) -> None:
    paid = pay(api, clerk, booked(ada)).json
    with transaction():
        walk_in_claimed.send(ada, account=eve)
    assert read(api, eve, f"/{paid['id']}")["client_id"] == eve.id
    assert api.get(f"{PAYMENTS}/{paid['id']}", token=token_for(ada)).status_code == 404


def test_what_is_kept(api: Api, ada: User, clerk: User, admin: User, stripe: Scripted) -> None:
    """Payments, refunds and cards, the client's own alone."""
    paid = pay(api, clerk, booked(ada)).json
    refund = give_back(api, admin, paid["id"], 100).json
    api.post(METHODS, token=token_for(ada))
    stripe.kept = [VISA]
    api.get(METHODS, token=token_for(ada))
    with reading():
        told = [said for _, said in exporting.send(ada)]
    shown = {name: rows for said in told for name, rows in (said or {}).items()}
    assert [one["reference"] for one in shown["payments"]] == [paid["reference"]]
    assert [one["reference"] for one in shown["refunds"]] == [refund["reference"]]
    assert [one["last4"] for one in shown["payment_methods"]] == ["4242"]


def test_what_is_forgotten(api: Api, ada: User, eve: User, stripe: Scripted) -> None:
    """Phones, cards, and providers' words; how much was paid stays."""
    had: dict[str, Any] = {"status": BookingStatus.COMPLETED}
    said = pay(api, ada, booked(ada, **had), "card").json
    other = pay(api, eve, booked(eve, **had), "card").json
    for number, one in enumerate((said, other)):
        tell(api, f"evt_{number}", **succeeded(one))
    api.post(METHODS, token=token_for(ada))
    stripe.kept = [VISA]
    api.get(METHODS, token=token_for(ada))
    with transaction():
        erasing.send(ada)
    with reading():
        (card,) = db.session.scalars(select(StoredCard).execution_options(populate_existing=True))
        raw = db.session.scalars(select(ProviderEvent.raw).order_by(ProviderEvent.id)).all()
        amounts = db.session.scalars(select(Payment.captured_amount)).all()
    assert (card.brand, card.last4, card.detached_at is not None) == ("", "0000", True)
    assert raw == [{}, {"said": "so"}]
    assert amounts == [4500, 4500]
    work()
    assert stripe.kept == []
