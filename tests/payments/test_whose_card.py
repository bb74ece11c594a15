"""What only whoever pays may use and know: their stored card, and the secret with which their page goes on."""

import pytest

from app.integrations.payments import Card, Status
from app.models import Role, User
from tests.api import Api
from tests.factories import make_space, make_space_booking, make_user, token_for
from tests.payments.desk import PAYMENTS, TOMORROW, booked, everything, pay, read, sync
from tests.payments.scripted import ACTION, DOWN, Scripted


@pytest.mark.parametrize("role", [Role.STAFF, Role.ADMIN])
def test_a_stored_card_is_charged_by_its_owner(api: Api, ada: User, stripe: Scripted, role: Role) -> None:
    """Whoever else may pay finds no such card, not even one of their own: it is another customer's at the provider."""
    other = make_user(role)
    cards = {}
    for number, who in enumerate((ada, other)):
        stripe.kept = [Card(f"pm_{number}", "visa", "4242", 12, 2031)]
        api.post(f"{PAYMENTS}/methods", token=token_for(who))
        cards[who] = api.get(f"{PAYMENTS}/methods", token=token_for(who)).json["items"][0]["id"]
    booking = booked(ada)
    before = everything()
    for card_id in cards.values():
        answer = pay(api, other, booking, "card", payment_method_id=card_id)
        assert (answer.status_code, list(answer.json["errors"])) == (404, ["payment_method_id"])
    assert (everything(), stripe.started) == (before, [])
    assert pay(api, ada, booking, "card", payment_method_id=cards[ada]).status_code == 201


def test_the_secret_of_a_payment(api: Api, ada: User, clerk: User, admin: User, stripe: Scripted) -> None:
    """Its client knows it, and whoever began it; staff and the owner of the space see the payment without it."""
    owner = make_user(Role.OWNER)
    let, visit = make_space_booking(ada, make_space(owner), TOMORROW), booked(ada)
    stripe.cancels = DOWN
    for booking, others in ((let, (owner, admin)), (visit, (clerk, admin))):
        begun = pay(api, ada, booking, "card").json
        assert begun["next_action"] == ACTION
        for who in others:
            assert read(api, who, f"/{begun['id']}") == begun | {"next_action": None}
            assert begun | {"next_action": None} in read(api, who, "")["items"]
            assert sync(api, who, begun["id"]) == begun | {"next_action": None}
        assert read(api, ada, f"/{begun['id']}") == begun == sync(api, ada, begun["id"])
        assert begun in read(api, ada, "")["items"]


def test_the_secret_of_what_staff_began(api: Api, ada: User, clerk: User, admin: User, stripe: Scripted) -> None:
    """At the desk they type the card in."""
    stripe.starts = Status.REQUIRES_ACTION
    begun = pay(api, clerk, booked(ada), "card").json
    assert begun["next_action"] == ACTION
    for who, shown in ((clerk, ACTION), (ada, ACTION), (admin, None)):
        assert read(api, who, f"/{begun['id']}")["next_action"] == shown
