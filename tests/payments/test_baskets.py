"""What is ordered, what the provider is asked for, and what is invoiced: one sum."""

from random import Random

from app.integrations.payments import Outcome, Status
from app.models import User
from tests.api import Api
from tests.factories import make_product, token_for
from tests.payments.desk import pay, sync
from tests.payments.scripted import Scripted

BASKETS = 12


def test_to_the_minor_unit(api: Api, ada: User, stripe: Scripted) -> None:
    """PAY-48: of any basket. Thousands of them are invoiced in tests/invoices, without a provider."""
    chance = Random(48)  # noqa: S311  # any baskets, the same each time
    goods = [make_product(1000, price_amount=chance.choice([1, 3, 7, 99, 1234, 99_999])) for _ in range(6)]
    for _ in range(BASKETS):
        chosen = chance.sample(goods, chance.randint(1, 4))
        items = [{"product_id": one.id, "quantity": chance.randint(1, 9)} for one in chosen]
        order = api.post("/api/orders", {"items": items}, token=token_for(ada)).json
        payment = pay(api, ada, order, "card").json
        stripe.says = Outcome(Status.SUCCEEDED, payment["amount"]["amount"], "KES")
        sync(api, ada, payment["id"])
        paid = api.get(f"/api/orders/{order['id']}", token=token_for(ada)).json
        invoice = api.get(f"/api/invoices/{paid['invoice_id']}", token=token_for(ada)).json
        sums = {
            sum(line["total"]["amount"] for line in order["items"]),
            order["total"]["amount"],
            stripe.started[-1].amount,
            paid["amount_paid"]["amount"],
            invoice["total"]["amount"],
            sum(line["total"]["amount"] for line in invoice["items"]),
        }
        assert len(sums) == 1
