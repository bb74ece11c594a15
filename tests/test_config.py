"""The settings: what is wrong is named and stops the start."""

import os
from decimal import Decimal
from pathlib import Path

import pytest

import config
from config import SettingsError, load_settings

STRONG = "4f9d1c7be2a85306d1f7c94be80a2635"
OTHER = "b7e1520d9c3f4a68e05d2b9147fca836"
TESTING = {"FLASK_ENV": "testing"}


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An `instance/` of the test's own."""
    monkeypatch.setattr(config, "INSTANCE", tmp_path / "instance")
    return tmp_path / "instance"


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("FLASK_ENV", "staging"),
        ("PORT", "0"),
        ("PORT", "65536"),
        ("PORT", "http"),
        ("LOG_LEVEL", "loud"),
        ("WEB_CONCURRENCY", "0"),
        ("ACCESS_TOKEN_EXPIRE", "0"),
        ("REFRESH_TOKEN_EXPIRE", "-1"),
        ("BCRYPT_ROUNDS", "3"),
        ("PUBLIC_BASE_URL", "parlour.example"),
        ("PUBLIC_BASE_URL", "ftp://parlour.example"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://root@localhost/x"),
        ("BUSINESS_CURRENCY", "kes"),
        ("BUSINESS_CURRENCY", "XYZ"),
        ("BUSINESS_TIMEZONE", "Mars/Olympus"),
        ("BUSINESS_COUNTRY", "Kenya"),
        ("BUSINESS_COUNTRY", "EU"),
        ("OWNER_SIGNUP", "maybe"),
        ("SLOT_MINUTES", "0"),
        ("HOLD_MINUTES", "x"),
        ("TAX_RATE_PERCENT", "101"),
        ("TAX_RATE_PERCENT", "NaN"),
        ("DEPOSIT_ABOVE", "-1"),
        ("DEPOSIT_ABOVE_PERCENT", "101"),
        ("SECRET_KEY_FILE", "/nowhere"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_settings(TESTING | {name: value})


def test_only_the_given_environment_counts(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PORT", "7777")
    assert load_settings(TESTING).port == 5000


def test_the_real_environment_wins_over_the_file(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, instance: Path
) -> None:
    (tmp_path / ".env").write_text("PORT=6001\nHOST=0.0.0.0\nFLASK_ENV=testing\n")
    monkeypatch.setattr(config, "ROOT", tmp_path)
    for name in list(os.environ):
        if name in {"PORT", "HOST", "FLASK_ENV", *config.SECRET_NAMES} or name.endswith("_URL"):
            monkeypatch.delenv(name)
    monkeypatch.setenv("PORT", "6002")
    settings = load_settings()
    assert (settings.port, settings.host) == (6002, "0.0.0.0")  # noqa: S104  # what the file says
    assert settings.database_url.endswith("instance/parlour.sqlite3")
    assert instance.is_dir()


def test_the_defaults_are_a_small_business_in_nairobi() -> None:
    business = load_settings(TESTING).business
    assert (business.currency, business.timezone, business.country) == ("KES", "Africa/Nairobi", "KE")
    assert (business.slot_minutes, business.hold_minutes, business.deposit_above) == (15, 10, None)
    assert (business.owner_signup, business.tax_rate_percent) == (True, Decimal(0))


@pytest.mark.parametrize(
    ("given", "url"),
    [
        ({"DATABASE_URL": "postgres://u:p%40@h:1/d"}, "postgresql+psycopg2://u:p%40@h:1/d"),
        ({"DATABASE_URL": "postgresql://h/d?sslmode=require"}, "postgresql+psycopg2://h/d?sslmode=require"),
        ({"DATABASE_URL": "sqlite:////tmp/x"}, "sqlite:////tmp/x"),
        (
            {"DB_NAME": "d", "DB_USER": "u", "DB_PASSWORD": "p@:/"},
            "postgresql+psycopg2://u:p%40%3A%2F@127.0.0.1:5432/d",
        ),
    ],
)
def test_the_database_address(given: dict[str, str], url: str) -> None:
    assert load_settings(TESTING | given).database_url == url


def test_parts_without_a_name_are_refused() -> None:
    with pytest.raises(SettingsError, match="DB_NAME"):
        load_settings(TESTING | {"DB_USER": "u"})


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({}, "SECRET_KEY"),
        ({"SECRET_KEY": STRONG[:31]}, "SECRET_KEY"),
        ({"JWT_SECRET_KEY": "change-me-change-me-change-me-change-me"}, "JWT_SECRET_KEY"),
        ({"SECRET_KEY": "your-secret-key-0123456789-abcdefghijk"}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 64}, "SECRET_KEY"),
        ({"SECRET_KEY": STRONG, "JWT_SECRET_KEY": STRONG}, "JWT_SECRET_KEY"),
        ({"SECRET_KEY": STRONG, "JWT_REFRESH_SECRET_KEY": "short"}, "JWT_REFRESH_SECRET_KEY"),
    ],
)
def test_production_refuses_weak_secrets(given: dict[str, str], name: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_settings({"FLASK_ENV": "production"} | given)


@pytest.mark.parametrize("name", config.SECRET_NAMES)
def test_one_secret_suffices_and_the_others_are_derived(name: str) -> None:
    settings = load_settings({"FLASK_ENV": "production", name: STRONG})
    found = {settings.secret_key, *settings.jwt_secret_keys, *settings.jwt_refresh_secret_keys}
    assert len(found) == 3
    assert STRONG in found
    assert settings == load_settings({"FLASK_ENV": "production", name: STRONG})


def test_keys_are_changed_by_putting_the_new_one_first() -> None:
    """TK-24: the first signs, all verify; those left out follow from each."""
    before = load_settings({"FLASK_ENV": "production", "SECRET_KEY": STRONG})
    after = load_settings({"FLASK_ENV": "production", "SECRET_KEY": f"{OTHER}, {STRONG}"})
    assert after.secret_key == OTHER
    assert after.jwt_secret_keys[1:] == before.jwt_secret_keys
    assert after.jwt_refresh_secret_keys[1:] == before.jwt_refresh_secret_keys
    assert len({*after.jwt_secret_keys, *after.jwt_refresh_secret_keys}) == 4


def test_secrets_do_not_show() -> None:
    settings = load_settings(TESTING | {"SECRET_KEY": STRONG, "DATABASE_URL": f"postgresql://u:{OTHER}@h/d"})
    assert STRONG not in repr(settings)
    assert OTHER not in repr(settings)


def test_a_secret_may_come_from_a_file(tmp_path: Path) -> None:
    path = tmp_path / "secret"
    path.write_text(f"{STRONG}\n")
    assert load_settings(TESTING | {"SECRET_KEY_FILE": str(path)}).secret_key == STRONG
    with pytest.raises(SettingsError, match="SECRET_KEY"):
        load_settings(TESTING | {"SECRET_KEY_FILE": str(path), "SECRET_KEY": OTHER})


def test_development_keeps_a_secret_of_its_own(instance: Path) -> None:
    first, second = load_settings({}), load_settings({})
    assert first.secret_key == second.secret_key
    assert [path.name for path in instance.iterdir()] == ["secret_key"]
    assert (instance / "secret_key").stat().st_mode & 0o777 == 0o600


def test_empty_means_not_set() -> None:
    assert load_settings(TESTING | {"PORT": "", "DEPOSIT_ABOVE": ""}).port == 5000
