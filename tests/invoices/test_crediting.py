"""What is written when money goes back: a credit note for what was billed, else a refund receipt."""

from itertools import pairwise
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from app.invoices.drafts import credited_lines
from app.invoices.service import document_refund
from app.models import Booking, Invoice, InvoiceKind, InvoiceLine, ProductKind, Refund, User
from app.orders.pricing import Tax
from app.transactions import transaction
from tests.api import Api
from tests.factories import make_product
from tests.invoices.test_issuing import complete, invoices, money
from tests.ledger.money import balances, bill, found_wrong, give_back, pay
from tests.prepaid.bought import make_paid_order


def notes(api: Api, who: User, kind: str) -> list[dict[str, Any]]:
    """Return the documents of a kind, the first issued first."""
    return sorted(invoices(api, who, kind=kind), key=lambda one: one["number"])


def test_a_refund_before_the_invoice(api: Api, ada: User, begun: Booking) -> None:
    """Gets a receipt, without tax: nothing was earned yet."""
    refund = give_back(pay(begun, 464_000), 100_000, "Came late")
    (found,) = invoices(api, ada)
    assert (found["number"], found["kind"], found["refund_id"]) == ("RR-2030-000001", "refund_receipt", refund.id)
    assert (found["total"], found["tax"], found["corrects"], found["reference"]) == (
        money(100_000),
        money(0),
        None,
        begun.reference,
    )
    assert found["items"][0]["description"].endswith(" · Came late")
    assert balances() == {"stripe": 364_000, "receivable": -364_000}


def test_a_refund_after_it(api: Api, ada: User, clerk: User, begun: Booking) -> None:
    """Gets a credit note over its share of the tax; several come to the invoice to the minor unit."""
    payment = pay(begun, 464_000)
    complete(api, clerk, begun)
    (invoice,) = invoices(api, ada)
    for amount in (1, 99_999, 364_000):
        give_back(payment, amount)
    found = notes(api, ada, "credit_note")
    assert [one["number"] for one in found] == ["CN-2030-000001", "CN-2030-000002", "CN-2030-000003"]
    assert [one["total"]["amount"] for one in found] == [1, 99_999, 364_000]
    assert sum(one["tax"]["amount"] for one in found) == 64_000
    assert {one["corrects"]["number"] for one in found} == {invoice["number"]}
    assert (balances(), found_wrong()) == ({}, [])


def test_what_was_paid_twice(api: Api, ada: User, clerk: User, begun: Booking) -> None:
    """PAY-40: giving one back takes nothing of the invoice back; what goes beyond it does."""
    first, second = pay(begun, 464_000), pay(begun, 464_000, counted=False)
    complete(api, clerk, begun)
    give_back(second, 464_000)
    assert notes(api, ada, "credit_note") == []
    assert [one["total"] for one in notes(api, ada, "refund_receipt")] == [money(464_000)]
    give_back(first, 464_000)
    assert [one["total"] for one in notes(api, ada, "credit_note")] == [money(464_000)]
    assert (balances(), found_wrong()) == ({}, [])


def test_what_was_partly_paid_too_much(api: Api, ada: User, clerk: User, begun: Booking) -> None:
    """The note is over what its client would owe again, and says what was given back."""
    pay(begun, 400_000)
    second = pay(begun, 100_000)
    complete(api, clerk, begun)
    give_back(second, 100_000)
    (found,) = notes(api, ada, "credit_note")
    assert (found["total"], found["paid"]) == (money(64_000), money(100_000))
    assert found_wrong() == []


def test_one_document_of_a_refund(api: Api, ada: User, clerk: User, begun: Booking) -> None:
    """INV-07: whoever asks for it again gets the same."""
    payment = pay(begun, 464_000)
    complete(api, clerk, begun)
    refund = give_back(payment, 464_000)
    with transaction():
        again = document_refund(refund, payment)
    assert [again.id] == [one["id"] for one in notes(api, ada, "credit_note")]


def test_an_order_of_several_rates(api: Api, ada: User) -> None:
    """Each rate bears its share."""
    card = make_product(kind=ProductKind.GIFT_CARD, price_amount=1000, card_amount=1000)
    oil = make_product(price_amount=1160)
    order = make_paid_order(ada, card, oil, paid_amount=0, tax_rate_millionths=160_000)
    payment = pay(order, 2160)
    bill(order)
    for amount in (720, 1440):
        give_back(payment, amount)
    found = notes(api, ada, "credit_note")
    assert [[line["total"]["amount"] for line in one["items"]] for one in found] == [[333, 387], [667, 773]]
    assert found_wrong() == []


@given(
    prices=st.lists(
        st.tuples(st.integers(1, 10**6), st.sampled_from([0, 50_000, 80_000, 160_000])), min_size=1, max_size=6
    ),
    cuts=st.lists(st.integers(0, 10**6), max_size=5),
    inclusive=st.booleans(),
)
def test_parts_come_to_the_whole(prices: list[tuple[int, int]], cuts: list[int], inclusive: bool) -> None:
    """However an invoice is taken back: each part is of its amount, and all of them are the invoice, rate by rate."""
    invoice = invoice_of(prices, inclusive=inclusive)
    done = sorted({cut % (invoice.total_amount + 1) for cut in cuts} | {0, invoice.total_amount})
    taken: dict[int, tuple[int, int]] = {}
    for before, after in pairwise(done):
        lines = credited_lines(invoice, Refund(reason=""), before, after - before)
        assert sum(line.amount + (0 if inclusive else line.tax) for line in lines) == after - before
        assert all(line.amount >= 0 and line.tax >= 0 for line in lines)
        for line in lines:
            amount, tax = taken.get(line.tax_rate, (0, 0))
            taken[line.tax_rate] = (amount + line.amount, tax + line.tax)
    billed = {rate: sums_of(invoice, rate) for rate in {rate for _, rate in prices}}
    assert taken == billed


def invoice_of(prices: list[tuple[int, int]], *, inclusive: bool) -> Invoice:
    """Return an invoice of lines of these prices and rates."""
    lines = [
        InvoiceLine(
            position=position,
            quantity=1,
            unit_price_amount=price,
            amount=price,
            tax_rate_millionths=rate,
            tax_amount=Tax(rate, inclusive).on(price),
            currency="KES",
        )
        for position, (price, rate) in enumerate(prices)
    ]
    total = sum(line.amount + (0 if inclusive else line.tax_amount) for line in lines)
    return Invoice(
        year=2030, sequence=1, kind=InvoiceKind.INVOICE, tax_inclusive=inclusive, total_amount=total, lines=lines
    )


def sums_of(invoice: Invoice, rate: int) -> tuple[int, int]:
    """Return what the lines of a rate come to, and their tax."""
    lines = [line for line in invoice.lines if line.tax_rate_millionths == rate]
    return sum(line.amount for line in lines), sum(line.tax_amount for line in lines)
