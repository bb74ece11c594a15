"""What a deployment fixes about its business."""

from dataclasses import dataclass
from datetime import time
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Business:
    """The one business of this deployment (product.md: one currency, one default time zone)."""

    name: str
    currency: str
    timezone: str
    country: str
    slot_minutes: int
    hold_minutes: int
    booking_limit: int
    owner_signup: bool
    deposit_above: int | None
    deposit_above_percent: int
    tax_rate_percent: Decimal
    tax_inclusive: bool
    order_minutes: int
    locale: str = "en"
    quiet_hours: tuple[time, time] = (time(21), time(8))
    """From when to when, on the client's clocks, nobody is reminded of anything; the same twice: never quiet."""

    address: str = ""
    """As it stands on invoices; may have several lines."""

    tax_number: str = ""
