"""`python -m bench.recommend_read`: what reading recommendations costs, on the configured database, and what it reads.

Fill the database first: `python seed.py --bookings 200000`, then `flask --app run recommendations build`. Each of 500
clients asks once for its own, after a warm-up.
"""

import os
import time

from flask import Flask
from sqlalchemy import func, select

from app import create_app
from app.extensions import db
from app.models import Booking, RecommendationModel, RecommendedThing, Role, User
from app.security.sessions import begin_session
from app.transactions import transaction
from bench.month import timings

CLIENTS = 500
PATH = "/api/recommendations/me"


def main() -> None:
    """Print how much there is, and the milliseconds of an answer."""
    os.environ["RATELIMIT_ENABLED"] = "false"  # no caller asks that often
    app = create_app()
    tokens = signed_in(app)
    client = app.test_client()
    for token in tokens[:20]:
        timings(client, PATH, 1, headers(token))
    busy = time.process_time()
    times = sorted(timings(client, PATH, 1, headers(token))[0] for token in tokens)
    busy = (time.process_time() - busy) * 1000 / len(times)
    median, p95, p99 = (times[int(len(times) * share)] for share in (0.5, 0.95, 0.99))
    print(f"{len(times)} clients: median {median:.1f} ms, p95 {p95:.1f} ms, p99 {p99:.1f} ms, worst {times[-1]:.1f} ms")
    print(f"of which this process computes {busy:.1f} ms on average")


def signed_in(app: Flask) -> list[str]:
    """Say how much there is; return the tokens of clients, those with the most found for them first."""
    with app.app_context(), transaction():
        counts = [db.session.scalar(select(func.count()).select_from(one)) for one in (Booking, RecommendedThing)]
        version = db.session.scalar(select(func.max(RecommendationModel.id)))
        print(f"{db.engine.dialect.name}: {counts[0]:,} bookings, {counts[1]:,} things found, version {version}")
        found = select(func.count()).where(RecommendedThing.client_id == User.id).scalar_subquery()
        clients = select(User).where(User.role == Role.CLIENT, User.is_active).order_by(found.desc(), User.id)
        return [begin_session(one).access_token for one in db.session.scalars(clients.limit(CLIENTS)).all()]


def headers(token: str) -> dict[str, str]:
    """Return the headers of a request."""
    return {"Authorization": f"Bearer {token}"}


if __name__ == "__main__":
    main()
