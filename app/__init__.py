"""Parlour: the backend a salon, a spa or a house with rooms to let runs on.

What `create_app` needs is imported where it is used: `import app.kit.money` must not load every room.
"""
# ruff: noqa: PLC0415

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application. Raises `SettingsError` where the environment's are needed, and wrong."""
    from flask import Flask

    from app import commands, security
    from app.web import problems
    from config import load_settings

    app = Flask(__name__)
    configure(app, settings or load_settings())
    install_web(app)
    install_extensions(app)
    security.init_app(app)
    problems.install(app)
    install_rooms(app)
    commands.register(app)
    return app


def configure(app: Flask, settings: Settings) -> None:
    """Hand the settings to whom they concern."""
    from datetime import timedelta

    from app.kit.keys import derive_key
    from app.web import logs

    app.extensions["settings"] = settings
    app.extensions["business"] = settings.business
    app.extensions["cursor_key"] = derive_key(settings.secret_key, "cursor")
    app.config.update(
        SECRET_KEY=settings.secret_key,
        JWT_SECRET_KEY=settings.jwt_secret_key,
        JWT_REFRESH_SECRET_KEY=settings.jwt_refresh_secret_key,
        JWT_ACCESS_TOKEN_EXPIRES=timedelta(minutes=settings.access_token_minutes),
        JWT_REFRESH_TOKEN_EXPIRES=timedelta(days=settings.refresh_token_days),
        BCRYPT_ROUNDS=settings.bcrypt_rounds,
        TESTING=settings.environment == "testing",
        SQLALCHEMY_DATABASE_URI=settings.database_url,
    )
    logs.configure(settings.log_level, as_json=settings.in_production)


def install_web(app: Flask) -> None:
    """Install what lies between HTTP and the rooms; tracing is the first in and the last out."""
    from app.web import headers, json_gate, tracing

    tracing.install(app)
    headers.install(app)
    json_gate.install(app)


def install_extensions(app: Flask) -> None:
    """Bind the extensions, and prepare the database's engine."""
    from app import database
    from app.extensions import api, db, jwt, migrate
    from app.web import converters, openapi
    from config import ROOT, WEB_THREADS

    url: str = app.config["SQLALCHEMY_DATABASE_URI"]
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        **database.engine_options(url, WEB_THREADS),
        "hide_parameters": True,  # an error in the log shows the statement, not people's data
    }
    db.init_app(app)
    database.install(app)
    migrate.init_app(app, db, directory=str(ROOT / "migrations"))
    jwt.init_app(app)
    openapi.init_api(app, api)
    converters.install(app, api)


def install_rooms(app: Flask) -> None:
    """Register the rooms, in the order in which the documents show them, and then the documents."""
    from app.auth.routes import blueprint as auth
    from app.bookings import handlers
    from app.bookings.calendar_routes import blueprint as calendar
    from app.bookings.routes import blueprint as bookings
    from app.extensions import api
    from app.security.guards import public
    from app.services.routes import blueprint as services
    from app.staff.routes import blueprint as staff
    from app.staff.routes import performers
    from app.users.routes import blueprint as users
    from app.web import docs, health

    for blueprint in (auth, users, services, performers, staff, calendar, bookings):
        api.register_blueprint(blueprint)
    docs.install(app, api, public)
    health.install(app, public)
    handlers.connect()
