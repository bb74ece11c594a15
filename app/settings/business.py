"""Whose house it is: names, places, money and the grid of times."""

from datetime import time
from decimal import Decimal

from marshmallow.validate import Length, Range

from app.kit.business import Business
from app.kit.money import LARGEST_AMOUNT
from app.kit.places import COUNTRY_CODES, CURRENCY_CODES, ZONE_NAMES
from app.settings.checks import is_in, is_language, is_tax_rate, is_time_of_day_range
from app.settings.environment import Environment


def read_business(env: Environment) -> Business:
    """Return the business of BUSINESS_… and of the rules that hold everywhere in it."""
    return Business(
        name=env.str("BUSINESS_NAME", "Parlour", validate=Length(max=200)),
        currency=env.str("BUSINESS_CURRENCY", "KES", validate=is_in(CURRENCY_CODES, "ISO 4217 currency")),
        timezone=env.str("BUSINESS_TIMEZONE", "Africa/Nairobi", validate=is_in(ZONE_NAMES, "IANA time zone")),
        country=env.str("BUSINESS_COUNTRY", "KE", validate=is_in(COUNTRY_CODES, "ISO 3166 country")),
        slot_minutes=env.int("SLOT_MINUTES", 15, validate=Range(1, 1440)),
        hold_minutes=env.int("HOLD_MINUTES", 10, validate=Range(1, 1440)),
        booking_limit=env.int("CLIENT_BOOKING_LIMIT", 10, validate=Range(1, 10_000)),
        owner_signup=env.bool("OWNER_SIGNUP", default=True),
        deposit_above=env.int("DEPOSIT_ABOVE", None, validate=Range(0, LARGEST_AMOUNT)),
        deposit_above_percent=env.int("DEPOSIT_ABOVE_PERCENT", 0, validate=Range(0, 100)),
        tax_rate_percent=env.decimal("TAX_RATE_PERCENT", Decimal(0), validate=is_tax_rate),
        tax_inclusive=env.bool("TAX_INCLUSIVE", default=True),
        order_minutes=env.int("ORDER_MINUTES", 30, validate=Range(1, 10_080)),
        locale=env.str("BUSINESS_LOCALE", "en", validate=is_language),
        quiet_hours=_hours(env.str("QUIET_HOURS", "21:00-08:00", validate=is_time_of_day_range)),
        address=env.str("BUSINESS_ADDRESS", "", validate=Length(max=500)),
        tax_number=env.str("BUSINESS_TAX_NUMBER", "", validate=Length(max=64)),
    )


def _hours(text: str) -> tuple[time, time]:
    begin, _, end = text.partition("-")
    return time.fromisoformat(begin), time.fromisoformat(end)
