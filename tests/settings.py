"""The settings that tests run the application with, as its environment."""

import atexit
import os
from pathlib import Path
from tempfile import TemporaryDirectory

from dotenv import dotenv_values

DOTENV = Path(__file__).parent.parent / ".env"

SECRET = "for tests only and long enough: 0123456789abcdef"  # signs nothing outside a test session

_mail = TemporaryDirectory(prefix="parlour-mail-")  # of this process alone; the `mailbox` reads it
_uploads = TemporaryDirectory(prefix="parlour-uploads-")
for _folder in (_mail, _uploads):
    atexit.register(_folder.cleanup)


def environment(database_url: str) -> dict[str, str]:
    """Return the settings for one database; nothing of the caller's own environment or `.env` counts."""
    return {
        "FLASK_ENV": "testing",
        "DATABASE_URL": database_url,
        "SECRET_KEY": SECRET,
        "BCRYPT_ROUNDS": "4",
        "LOG_LEVEL": "WARNING",
        "MAIL_DIR": _mail.name,
        "UPLOAD_DIR": _uploads.name,
        "RATELIMIT_ENABLED": "false",
        "CATALOGUE_LEASE_MS": "0",  # what a test writes beside the program is shown at once
        "BUSINESS_NAME": "Test Parlour",
        "BUSINESS_CURRENCY": "KES",
        "BUSINESS_TIMEZONE": "Africa/Nairobi",
        "BUSINESS_COUNTRY": "KE",
    }


def process_environment(database_url: str, **more: str) -> dict[str, str]:
    """Return the whole environment of a process that runs the application on one database."""
    kept = {name: os.environ[name] for name in ("PATH", "HOME", "TMPDIR", "LANG") if name in os.environ}
    # An empty variable means unset to the application, and wins over a developer's `.env`.
    unset = dict.fromkeys(dotenv_values(DOTENV), "")
    return kept | unset | {"FLASK_SKIP_DOTENV": "1"} | environment(database_url) | more
