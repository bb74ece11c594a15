"""Create or promote an admin: `python create_admin.py --email E --password P`.

`ADMIN_EMAIL` and `ADMIN_PASSWORD` serve too; run by hand without them, it asks.
"""

import argparse
import getpass
import os
import sys

from app import create_app
from app.audit.service import record, user_thing
from app.database import require_migrated
from app.extensions import db
from app.kit.errors import Invalid
from app.models import Role, User
from app.security.passwords import hash_password
from app.transactions import transaction
from app.users.contact import email_as_written, email_key
from app.users.password_rules import check_password
from app.users.service import get_account, lock_user, prove, set_password
from config import settings_or_exit


def main() -> None:
    """Read who is meant, and make that account an admin."""
    email, password = _asked()
    with create_app(settings_or_exit()).app_context():
        require_migrated()
        try:
            print(make_admin(email, password))  # a command's output
        except Invalid as refusal:
            sys.exit(f"The password is not acceptable: {refusal.detail}")


def make_admin(email: str, password: str) -> str:
    """Create the account, or promote it and set its password; return what was done.

    Whoever may run this vouches for the email: it counts as proved. Old tokens and mailed links stop working.
    """
    check_password(password, email)
    password_hash = hash_password(password)
    with transaction():
        known = get_account(email_key(email))
        user = _new_account(email) if known is None else lock_user(known.id)
        done = "created" if known is None else "promoted"
        user.role, user.is_active = Role.ADMIN, True
        prove(user, email)
        set_password(user, password_hash)
        record(f"users.admin_{done}", actor_id=None, thing=user_thing(user.id))
    return f"Admin {done}: {email}"


def _new_account(email: str) -> User:
    user = User(email=email, email_key=email_key(email), first_name="Admin")
    db.session.add(user)
    db.session.flush()
    return user


def _asked() -> tuple[str, str]:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--email", default=os.environ.get("ADMIN_EMAIL"))
    parser.add_argument("--password", default=os.environ.get("ADMIN_PASSWORD"))
    given = parser.parse_args()
    if not (given.email and given.password) and not sys.stdin.isatty():
        parser.error("give --email and --password, or ADMIN_EMAIL and ADMIN_PASSWORD")
    try:
        email = email_as_written(given.email or input("Email: "))
    except ValueError:
        parser.error("that is not an email address")
    return email, given.password or getpass.getpass("Password: ")


if __name__ == "__main__":
    main()
