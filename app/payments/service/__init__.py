"""The verbs of the payment room."""

from app.payments.service.asking import carry_on, give_up, sync
from app.payments.service.beginning import Wanted, begin
from app.payments.service.cards import detach_card, list_cards, new_card
from app.payments.service.read import (
    conceal,
    get_payment,
    get_payment_to_pay,
    list_events,
    list_payments,
    list_refunds,
    methods,
)
from app.payments.service.receipts import Receipt, receipt_of
from app.payments.service.returning import WantedRefund, ask_back, carry_out, pay_out
from app.payments.service.selling import pay_at_the_counter

__all__ = [
    "Receipt",
    "Wanted",
    "WantedRefund",
    "ask_back",
    "begin",
    "carry_on",
    "carry_out",
    "conceal",
    "detach_card",
    "get_payment",
    "get_payment_to_pay",
    "give_up",
    "list_cards",
    "list_events",
    "list_payments",
    "list_refunds",
    "methods",
    "new_card",
    "pay_at_the_counter",
    "pay_out",
    "receipt_of",
    "sync",
]
