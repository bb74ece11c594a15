"""How documents write who sells, amounts, rates and days."""

from datetime import datetime
from decimal import Decimal
from zoneinfo import ZoneInfo

from babel import Locale
from babel.numbers import format_decimal, get_currency_precision

from app.kit.money import Money, in_percent


def money_text(money: Money) -> str:
    """Return an amount with its currency: `KES 4,500.00`, `JPY 4,500`."""
    return f"{money.currency} {number_text(money)}"


def number_text(money: Money) -> str:
    """Return an amount without its currency, with as many decimals as that has."""
    decimals = get_currency_precision(money.currency)
    pattern = f"#,##0.{'0' * decimals}" if decimals else "#,##0"
    return str(format_decimal(Decimal(money.amount).scaleb(-decimals), pattern, locale="en"))


def seller_lines(name: str, address: str, country: str, tax_number: str) -> list[str]:
    """Return who sells, line by line, the name first; the country, a code, by its name in English."""
    taxed = [f"Tax number: {tax_number}"] if tax_number else []
    return [name, *address.splitlines(), str(Locale("en").territories.get(country, country)), *taxed]


def percent_text(millionths: int) -> str:
    """Return a rate in percent without needless zeros: `16 %`, `7.7 %`."""
    return f"{in_percent(millionths)} %"


def day_text(at: datetime, timezone: str) -> str:
    """Return the day of an instant in a zone, which every country reads the same way: `2026-11-21`."""
    return f"{at.astimezone(ZoneInfo(timezone)):%Y-%m-%d}"


def moment_text(at: datetime, timezone: str) -> str:
    """Return the day and time of an instant in a zone, and the zone."""
    return f"{at.astimezone(ZoneInfo(timezone)):%Y-%m-%d %H:%M} ({timezone})"
