"""Stored cards: begun in the client's page, listed as the provider has them, and forgotten."""

from app.integrations.payments import Card
from app.models import User
from tests.api import Api
from tests.factories import token_for
from tests.payments.desk import PAYMENTS, booked, everything, pay
from tests.payments.refusals import refused
from tests.payments.scripted import DOWN, OPEN, Scripted

METHODS = f"{PAYMENTS}/methods"
VISA = Card("pm_1", "visa", "4242", 12, 2031)


def test_storing(api: Api, ada: User, eve: User, stripe: Scripted) -> None:
    """The provider knows its client by one name from then on; the card is its client's alone."""
    assert api.get(METHODS, token=token_for(ada)).json == {"items": []}
    for _ in range(2):
        begun = api.post(METHODS, token=token_for(ada))
        assert begun.status_code == 201, begun.json
        assert begun.json == {"provider_reference": "seti_1", "client_secret": f"cus_user-{ada.id}_secret"}
    stripe.kept = [VISA]
    (shown,) = api.get(METHODS, token=token_for(ada)).json["items"]
    card_id = shown.pop("id")
    assert shown == {"brand": "visa", "last4": "4242", "exp_month": 12, "exp_year": 2031}
    assert api.get(METHODS, token=token_for(ada)).json["items"][0]["id"] == card_id
    assert api.get(METHODS, token=token_for(eve)).json == {"items": []}
    before = everything()
    answer = pay(api, eve, booked(eve), "card", payment_method_id=card_id)
    assert (answer.status_code, list(answer.json["errors"])) == (404, ["payment_method_id"])
    assert everything()["payments"] == before["payments"]
    pay(api, ada, booked(ada), "card", payment_method_id=card_id)
    assert (stripe.started[0].payment_method, stripe.started[0].customer) == ("pm_1", f"cus_user-{ada.id}")
    assert refused(api.delete(f"{METHODS}/{card_id}", token=token_for(eve)), 404, "not_found")
    assert api.delete(f"{METHODS}/{card_id}", token=token_for(ada)).status_code == 204
    assert (stripe.kept, api.get(METHODS, token=token_for(ada)).json) == ([], {"items": []})
    assert refused(api.delete(f"{METHODS}/{card_id}", token=token_for(ada)), 404, "not_found")


def test_the_provider_is_away(api: Api, ada: User, stripe: Scripted) -> None:
    """Cards are shown as they were; one that it has forgotten is forgotten here too."""
    api.post(METHODS, token=token_for(ada))
    stripe.kept = [VISA]
    api.get(METHODS, token=token_for(ada))
    stripe.says, stripe.kept = DOWN, []
    assert len(api.get(METHODS, token=token_for(ada)).json["items"]) == 1
    stripe.says = OPEN
    assert api.get(METHODS, token=token_for(ada)).json == {"items": []}


def test_where_cards_are_not_taken(api: Api, ada: User) -> None:
    """Nothing is begun."""
    assert refused(api.post(METHODS, token=token_for(ada)), 409, "provider_not_configured")
