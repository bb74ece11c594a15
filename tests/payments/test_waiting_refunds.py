"""What is on its way back, as admins see it."""

from app.integrations.payments import Failure, Outcome, Status
from app.models import User
from tests.api import Api
from tests.conftest import CountStatements
from tests.factories import token_for
from tests.payments.desk import PAYMENTS, booked, give_back, pay, read
from tests.payments.scripted import Unsigned


def test_what_waits(api: Api, ada: User, admin: User, mpesa: Unsigned, count_statements: CountStatements) -> None:
    """The oldest first, until it has been paid out; however much there is, it costs the same."""
    mpesa.starts = Status.SUCCEEDED
    mpesa.refunds = Outcome(Status.REQUIRES_ACTION, failure=Failure("pay_out_by_hand", "Not by M-Pesa."))
    token, made, costs = token_for(admin), [], []
    for _ in range(2):
        made += [give_back(api, admin, pay(api, ada, booked(ada), "mpesa").json["id"]).json["id"] for _ in range(2)]
        with count_statements() as seen:
            assert [one["id"] for one in api.get(f"{PAYMENTS}/refunds", token=token).json["items"]] == made
        costs.append(len(seen))
    assert costs[0] == costs[1]
    assert api.post(f"{PAYMENTS}/refunds/{made[0]}/paid-out", {}, token=token).status_code == 200
    assert [one["id"] for one in read(api, admin, "/refunds?sort=-created_at")["items"]] == made[:0:-1]
    assert [one["id"] for one in read(api, admin, "/refunds?limit=1")["items"]] == made[1:2]
