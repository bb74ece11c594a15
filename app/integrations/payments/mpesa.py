"""M-Pesa by Safaricom's Daraja: a prompt on the payer's phone (STK push), and the question what became of it.

Three things it lacks shape this file. It knows no repetition: a second push is a second prompt. Its callbacks carry no
signature: they are a reason to ask. And its query names no amount: what was asked for is what is paid, since the payer
cannot change it. See docs/payments-mpesa.md.
"""

from __future__ import annotations

import base64
import re
from contextlib import suppress
from dataclasses import replace
from datetime import timedelta
from typing import TYPE_CHECKING, Any, ClassVar, Final
from zoneinfo import ZoneInfo

import phonenumbers
import structlog

from app.integrations.payments import mpesa_callbacks
from app.integrations.payments.daraja import SECONDS, Daraja, Refused
from app.integrations.payments.mpesa_results import PROCESSED, UNDER_WAY, failure_of
from app.integrations.payments.provider import BadPayment, Failure, NextStep, Outcome, ProviderDown, Started, Status
from app.kit.clock import utcnow

if TYPE_CHECKING:
    from app.integrations.payments.provider import Incoming, PaymentCall, RefundCall
    from app.settings.payments import MpesaAccount

PUSH: Final = "/mpesa/stkpush/v1/processrequest"
QUERY: Final = "/mpesa/stkpushquery/v1/query"
NAIROBI: Final = ZoneInfo("Africa/Nairobi")
CURRENCY: Final = "KES"
CENTS: Final = 100
LARGEST: Final = 250_000 * CENTS
"""What one transaction may move."""

CONFIRMED_WITHIN: Final = timedelta(minutes=3)
"""A push whose answer was lost has its callback by then, or has not happened: prompts end within a minute or so."""

CLEAR_WITHIN: Final = timedelta(minutes=15)
"""So long an unknown result may still be one of a payment under way: the code for that is not documented either."""

ANSWERED_WITHIN: Final = timedelta(days=1)
"""So long Daraja may say that a payment is under way."""

NOT_CONFIRMED: Final = Failure(
    "not_confirmed",
    "M-PESA did not confirm that it asked the phone. Whoever has an M-PESA message of this payment shows it to the"
    " business before paying again.",
)
NOT_PROCESSED: Final = Failure(
    "not_processed", "M-PESA did not carry out this payment. Try again, or pay in another way."
)
PHONE_BUSY: Final = Failure(
    "phone_busy", "Another M-PESA request is open on this phone. Finish it, wait a minute, and try again."
)
BAD_NUMBER: Final = Failure("phone_refused", "M-PESA does not know this phone number.")
NOT_TAKEN: Final = Failure("provider_refused", "M-PESA refused this payment. Pay in another way, or ask the business.")
PAY_OUT: Final = Failure(
    "pay_out_by_hand", "M-PESA payments are paid back by the business itself, in its M-PESA portal."
)

_PHONE: Final = re.compile(r"254[17][0-9]{8}")
_WRITTEN_PHONE: Final = re.compile(r"\+?[0-9 ().-]{1,30}")

log = structlog.get_logger(__name__)


class Mpesa:
    """A pay bill number, or a till, that receives by STK push; threads may share it."""

    name: ClassVar[str] = "mpesa"
    can_repeat_start: ClassVar[bool] = False
    failed_is_final: ClassVar[bool] = True

    def __init__(self, account: MpesaAccount, seconds: float = SECONDS) -> None:
        """Take the account, and how long to wait for each silence of Daraja."""
        self._account = account
        self._daraja = Daraja(account, seconds)

    def check(self, payment: PaymentCall) -> PaymentCall:
        """Return the payment with its phone as 2547XXXXXXXX or 2541XXXXXXXX. Raises `BadPayment`."""
        if payment.currency != CURRENCY:
            raise BadPayment("currency", "M-Pesa takes Kenyan shillings.")
        if payment.amount % CENTS:
            raise BadPayment("amount", "M-Pesa takes whole shillings.")
        if not CENTS <= payment.amount <= LARGEST:
            raise BadPayment("amount", f"M-Pesa takes 1 to {LARGEST // CENTS:,} shillings at once.")
        return replace(payment, phone=_msisdn(payment.phone or ""))

    def start(self, payment: PaymentCall) -> Started:
        """Send the prompt. Raises `ProviderDown`. Not to be repeated: there would be two prompts, and two payments."""
        phone = _msisdn(payment.phone or "")
        till = self._account.till
        prompt = {
            "TransactionType": "CustomerPayBillOnline" if till is None else "CustomerBuyGoodsOnline",
            "Amount": payment.amount // CENTS,
            "PartyA": phone,
            "PartyB": till or self._account.shortcode,
            "PhoneNumber": phone,
            "CallBackURL": payment.callback_url,
            "AccountReference": payment.reference,
            "TransactionDesc": "Payment",
        }
        try:
            said = self._daraja.post(PUSH, self._signed() | prompt)
        except Refused as refused:
            return Started(None, Status.FAILED, failure=_not_pushed(refused))
        checkout = said.get("CheckoutRequestID")
        if str(said.get("ResponseCode")) != PROCESSED or not isinstance(checkout, str):
            log.error("mpesa_push_not_taken", response=str(said.get("ResponseCode"))[:20])
            return Started(None, Status.FAILED, failure=NOT_TAKEN)
        return Started(checkout, Status.PENDING, next_action=_prompt(payment, phone))

    def ask(self, payment: PaymentCall) -> Outcome:
        """Say where the payment stands; after a day without an answer it has failed. Raises `ProviderDown`."""
        if payment.provider_reference is None:
            waited = _is_older(payment, CONFIRMED_WITHIN)
            return Outcome(Status.FAILED, failure=NOT_CONFIRMED) if waited else Outcome(Status.PENDING)
        code = self._result(payment.provider_reference)
        if code == PROCESSED:
            return Outcome(Status.SUCCEEDED, payment.amount, payment.currency, payment.provider_reference)
        failure = failure_of(code) or _given_up(payment, code)
        status = Status.PENDING if failure is None else Status.FAILED
        return Outcome(status, provider_reference=payment.provider_reference, failure=failure)

    def refund(self, refund: RefundCall) -> Outcome:
        """Ask nobody: the business pays back by hand, and says so. The reasons stand in docs/payments-mpesa.md."""
        return Outcome(Status.REQUIRES_ACTION, failure=PAY_OUT)

    def cancel(self, payment: PaymentCall) -> Outcome:
        """Say where the payment stands: a prompt cannot be taken back, and ends by itself within a minute or so."""
        return self.ask(payment)

    def was_paid(self, name: str) -> bool | None:
        """Say whether a push was paid; None where Daraja does not say, or does not know it any more."""
        code = self._result(name)
        if code == PROCESSED:
            return True
        return None if failure_of(code) is None else False

    def read_callback(self, body: bytes) -> Incoming:
        """Return what a callback says, which proves nothing. Raises `BadCallback` where it cannot be read."""
        return mpesa_callbacks.read(body)

    def _result(self, checkout: str) -> str:
        """Return the result code of a push, as text."""
        try:
            said = self._daraja.post(QUERY, self._signed() | {"CheckoutRequestID": checkout})
        except Refused as refused:
            if refused.code in UNDER_WAY:
                return refused.code
            log.warning("mpesa_query_refused", code=refused.code)
            raise ProviderDown(f"daraja refuses to answer: {refused.code}") from None
        if said.get("CheckoutRequestID", checkout) != checkout:
            raise ProviderDown("daraja answers about another payment")
        return str(said.get("ResultCode", "")).strip()

    def _signed(self) -> dict[str, Any]:
        """Return who asks and when, by Nairobi's wall clock, under the password that follows from both."""
        timestamp = utcnow().astimezone(NAIROBI).strftime("%Y%m%d%H%M%S")
        password = f"{self._account.shortcode}{self._account.passkey}{timestamp}".encode()
        return {
            "BusinessShortCode": self._account.shortcode,
            "Password": base64.b64encode(password).decode(),
            "Timestamp": timestamp,
        }


def _msisdn(written: str) -> str:
    """Return a Kenyan mobile number as M-Pesa writes it. Raises `BadPayment` for any other."""
    digits = ""
    if _WRITTEN_PHONE.fullmatch(written):
        with suppress(phonenumbers.NumberParseException):
            number = phonenumbers.parse(written, "KE")
            digits = f"{number.country_code}{number.national_number}" if phonenumbers.is_valid_number(number) else ""
    if not _PHONE.fullmatch(digits):
        raise BadPayment("phone", "Must be a Kenyan mobile number, such as 0712345678 or +254712345678.")
    return digits


def _prompt(payment: PaymentCall, phone: str) -> dict[str, Any]:
    """Return what the payer does next; whoever sees the payment need not see the whole number."""
    words = f"Enter your M-PESA PIN on the phone that ends in {phone[-3:]}, to pay KES {payment.amount // CENTS:,}."
    return {"type": NextStep.MPESA_PROMPT, "message": words}


def _not_pushed(refused: Refused) -> Failure:
    """Return why there is no prompt. One error code has several causes, so the words decide; unknown ones are ours."""
    words = refused.words.lower().replace(" ", "")
    if "locksubscriber" in words:
        return PHONE_BUSY
    if "phonenumber" in words or "partya" in words:
        return BAD_NUMBER
    log.error("mpesa_push_refused", code=refused.code, words=refused.words[:100])
    return NOT_TAKEN


def _given_up(payment: PaymentCall, code: str) -> Failure | None:
    """Return why a payment without a clear result has failed; None while it may still get one."""
    if code in UNDER_WAY:
        return NOT_CONFIRMED if _is_older(payment, ANSWERED_WITHIN) else None
    log.warning("mpesa_result_unknown", code=code[:20], reference=payment.reference)
    return NOT_PROCESSED if _is_older(payment, CLEAR_WITHIN) else None


def _is_older(payment: PaymentCall, than: timedelta) -> bool:
    return payment.created_at is not None and utcnow() - payment.created_at > than
