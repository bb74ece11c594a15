"""The settings of M-Pesa: all of them or none, and never in the log."""

from secrets import token_hex

import pytest

from app.integrations.payments import configured
from app.settings.payments import MPESA_API, MPESA_SANDBOX, MpesaAccount
from config import Settings, SettingsError, load_settings
from tests.integrations.payments.daraja_fake import Daraja
from tests.settings import environment

GIVEN = {
    "MPESA_CONSUMER_KEY": "consumer-key",
    "MPESA_CONSUMER_SECRET": "consumer-secret",
    "MPESA_SHORTCODE": "174379",
    "MPESA_PASSKEY": "passkey",
}


def settings(**given: str) -> Settings:
    """Return the settings of an environment."""
    return load_settings(environment("sqlite://") | given)


@pytest.mark.parametrize("till", [None, "511382"])
def test_an_account(till: str | None) -> None:
    daraja = Daraja(port=1, till=till)
    assert settings(**daraja.environment).payments.mpesa == daraja.account
    assert list(configured(settings(**daraja.environment))) == ["mpesa"]


@pytest.mark.parametrize(
    ("environment_name", "base"),
    [("production", MPESA_API), ("development", MPESA_SANDBOX), ("testing", MPESA_SANDBOX)],
)
def test_where_daraja_is(environment_name: str, base: str) -> None:
    """Nobody's money moves by accident: only production talks to the real one."""
    account = settings(**GIVEN, FLASK_ENV=environment_name, SECRET_KEY=token_hex(32)).payments.mpesa
    assert account is not None
    assert account.api_base == base


def test_without_any() -> None:
    assert settings().payments.mpesa is None
    assert configured(settings()) == {}


@pytest.mark.parametrize("missing", GIVEN)
def test_one_is_missing(missing: str) -> None:
    with pytest.raises(SettingsError, match=f"^{missing} is missing"):
        settings(**{name: value for name, value in GIVEN.items() if name != missing})


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("MPESA_SHORTCODE", "1743"),
        ("MPESA_SHORTCODE", "17437x"),
        ("MPESA_TILL", "five"),
        ("MPESA_API_BASE", "ftp://x"),
    ],
)
def test_what_cannot_be_meant(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=f"^{name}"):
        settings(**GIVEN | {name: value})


def test_a_till_alone() -> None:
    with pytest.raises(SettingsError, match=r"^MPESA_CONSUMER_KEY is missing"):
        settings(MPESA_TILL="511382")


def test_another_currency() -> None:
    """M-Pesa is not offered then, and the start says so."""
    other = settings(**GIVEN, BUSINESS_CURRENCY="USD")
    assert configured(other) == {}
    assert any("MPESA_SHORTCODE" in line for line in other.warnings)


def test_secrets_stay_out_of_the_log() -> None:
    account = MpesaAccount("consumer-key", "consumer-secret", "174379", "passkey", MPESA_SANDBOX)
    assert "174379" in repr(account)
    assert not [secret for secret in ("consumer-key", "consumer-secret", "passkey") if f"'{secret}'" in repr(account)]
