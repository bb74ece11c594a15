"""Create or promote an admin: `python create_admin.py --email E --password P`.

`ADMIN_EMAIL` and `ADMIN_PASSWORD` serve too; run by hand without them, it asks.
"""

import argparse
import getpass
import os
import sys

from sqlalchemy.exc import OperationalError, ProgrammingError

from app import create_app
from app.audit.service import record, user_thing
from app.extensions import business, db
from app.kit.errors import Invalid
from app.models import Role, User
from app.security.passwords import hash_password
from app.security.sessions import end_all_sessions
from app.transactions import transaction
from app.users.contact import email_as_written, email_key
from app.users.password_rules import check_password
from app.users.service import get_account


def main() -> None:
    """Read who is meant, and make that account an admin."""
    email, password = _asked()
    with create_app().app_context():
        try:
            print(make_admin(email, password))  # a command's output
        except Invalid as refusal:
            sys.exit(f"The password is not acceptable: {refusal.detail}")
        except (OperationalError, ProgrammingError):
            sys.exit("The database is not there or not migrated: run 'flask --app run db upgrade' first.")


def make_admin(email: str, password: str) -> str:
    """Create the account, or promote it and set its password; return what was done. Old tokens stop working."""
    check_password(password, email, business.name)
    password_hash = hash_password(password)
    with transaction():
        user = get_account(email_key(email))
        if user is None:
            user = User(
                email=email,
                email_key=email_key(email),
                first_name="Admin",
                email_verified=True,
            )
            db.session.add(user)
            done = "created"
        else:
            done = "promoted"
        user.role, user.is_active, user.password_hash = Role.ADMIN, True, password_hash
        db.session.flush()
        end_all_sessions(user)
        record(f"users.admin_{done}", actor_id=None, thing=user_thing(user.id))
    return f"Admin {done}: {email}"


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
