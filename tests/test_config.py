"""The settings: what is wrong is named and stops the start."""

import os
from decimal import Decimal
from pathlib import Path

import pytest

import config
from config import Cloudinary, Images, SettingsError, load_settings
from tests.cases import each_case

STRONG = "4f9d1c7be2a85306d1f7c94be80a2635"
OTHER = "b7e1520d9c3f4a68e05d2b9147fca836"
TESTING = {"FLASK_ENV": "testing"}


@pytest.fixture
def instance(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An `instance/` of the test's own."""
    monkeypatch.setattr(config, "INSTANCE", tmp_path / "instance")
    return tmp_path / "instance"


@each_case(
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
        ("PUBLIC_BASE_URL", "https://parlour.example/api"),
        ("DATABASE_URL", "nonsense"),
        ("DATABASE_URL", "mysql://root@localhost/x"),
        ("BUSINESS_CURRENCY", "kes"),
        ("BUSINESS_CURRENCY", "XYZ"),
        ("BUSINESS_TIMEZONE", "Mars/Olympus"),
        ("BUSINESS_COUNTRY", "Kenya"),
        ("BUSINESS_COUNTRY", "EU"),
        ("OWNER_SIGNUP", "maybe"),
        ("WEBHOOKS_ALLOW_PRIVATE", "maybe"),
        ("SLOT_MINUTES", "0"),
        ("HOLD_MINUTES", "x"),
        ("TAX_RATE_PERCENT", "101"),
        ("TAX_RATE_PERCENT", "NaN"),
        ("TAX_RATE_PERCENT", "8.12345"),
        ("TAX_INCLUSIVE", "perhaps"),
        ("ORDER_MINUTES", "0"),
        ("DEPOSIT_ABOVE", "-1"),
        ("DEPOSIT_ABOVE_PERCENT", "101"),
        ("SECRET_KEY_FILE", "/nowhere"),
        ("UPLOAD_DIR", "/dev/null"),
        ("CLOUDINARY_URL", "https://key:secret@demo"),
        ("CLOUDINARY_URL", "cloudinary://key@demo"),
        ("CLOUDINARY_URL", "cloudinary://[key:secret@demo"),
        ("CLOUDINARY_URL", "cloudinary://key:secret@demo?upload_prefix=file:///etc"),
        ("CLOUDINARY_URL_FILE", "/nowhere"),
        ("STRIPE_API_BASE", "api.stripe.com"),
        ("STRIPE_SECRET_KEY_FILE", "/nowhere"),
    ],
)
def test_a_wrong_value_is_named(name: str, value: str) -> None:
    with pytest.raises(SettingsError, match=name):
        load_settings(TESTING | {name: value})


@each_case(
    ("given", "said"),
    [
        ({"PORT": "65536"}, "PORT: Must be greater than or equal to 1 and less than or equal to 65535."),
        ({"PORT": "http"}, "PORT: Not a valid integer."),
        ({"FLASK_ENV": "prod"}, "FLASK_ENV: Must be one of: development, production, testing."),
        ({"PUBLIC_BASE_URL": "http://[x"}, "PUBLIC_BASE_URL: Must be an address such as https://app.example."),
        ({"FRONTEND_URL": "app"}, "FRONTEND_URL: Must be an address such as https://app.example."),
        ({"REDIS_URL": "http://[x"}, "REDIS_URL: Must be an address such as redis://127.0.0.1:6379/0."),
        ({"DATABASE_URL": "postgresql://h:port/d"}, "DATABASE_URL is not a database address."),
        ({"DB_PORT": "5433"}, "DB_NAME is missing: DB_PORT says nothing without it."),
        ({"DB_PASSWORD_FILE": "/nowhere"}, "DB_NAME is missing: DB_PASSWORD says nothing without it."),
        ({"MAIL_USERNAME": "u"}, "MAIL_PASSWORD is missing beside MAIL_USERNAME."),
        ({"MAIL_PASSWORD": "p"}, "MAIL_USERNAME is missing beside MAIL_PASSWORD."),
        ({"STRIPE_WEBHOOK_SECRET": "whsec_1"}, "STRIPE_SECRET_KEY is missing beside STRIPE_WEBHOOK_SECRET."),
        ({"BCRYPT_ROUNDS_FILE": "/nowhere"}, "BCRYPT_ROUNDS_FILE names no readable text file."),
    ],
)
def test_what_is_wrong_is_said_on_one_line(given: dict[str, str], said: str) -> None:
    """It begins with the name."""
    with pytest.raises(SettingsError) as error:
        load_settings(TESTING | given)
    assert str(error.value) == said


IN_PRODUCTION = {"FLASK_ENV": "production", "SECRET_KEY": STRONG, "DATABASE_URL": "postgresql://db/parlour"}


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ({"DATABASE_URL": "postgresql://parlour:for-development-only@db/parlour"}, "DATABASE_URL"),
        ({"DATABASE_URL": "", "DB_NAME": "parlour", "DB_PASSWORD": "postgres"}, "DB_PASSWORD"),
    ],
)
def test_no_production_on_a_well_known_password(given: dict[str, str], name: str) -> None:
    """In development it is welcome."""
    with pytest.raises(SettingsError, match=f"^{name} has a well-known password; make one with: openssl rand"):
        load_settings(IN_PRODUCTION | given)
    assert load_settings(TESTING | given).database_url.startswith("postgresql")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"DATABASE_URL": ""}, "DATABASE_URL names no PostgreSQL: "),
        ({"WEB_CONCURRENCY": "2"}, "REDIS_URL is not set: "),
    ],
)
def test_what_production_probably_lacks_is_pointed_out(given: dict[str, str], said: str) -> None:
    mailing = IN_PRODUCTION | {"MAIL_SERVER": "smtp.example", "PUBLIC_BASE_URL": "https://api.example"}
    (warning,) = load_settings(mailing | given).warnings
    assert warning.startswith(said)


def test_mail_into_files_is_pointed_out_in_production() -> None:
    """Only there, and only without a server."""
    production = IN_PRODUCTION | {"MAIL_DIR": "/var/mails"}
    (warning,) = load_settings(production).warnings
    assert warning == "MAIL_SERVER is not set: nobody gets mail, it is written to files in /var/mails."
    served = production | {"MAIL_SERVER": "smtp.example", "PUBLIC_BASE_URL": "https://api.example"}
    assert load_settings(served).warnings == ()
    assert load_settings(TESTING).warnings == ()


def test_cards_without_messages_are_pointed_out() -> None:
    """Stripe is asked about payments then, but nothing that it says is believed."""
    (warning,) = load_settings(TESTING | {"STRIPE_SECRET_KEY": "sk_1"}).warnings
    assert warning.startswith("STRIPE_WEBHOOK_SECRET is not set: ")
    told = load_settings(TESTING | {"STRIPE_SECRET_KEY": "sk_1", "STRIPE_WEBHOOK_SECRET": "whsec_1, whsec_2"})
    assert told.warnings == ()
    assert told.payments.stripe is not None
    assert told.payments.stripe.webhook_secrets == ("whsec_1", "whsec_2")
    assert "sk_1" not in repr(told)
    assert "whsec_1" not in repr(told)


def test_mail_that_leaves_must_know_where_its_links_lead() -> None:
    """In production never to this very machine."""
    mailing = {"FLASK_ENV": "production", "SECRET_KEY": STRONG, "MAIL_SERVER": "smtp.example"}
    with pytest.raises(SettingsError) as error:
        load_settings(mailing)
    assert str(error.value) == "PUBLIC_BASE_URL or FRONTEND_URL is missing: the links in mails lead there."
    for name in ("PUBLIC_BASE_URL", "FRONTEND_URL"):
        load_settings(mailing | {name: "https://salon.example"})
    assert load_settings(TESTING | {"MAIL_SERVER": "smtp.example"}).public_base_url == "http://127.0.0.1:5000"


@pytest.mark.parametrize("everybody", ["0.0.0.0/0", "::/0", "10.0.0.0/8, ::/0"])
def test_in_production_nobody_is_everybodys_proxy(everybody: str) -> None:
    """Callers could choose the address by which they are counted; in development that may be wanted."""
    production = {"FLASK_ENV": "production", "SECRET_KEY": STRONG}
    with pytest.raises(SettingsError) as error:
        load_settings(production | {"TRUSTED_PROXIES": everybody})
    assert str(error.value) == (
        "TRUSTED_PROXIES must not be everybody, in production: name your proxies or their number."
    )
    assert load_settings(production | {"TRUSTED_PROXIES": "10.0.0.0/8"}).trusted_proxies.networks
    assert load_settings(TESTING | {"TRUSTED_PROXIES": everybody}).trusted_proxies.networks


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


@each_case(
    ("given", "name"),
    [
        ({}, "SECRET_KEY"),
        ({"JWT_SECRET_KEY": ""}, "SECRET_KEY"),
        ({"SECRET_KEY": STRONG[:31]}, "SECRET_KEY"),
        ({"JWT_SECRET_KEY": "secret"}, "JWT_SECRET_KEY"),
        ({"JWT_SECRET_KEY": "your_jwt_secret_key"}, "JWT_SECRET_KEY"),
        ({"JWT_SECRET_KEY": "your-256-bit-secret"}, "JWT_SECRET_KEY"),
        ({"JWT_SECRET_KEY": "change-me-change-me-change-me-change-me"}, "JWT_SECRET_KEY"),
        ({"SECRET_KEY": "your-secret-key-0123456789-abcdefghijk"}, "SECRET_KEY"),
        ({"SECRET_KEY": "a" * 64}, "SECRET_KEY"),
        ({"SECRET_KEY": "your-256-bit-secret-your-256-bit-secret"}, "SECRET_KEY"),
        ({"SECRET_KEY": "dev-dev-key-please-do-not-use-anywhere"}, "SECRET_KEY"),
        ({"SECRET_KEY": "changeme" * 5}, "SECRET_KEY"),
        ({"SECRET_KEY": "0123456789abcdef" * 4}, "SECRET_KEY"),
        ({"SECRET_KEY": "ab12" * 10}, "SECRET_KEY"),
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


def test_dialogflows_secret(tmp_path: Path) -> None:
    """Nobody is answered without one; a weak one is none in production."""
    assert load_settings(TESTING).dialogflow_secret is None
    path = tmp_path / "secret"
    path.write_text(f"{OTHER}\n")
    settings = load_settings({"FLASK_ENV": "production", "SECRET_KEY": STRONG, "DIALOGFLOW_SECRET_FILE": str(path)})
    assert settings.dialogflow_secret == OTHER
    assert OTHER not in repr(settings)
    for weak in ("short", "x" * 40):
        with pytest.raises(SettingsError, match="DIALOGFLOW_SECRET"):
            load_settings({"FLASK_ENV": "production", "SECRET_KEY": STRONG, "DIALOGFLOW_SECRET": weak})
    with pytest.raises(SettingsError, match="DIALOGFLOW_SECRET"):
        load_settings(TESTING | {"DIALOGFLOW_SECRET": "not in a header: \u00fc"})


def test_development_keeps_a_secret_of_its_own(instance: Path) -> None:
    first, second = load_settings({}), load_settings({})
    assert first.secret_key == second.secret_key
    assert [path.name for path in instance.iterdir()] == ["secret_key"]
    assert (instance / "secret_key").stat().st_mode & 0o777 == 0o600


def test_empty_means_not_set() -> None:
    assert load_settings(TESTING | {"PORT": "", "DEPOSIT_ABOVE": ""}).port == 5000


def test_pictures_go_to_cloudinary_where_that_is_set(tmp_path: Path) -> None:
    """In one address or in three parts, each of which may be a file's; secrets are not shown."""
    secret = tmp_path / "secret"
    secret.write_text("s-3\n")
    address = {"CLOUDINARY_URL": "cloudinary://42:s-3@demo?upload_prefix=http://127.0.0.1:9"}
    parts = {"CLOUDINARY_CLOUD_NAME": "demo", "CLOUDINARY_API_KEY": "42", "CLOUDINARY_API_SECRET_FILE": str(secret)}
    for given, prefix in ((address, "http://127.0.0.1:9"), (parts, None)):
        read = load_settings(TESTING | given).images.cloudinary
        assert read == Cloudinary("demo", "42", "s-3", prefix)
        assert "s-3" not in repr(load_settings(TESTING | given))
    assert load_settings(TESTING).images == Images(config.INSTANCE / "uploads", None)
    assert load_settings(TESTING | {"UPLOAD_DIR": str(tmp_path)}).images.folder == tmp_path


@pytest.mark.parametrize("missing", ["CLOUDINARY_CLOUD_NAME", "CLOUDINARY_API_KEY", "CLOUDINARY_API_SECRET"])
def test_the_parts_of_cloudinary_go_together(missing: str) -> None:
    parts = {"CLOUDINARY_CLOUD_NAME": "demo", "CLOUDINARY_API_KEY": "42", "CLOUDINARY_API_SECRET": "s"}
    with pytest.raises(SettingsError, match=f"^{missing} is missing"):
        load_settings(TESTING | {name: value for name, value in parts.items() if name != missing})
    with pytest.raises(SettingsError, match=r"^CLOUDINARY_URL"):
        load_settings(TESTING | parts | {"CLOUDINARY_URL": "cloudinary://42:s@demo"})
