"""What Daraja lets pass: the fields, numbers and times of its documents, and nothing beside them."""

import base64
import re
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from app.kit.clock import utcnow
from app.settings.payments import MpesaAccount
from tests.integrations.payments.daraja_http import Refused

NAIROBI: Final = ZoneInfo("Africa/Nairobi")
TIMESTAMP_SECONDS: Final = 300
LARGEST: Final = 250_000
"""Shillings in one transaction."""

_SIGNED: Final = frozenset({"BusinessShortCode", "Password", "Timestamp"})
_PARTIES: Final = frozenset({"TransactionType", "Amount", "PartyA", "PartyB", "PhoneNumber"})
PUSH_FIELDS: Final = _SIGNED | _PARTIES | {"CallBackURL", "AccountReference", "TransactionDesc"}
QUERY_FIELDS: Final = _SIGNED | {"CheckoutRequestID"}

_PHONE: Final = re.compile(r"254[17][0-9]{8}")


def check_fields(given: dict[str, Any], expected: frozenset[str], account: MpesaAccount) -> None:
    """Refuse other fields than those, another shortcode, a wrong password, and the time of another place."""
    if given.keys() != expected:
        wrong = ", ".join(sorted(given.keys() ^ expected))
        raise Refused(400, "400.002.02", f"Bad Request - Invalid {wrong}")
    if str(given["BusinessShortCode"]) != account.shortcode:
        raise Refused(500, "500.001.1001", "Merchant does not exist")
    if abs(utcnow() - _instant(given["Timestamp"])) > timedelta(seconds=TIMESTAMP_SECONDS):
        raise Refused(400, "400.002.02", "Bad Request - Invalid Timestamp")
    password = f"{account.shortcode}{account.passkey}{given['Timestamp']}".encode()
    if given["Password"] != base64.b64encode(password).decode():
        raise Refused(500, "500.001.1001", "Wrong credentials")


def check_push(given: dict[str, Any], account: MpesaAccount) -> None:
    """Refuse what the documents do not allow in a push to this pay bill number, or till; the field is named."""
    amount, address = given["Amount"], urlsplit(str(given["CallBackURL"]))
    kind = "CustomerPayBillOnline" if account.till is None else "CustomerBuyGoodsOnline"
    right = {
        "TransactionType": given["TransactionType"] == kind,
        "Amount": isinstance(amount, int | str) and str(amount).isdecimal() and 1 <= int(amount) <= LARGEST,
        "PartyA": _PHONE.fullmatch(str(given["PartyA"])),
        "PartyB": str(given["PartyB"]) == (account.till or account.shortcode),
        "PhoneNumber": _PHONE.fullmatch(str(given["PhoneNumber"])),
        "CallBackURL": address.scheme in {"http", "https"} and address.hostname and not address.query,
        "AccountReference": 1 <= len(given["AccountReference"]) <= 12,
        "TransactionDesc": 1 <= len(given["TransactionDesc"]) <= 13,
    }
    for name, fine in right.items():
        if not fine:
            raise Refused(400, "400.002.02", f"Bad Request - Invalid {name}")


def _instant(timestamp: Any) -> datetime:
    """Return the instant of a timestamp, which is Nairobi's wall clock."""
    try:
        return datetime.strptime(timestamp, "%Y%m%d%H%M%S").replace(tzinfo=NAIROBI).astimezone(UTC)
    except (TypeError, ValueError):
        raise Refused(400, "400.002.02", "Bad Request - Invalid Timestamp") from None
