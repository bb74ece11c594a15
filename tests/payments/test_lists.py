"""Lists of payments: everybody's own, owners' of their spaces, all for staff and admins; fixed costs."""

import pytest

from app.models import Role, User
from tests.api import Api
from tests.conftest import CountStatements
from tests.factories import make_payment, make_space, make_space_booking, make_user, token_for
from tests.payments.desk import PAYMENTS, TOMORROW, booked, everything, ordered, pay, read
from tests.payments.refusals import refused
from tests.payments.scripted import Scripted


def test_who_sees_what(api: Api, ada: User, eve: User, clerk: User, admin: User) -> None:
    owner = make_user(Role.OWNER)
    visit, let = make_payment(booked(ada)), make_payment(make_space_booking(eve, make_space(owner), TOMORROW))
    made = ordered(api, eve)
    bought = pay(api, clerk, made).json["id"]
    booked_by_owner = make_payment(booked(owner)).id
    seen = {
        name: {one["id"] for one in read(api, who, "")["items"]}
        for name, who in {"ada": ada, "eve": eve, "clerk": clerk, "owner": owner, "admin": admin}.items()
    }
    assert seen == {
        "ada": {visit.id},
        "eve": {let.id, bought},
        "clerk": {visit.id, let.id, bought, booked_by_owner},
        "owner": {let.id, booked_by_owner},
        "admin": {visit.id, let.id, bought, booked_by_owner},
    }


def test_staff_see_what_is_paid_for_spaces(api: Api, ada: User, clerk: User, stripe: Scripted) -> None:
    """And give none of it up: the bookings are not theirs."""
    let = make_space_booking(ada, make_space(make_user(Role.OWNER)), TOMORROW)
    begun = pay(api, ada, let, "card").json
    before = everything()
    assert read(api, clerk, f"/{begun['id']}")["status"] == "requires_action"
    assert refused(api.post(f"{PAYMENTS}/{begun['id']}/cancel", token=token_for(clerk)), 403, "forbidden")
    assert (everything(), stripe.cancelled) == (before, [])
    assert pay(api, clerk, let).status_code == 404
    assert api.post(f"{PAYMENTS}/{begun['id']}/cancel", token=token_for(ada)).status_code == 200


def test_filters(api: Api, ada: User, clerk: User, stripe: Scripted) -> None:
    booking = booked(ada)
    open_one = pay(api, ada, booking, "card", amount={"amount": 100}).json["id"]
    done = pay(api, clerk, booking).json["id"]
    other = pay(api, clerk, booked(ada)).json["id"]

    def ids(query: str) -> list[int]:
        return [one["id"] for one in read(api, ada, query)["items"]]

    assert ids("") == [other, done, open_one]
    assert ids("?sort=created_at") == [open_one, done, other]
    assert ids(f"?booking_id={booking.id}&status=succeeded") == [done]
    assert ids("?status=requires_action&status=failed") == [open_one]
    assert ids("?order_id=1") == []
    assert api.get(f"{PAYMENTS}?status=else", token=token_for(ada)).status_code == 422


@pytest.mark.parametrize("role", list(Role))
def test_what_a_list_costs(api: Api, role: Role, count_statements: CountStatements) -> None:
    """The same, however long it is."""
    who, client = make_user(role), make_user()
    token, costs = token_for(who), []
    for _ in range(2):
        for _ in range(3):
            make_payment(booked(client))
            make_payment(booked(who))
        with count_statements() as seen:
            assert api.get(PAYMENTS, token=token).json["items"]
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 3


def test_what_a_payment_costs(api: Api, ada: User, clerk: User, count_statements: CountStatements) -> None:
    """In cash: the same for each."""
    costs = []
    token = token_for(clerk)
    for _ in range(2):
        booking = booked(ada)
        with count_statements() as seen:
            answer = api.post(PAYMENTS, {"booking_id": booking.id, "method": "cash"}, token=token)
        assert answer.status_code == 201
        costs.append(len(seen))
    assert costs[0] == costs[1] <= 32


def test_a_receipt(api: Api, ada: User, clerk: User, stripe: Scripted) -> None:
    """Of what has come, as JSON or a file; of what has not, there is none."""
    booking = booked(ada)
    paid = pay(api, clerk, booking).json
    shown = read(api, ada, f"/{paid['id']}/receipt")
    assert (shown["payment"], shown["paid_for"], shown["client_name"]) == (paid, booking.reference, ada.name)
    path = f"{PAYMENTS}/{paid['id']}/receipt"
    assert "Accept" in api.get(path, token=token_for(ada)).headers["Vary"]
    by_header = api.get(path, token=token_for(ada), headers={"Accept": "application/pdf"})
    for answer in (by_header, api.get(f"{path}?format=pdf", token=token_for(ada))):
        assert (answer.status_code, answer.mimetype, answer.data[:5]) == (200, "application/pdf", b"%PDF-")
        assert "Accept" in answer.headers["Vary"]
    assert api.get(f"{path}?format=doc", token=token_for(ada)).status_code == 422
    waiting = pay(api, ada, booked(ada), "card").json
    assert api.get(f"{PAYMENTS}/{waiting['id']}/receipt", token=token_for(ada)).status_code == 404
