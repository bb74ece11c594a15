from zoneinfo import ZoneInfo

import pytest

from app.kit.places import COUNTRY_CODES, CURRENCY_CODES, ZONE_NAMES


@pytest.mark.parametrize("name", ["Africa/Nairobi", "Europe/Berlin", "Asia/Kathmandu", "UTC"])
def test_zones_of_the_world_are_known(name: str) -> None:
    assert name in ZONE_NAMES


@pytest.mark.parametrize("name", ["localtime", "Factory", "posixrules", "Mars/Olympus", "", "../etc/passwd"])
def test_nothing_else_is_a_zone(name: str) -> None:
    assert name not in ZONE_NAMES


def test_every_known_zone_can_be_opened() -> None:
    assert all(ZoneInfo(name).key == name for name in ZONE_NAMES)


def test_countries_are_two_capitals_and_currencies_three() -> None:
    assert {"KE", "DE", "JP"} <= COUNTRY_CODES
    assert {"KES", "EUR", "JPY"} <= CURRENCY_CODES
    assert all(len(code) == 2 and code.isascii() and code.isupper() for code in COUNTRY_CODES)
    assert all(len(code) == 3 and code.isascii() and code.isupper() for code in CURRENCY_CODES)


@pytest.mark.parametrize("code", ["", "ke", "KEN", "ZZ", "XX"])
def test_nothing_else_is_a_country(code: str) -> None:
    assert code not in COUNTRY_CODES
