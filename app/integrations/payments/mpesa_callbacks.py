"""M-Pesa's callbacks: what they say, made small and harmless. Anybody can write one, so none proves anything."""

from __future__ import annotations

import hashlib
import json
import re
from decimal import Decimal
from typing import Any, Final

from app.integrations.payments.provider import BadCallback, Incoming

LARGEST: Final = Decimal(10**12)
LONGEST: Final = 200
_CHECKOUT: Final = re.compile(r"[A-Za-z0-9_.-]{1,100}")
_SAID: Final = ("CheckoutRequestID", "MerchantRequestID", "ResultCode", "ResultDesc")
_DETAILS: Final = ("Amount", "MpesaReceiptNumber", "TransactionDate")
"""What is kept of the metadata. The payer's phone number is not: the payment has it."""


def read(body: bytes) -> Incoming:
    """Return what a callback says. Raises `BadCallback` where it names no push that could be asked about.

    Repetitions have one `event_id`; one that says anything else has another, so that a forged one that comes first
    does not swallow the true one.
    """
    told = _told(body)
    checkout = told.get("CheckoutRequestID")
    if not isinstance(checkout, str) or not _CHECKOUT.fullmatch(checkout):
        raise BadCallback("The message names no CheckoutRequestID.")
    details = _details(told)
    raw = {name: _kept(value) for name, value in {**told, **details}.items() if name in _SAID + _DETAILS}
    digest = hashlib.sha256(json.dumps(raw, sort_keys=True).encode()).hexdigest()
    return Incoming(
        provider="mpesa",
        event_id=f"{checkout}:{digest[:16]}",
        kind="stk_callback",
        provider_reference=checkout,
        payment_reference=None,
        amount=_minor_units(details.get("Amount")),
        currency="KES",
        raw=raw,
    )


def _told(body: bytes) -> dict[str, Any]:
    """Return the object in the middle of the message."""
    try:
        found = json.loads(body)["Body"]["stkCallback"]
    except (ValueError, RecursionError, KeyError, TypeError):
        raise BadCallback("This is no message of M-Pesa Express.") from None
    if not isinstance(found, dict):
        raise BadCallback("This is no message of M-Pesa Express.")
    return found


def _details(told: dict[str, Any]) -> dict[str, Any]:
    """Return the metadata by name: there are none where nothing was paid, and may be none where something was."""
    metadata = told.get("CallbackMetadata")
    items = metadata.get("Item") if isinstance(metadata, dict) else None
    listed = [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []
    return {str(item.get("Name")): item.get("Value") for item in listed[:20]}


def _kept(value: Any) -> str:
    """Return a value as short, printable text, whatever it was: any database takes that."""
    text = value if isinstance(value, str) else json.dumps(value)
    return "".join(letter for letter in text[:LONGEST] if letter.isprintable())


def _minor_units(shillings: Any) -> int | None:
    """Return shillings, such as `1.0`, as cents; None for what is no amount in whole cents."""
    if isinstance(shillings, bool) or not isinstance(shillings, int | float | str):
        return None
    try:
        cents = Decimal(str(shillings)) * 100
    except ArithmeticError:  # no number, or one beyond all numbers
        return None
    return int(cents) if cents.is_finite() and 0 <= cents <= LARGEST and cents == int(cents) else None
