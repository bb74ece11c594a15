"""Days, times and money as people of a locale write them."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.dates import format_date, format_time
from babel.numbers import format_currency, get_currency_precision

from app.kit.money import Money


def day(at: datetime, zone: ZoneInfo, locale: str) -> str:
    """Return the day of an instant on the clocks of a zone, such as `Monday, January 7, 2030`."""
    return _plain(format_date(at.astimezone(zone), "full", locale=_babel(locale)))


def clock(at: datetime, zone: ZoneInfo, locale: str) -> str:
    """Return the time of an instant on the clocks of a zone, such as `10:00 AM`."""
    return _plain(format_time(at.astimezone(zone), "short", locale=_babel(locale)))


def money(amount: Money, locale: str) -> str:
    """Return an amount as people of a locale write it, such as `KES 45.00`; yen have no cents."""
    units = Decimal(amount.amount).scaleb(-get_currency_precision(amount.currency))
    return _plain(format_currency(units, amount.currency, locale=_babel(locale)))


def _babel(locale: str) -> Locale:
    return Locale.parse(locale, sep="-")


def _plain(text: str) -> str:
    """Return text with plain spaces: one narrow space makes a text message cost twice as much."""
    return text.replace("\u202f", " ").replace("\xa0", " ")
