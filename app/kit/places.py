"""Names that standards give out: IANA time zones, ISO 3166 countries, ISO 4217 currencies, BCP 47 languages."""

from zoneinfo import available_timezones

from babel import Locale
from babel.core import UnknownLocaleError
from babel.numbers import get_territory_currencies

ZONE_NAMES = frozenset(available_timezones()) - {"Factory", "localtime", "posixrules"}
"""Every time zone that means the same on every machine."""

_TERRITORIES = frozenset(str(code) for code in Locale("en").territories)
_NOT_COUNTRIES = frozenset(["AC", "CP", "CQ", "DG", "EA", "EU", "EZ", "IC", "QO", "TA", "UN", "XA", "XB", "ZZ"])
"""Two-letter codes of CLDR that are parts, groups or placeholders, not ISO 3166 countries."""

COUNTRY_CODES = frozenset(code for code in _TERRITORIES if len(code) == len("KE")) - _NOT_COUNTRIES
"""ISO 3166-1 alpha-2 codes."""

CURRENCY_CODES = frozenset(code for country in COUNTRY_CODES for code in get_territory_currencies(country))
"""ISO 4217 codes of the currencies that some country uses today."""


def is_locale(name: str) -> bool:
    """Say whether it is a language, perhaps with its script and region, such as `en`, `pt-BR` or `zh-Hant-TW`."""
    try:
        return str(Locale.parse(name, sep="-")).replace("_", "-") == name
    except (ValueError, UnknownLocaleError):
        return False
