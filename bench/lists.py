"""`python -m bench.lists`: the first and the last page of all bookings (PG-05) on the configured database.

A cursor makes the last page cost what the first does, however long the list. Fill the database first:
`python seed.py --bookings 1000000`.
"""

import os

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app import create_app
from app.extensions import db
from app.models import Booking, Role, User
from app.security.sessions import begin_session
from app.transactions import transaction
from app.web.pagination import Order
from bench.month import timings

LIMIT = 20
ROUNDS = 200


def main() -> None:
    """Print one line for each page."""
    os.environ["RATELIMIT_ENABLED"] = "false"  # no caller asks that often
    app = create_app()
    admin = {"Authorization": f"Bearer {token(app)}"}
    with app.app_context():
        bookings = db.session.scalar(select(func.count()).select_from(Booking))
        print(f"{db.engine.dialect.name}: {bookings:,} bookings")
        db.session.commit()
        places = {"first page": "", "last page": f"&cursor={last_cursor()}"}
    client = app.test_client()
    for name, place in places.items():
        report(client, name, f"/api/bookings?sort=starts_at&limit={LIMIT}{place}", admin)


def token(app: Flask) -> str:
    """Return an access token of an admin, who sees every booking."""
    with app.app_context(), transaction():
        admin = db.session.scalars(select(User).where(User.role == Role.ADMIN).limit(1)).one()
        return begin_session(admin).access_token


def last_cursor() -> str:
    """Return the cursor after which one page is left."""
    places = select(Booking.starts_at, Booking.id).order_by(Booking.starts_at.desc(), Booking.id.desc())
    place = db.session.execute(places.offset(LIMIT).limit(1)).one()
    return Order("starts_at", Booking.starts_at, Booking.id).cursor(tuple(place))


def report(client: FlaskClient, name: str, path: str, headers: dict[str, str]) -> None:
    """Call `path` many times and print its milliseconds."""
    answer = client.get(path, headers=headers).get_json()
    times = timings(client, path, ROUNDS, headers)
    median, p99 = times[ROUNDS // 2], times[int(ROUNDS * 0.99)]
    more = "more follow" if answer["next_cursor"] else "the end"
    print(f"  {name}: {len(answer['items'])} rows, {more}, median {median:.1f} ms, p99 {p99:.1f} ms")


if __name__ == "__main__":
    main()
