"""`flask audit --providers` asks Daraja about each payment; what it cannot be asked is said, not taken to agree."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask

from app.jobs.worker import work_off
from app.kit.clock import frozen, utcnow
from tests.factories import token_for
from tests.integrations.payments.daraja_fake import Daraja
from tests.integrations.payments.daraja_http import Fault
from tests.integrations.payments.mpesa.till import Till
from tests.payments.desk import everything, give_back

Audit = Callable[[], tuple[int, list[str]]]

LISTS_NOTHING = "providers: mpesa lists nothing: what it has and we have not is in its own statement alone"


@pytest.fixture
def audit(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Audit:
    """Return a function that runs this part of the command, which changes nothing: its status, and what it says."""
    monkeypatch.setattr("app.commands.CHECKS", {})

    def run() -> tuple[int, list[str]]:
        before = everything()
        result = app.test_cli_runner().invoke(args=["audit", "--providers"])
        assert everything() == before
        return result.exit_code, [line for line in result.output.splitlines() if line.startswith("providers")]

    return run


def ended(till: Till, daraja: Daraja, code: str = "0") -> Any:
    """Pay another order, and let our side know how that ended."""
    till.order_id = till.new_order()
    begun = till.pay().json
    daraja.end(daraja.pushed(begun["reference"]), code)
    return till.api.post(f"/api/payments/{begun['id']}/sync", {}, token=token_for(till.owner)).json


def named(payment: Any) -> str:
    """Return by what a payment is known to both sides."""
    return f"{payment['reference']} ({payment['provider_reference']})"


def test_the_books_agree(till: Till, daraja: Daraja, audit: Audit) -> None:
    """What was paid, what was not, and what nobody has answered yet."""
    ended(till, daraja)
    ended(till, daraja, "1032")
    till.pay()
    assert audit() == (0, [LISTS_NOTHING])


def test_nothing_to_ask(till: Till, audit: Audit) -> None:
    assert audit() == (0, [])


def test_a_payment_that_it_has_not(till: Till, daraja: Daraja, audit: Audit) -> None:
    paid = ended(till, daraja)
    daraja.pushed(paid["reference"]).result = "1032"
    assert audit() == (
        1,
        [LISTS_NOTHING, f"providers: {named(paid)}: 200000 KES here, nothing at mpesa"],
    )


def test_a_payment_that_we_have_not(till: Till, daraja: Daraja, audit: Audit) -> None:
    failed = ended(till, daraja, "1037")
    daraja.pushed(failed["reference"]).result = "0"
    assert audit() == (1, [LISTS_NOTHING, f"providers: {named(failed)}: nothing here, paid at mpesa"])


def test_what_it_does_not_know_any_more(till: Till, daraja: Daraja, audit: Audit) -> None:
    """That is no difference, and no agreement."""
    ended(till, daraja)
    ended(till, daraja)
    daraja.pushes.popitem()
    untold = "providers: mpesa does not say what became of 1 of 2 payments"
    assert audit() == (0, [untold, LISTS_NOTHING])


def test_refunds(till: Till, daraja: Daraja, audit: Audit) -> None:
    """Are paid out by hand: nobody can be asked."""
    refund = give_back(till.api, till.admin, ended(till, daraja)["id"]).json
    assert audit() == (0, [LISTS_NOTHING])
    path = f"/api/payments/refunds/{refund['id']}/paid-out"
    assert till.api.post(path, {}, token=token_for(till.admin)).status_code == 200
    by_hand = "providers: mpesa was not asked about 1 refunds: they were paid out by hand"
    assert audit() == (0, [by_hand, LISTS_NOTHING])


def test_it_does_not_answer_once(till: Till, daraja: Daraja, audit: Audit) -> None:
    """The others are asked about all the same."""
    first, second = ended(till, daraja), ended(till, daraja)
    daraja.pushed(second["reference"]).result = "1"
    daraja.faults["query"] = [Fault()]
    code, lines = audit()
    assert (code, lines[0]) == (1, LISTS_NOTHING)
    assert lines[1].startswith(f"providers: {named(first)}: mpesa does not answer (daraja ")
    assert lines[2:] == [f"providers: {named(second)}: 200000 KES here, nothing at mpesa"]


def test_it_is_down(till: Till, daraja: Daraja, audit: Audit) -> None:
    """Three times silent, and it is left alone."""
    for _ in range(5):
        ended(till, daraja)
    daraja.is_down = True
    code, lines = audit()
    assert (code, len(lines)) == (1, 5)
    assert lines[-1] == "providers: mpesa was asked no more: 2 payments were not compared"


def test_it_is_set_up_no_more(
    till: Till, daraja: Daraja, audit: Audit, app: Flask, monkeypatch: pytest.MonkeyPatch
) -> None:
    ended(till, daraja)
    monkeypatch.delitem(app.extensions["payments"], "mpesa")
    assert audit() == (1, ["providers: mpesa is not set up any more: nothing was compared"])


def test_a_payment_that_was_never_named(till: Till, daraja: Daraja, audit: Audit) -> None:
    """Both answers were lost, and the client has paid: there is nothing to ask by, and that is said."""
    daraja.faults["push"] = [Fault(after=True)]
    till.pay()
    (push,) = daraja.pushes.values()
    daraja.end(push, "0")
    with frozen(utcnow() + timedelta(minutes=5)):
        work_off()
    lost = (
        "providers: mpesa could not be asked about 1 payments: it never said that it had begun them, and may have been"
        " paid: look for their references in its statement"
    )
    assert audit() == (0, [lost, LISTS_NOTHING])
