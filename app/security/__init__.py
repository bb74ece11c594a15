"""Who is asking, and what their role lets them ask for."""

from flask import Flask

from app.security import guards, passwords, tokens


def init_app(app: Flask) -> None:
    """Prepare tokens and passwords as configured, and refuse every view that forgot its guard."""
    tokens.configure(app)
    passwords.configure(app)
    app.before_request(guards.refuse_unguarded)
