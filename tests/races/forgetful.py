"""The control of the refresh race: whoever finds the token unspent takes its turn, and makes a successor of its own."""

import secrets
from datetime import datetime

from sqlalchemy import select

from app import create_app
from app.extensions import db
from app.models import RefreshToken
from app.security import sessions


def look_then_spend(token_id: str, now: datetime) -> RefreshToken | None:
    """Look whether the token is unspent, let go, and spend it."""
    db.session.rollback()
    unspent = (RefreshToken.token_hash == sessions._hash(token_id), RefreshToken.used_at.is_(None))
    found = db.session.scalars(select(RefreshToken).where(*unspent)).one_or_none()
    db.session.rollback()
    if found is not None:
        found.used_at = now
        db.session.flush()
    return found


sessions._spend = look_then_spend
sessions._successor = lambda token_id: secrets.token_hex()  # noqa: ARG005  # its name is part of the type
app = create_app()
