"""Parlour: the backend a salon, a spa or a house with rooms to let runs on.

What `create_app` needs is imported where it is used: `import app.kit.money` must not load every room.
"""
# ruff: noqa: PLC0415 - imports inside functions, for the reason above

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from flask import Flask

    from app.web.blueprint import Blueprint
    from config import Settings


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application. Raises `SettingsError` where the environment's are needed, and wrong."""
    import gc

    gc.disable()  # a starting process makes no garbage; to look for some takes a fifth of the start
    try:
        return _created(settings)
    finally:
        gc.enable()


def _created(settings: Settings | None) -> Flask:
    from app import commands
    from app.integrations import images, payments
    from app.security import guards, limits
    from app.users.contact import email_key_of_anything
    from app.web import problems
    from app.web.application import Application
    from config import load_settings

    app = Application(__name__)
    configure(app, settings or load_settings())
    install_web(app)
    install_extensions(app)
    images.install(app)
    payments.install(app)
    limits.install(app, email_key_of_anything)
    app.before_request(guards.refuse_unguarded)
    problems.install(app)
    install_rooms(app)
    install_front(app)
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
        ACCESS_KEYS=settings.jwt_secret_keys,
        ACCESS_LIFETIME=timedelta(minutes=settings.access_token_minutes),
        REFRESH_KEYS=settings.jwt_refresh_secret_keys,
        REFRESH_LIFETIME=timedelta(days=settings.refresh_token_days),
        SUCCESSOR_KEYS=tuple(derive_key(key, "successor") for key in settings.secret_keys),
        BOOKING_LINK_KEYS=tuple(derive_key(key, "booking link") for key in settings.secret_keys),
        ORDER_LINK_KEYS=tuple(derive_key(key, "order link") for key in settings.secret_keys),
        WEBHOOK_KEYS=tuple(derive_key(key, "webhooks") for key in settings.secret_keys),
        UNSUBSCRIBE_KEYS=tuple(derive_key(key, "unsubscribe") for key in settings.secret_keys),
        ONE_TIME_KEYS=tuple(derive_key(key, "one-time") for key in settings.secret_keys),
        BCRYPT_ROUNDS=settings.bcrypt_rounds,
        TESTING=settings.environment == "testing",
        SQLALCHEMY_DATABASE_URI=settings.database_url,
    )
    logs.configure(settings.log_level, as_json=settings.in_production)


def install_web(app: Flask) -> None:
    """Install what lies between HTTP and the rooms; tracing is the first in and the last out."""
    from app.web import cors, headers, json_gate, legacy_paths, methods, tracing

    settings: Settings = app.extensions["settings"]
    tracing.install(app)
    legacy_paths.install(app)
    headers.install(app, always_secure=settings.in_production)
    cors.install(app, settings.cors_origins)
    methods.install(app)
    json_gate.install(app)


def install_front(app: Flask) -> None:
    """Install what stands before all else: answers that need no Flask, and before these who has really asked.

    Traces are Flask's alone, and limits that are counted in Redis.
    """
    from app.catalogue import lease_of
    from app.operations.figures import count_answer
    from app.security.admission import admission
    from app.web import front, proxies

    settings: Settings = app.extensions["settings"]
    lease, admits = lease_of(app), admission(app)
    if lease is not None and admits is not None and settings.operations.traces_endpoint is None:
        front.install(app, lease, count=count_answer, admits=admits)
    proxies.install(app, settings.trusted_proxies)


def install_extensions(app: Flask) -> None:
    """Bind the extensions, and prepare the database's engine."""
    from app import catalogue, database, migrating
    from app.extensions import api, db
    from app.web import converters, openapi
    from config import WEB_THREADS

    url: str = app.config["SQLALCHEMY_DATABASE_URI"]
    connections = max(WEB_THREADS, app.extensions["settings"].jobs.connections)
    app.config["SQLALCHEMY_ENGINE_OPTIONS"] = {
        **database.engine_options(url, connections),
        "hide_parameters": True,  # an error in the log shows the statement, not people's data
    }
    db.init_app(app)
    database.install(app)
    catalogue.install(app)
    migrating.install(app)
    openapi.init_api(app, api)
    converters.install(app, api)


def install_rooms(app: Flask) -> None:
    """Register the rooms, in the order in which the documents show them, and then the documents."""
    from app.audit.routes import blueprint as audit
    from app.auth.routes import blueprint as auth
    from app.extensions import api
    from app.images import files as image_files
    from app.jobs import installing
    from app.jobs.routes import blueprint as jobs
    from app.operations import installing as operations
    from app.reports.routes import blueprint as reports
    from app.reports.summary_routes import blueprint as summaries
    from app.security.guards import public
    from app.services.routes import blueprint as services
    from app.spaces import handlers as space_handlers
    from app.spaces.routes import blueprint as spaces
    from app.staff import handlers as staff_handlers
    from app.staff.routes import blueprint as staff
    from app.staff.routes import performers
    from app.users.avatar_routes import blueprint as avatars
    from app.users.client_routes import blueprint as clients
    from app.users.routes import blueprint as users
    from app.web import docs, health

    installing.install(app)
    people = (auth, users, avatars, clients)
    after = (*booked(), *sold(), *paid(), *billed(), *opinions(), *advised(), *told(app), informed(), assisted())
    for blueprint in (*people, services, performers, staff, spaces, *after, reports, summaries, audit, jobs):
        api.register_blueprint(blueprint)
    install_pages(app)
    docs.install(app, public)
    health.install(app, public)
    operations.install(app, public)
    image_files.connect()
    space_handlers.connect()
    staff_handlers.connect()


def install_pages(app: Flask) -> None:
    """Register what stands outside the documented API: pages for people, pictures, and where providers call."""
    from app.auth import pages
    from app.bookings.manage.pages import pages as booking_pages
    from app.images import serving
    from app.orders.manage.pages import pages as order_pages
    from app.payments import webhook_routes

    pages.install(app)
    app.register_blueprint(booking_pages)
    app.register_blueprint(order_pages)
    webhook_routes.install(app)
    serving.install(app)


def booked() -> tuple[Blueprint, ...]:
    """Return the rooms in which time is asked for and taken, which listen from now on."""
    from app.bookings import handlers as booking_handlers
    from app.bookings.calendar_routes import blueprint as calendar
    from app.bookings.ical import routes as ical
    from app.bookings.manage.routes import blueprint as links
    from app.bookings.routes import blueprint as bookings
    from app.bookings.series.routes import blueprint as series
    from app.bookings.space_routes import blueprint as space_search
    from app.bookings.waitlist.routes import blueprint as waitlist

    booking_handlers.connect()
    calendars = (calendar, ical.of_users, ical.of_staff, ical.bookings)
    return (space_search, bookings, links, series, waitlist, *calendars)


def advised() -> tuple[Blueprint, ...]:
    """Return the rooms of what clients may need next, which listen and work every night from now on."""
    from app.recommendations import handlers
    from app.recommendations.routes import blueprint, wishes

    handlers.connect()
    return (blueprint, wishes)


def told(app: Flask) -> tuple[Blueprint, ...]:
    """Return the rooms of what people are told, which listen and send from now on."""
    from app.notifications import handlers, pages
    from app.notifications.routes import blueprint, wishes

    handlers.connect()
    pages.install(app)
    return (blueprint, wishes)


def informed() -> Blueprint:
    """Return the room of those that are told what happens, which listens from now on."""
    from app.webhooks import attempts, clocks, handlers, upkeep
    from app.webhooks.routes import blueprint

    for part in (attempts, clocks, handlers, upkeep):
        part.connect()
    return blueprint


def assisted() -> Blueprint:
    """Return the room in which is booked by saying it, which forgets from now on what is over."""
    from app.voice import sessions
    from app.voice.routes import blueprint

    sessions.connect()
    return blueprint


def sold() -> tuple[Blueprint, ...]:
    """Return the rooms of the shop, which listen from now on."""
    from app.orders import handlers as order_handlers
    from app.orders.manage.routes import blueprint as links
    from app.orders.routes import blueprint as orders
    from app.prepaid import handlers as prepaid_handlers
    from app.prepaid.routes import gift_cards, packages
    from app.products import low_stock
    from app.products.consumable_routes import blueprint as consumables
    from app.products.inventory_routes import blueprint as inventory
    from app.products.routes import blueprint as products
    from app.products.table_routes import blueprint as tables
    from app.reports.forecast_routes import blueprint as forecast
    from app.sales.routes import blueprint as sales

    low_stock.connect()
    order_handlers.connect()
    prepaid_handlers.connect()
    return (products, tables, inventory, forecast, consumables, gift_cards, packages, orders, links, sales)


def paid() -> tuple[Blueprint, ...]:
    """Return the rooms of payments, which listen from now on."""
    from app.payments import handlers as payment_handlers
    from app.payments.card_routes import blueprint as cards
    from app.payments.refund_routes import blueprint as refunds
    from app.payments.routes import blueprint as payments

    payment_handlers.connect()
    return (payments, refunds, cards)


def billed() -> tuple[Blueprint, ...]:
    """Return the rooms of the books, which listen from now on: the ledger before what is posted in it."""
    from app.invoices import handlers as invoice_handlers
    from app.invoices.routes import blueprint as invoices
    from app.invoices.routes import of_payments as payment_invoices
    from app.ledger import handlers as ledger_handlers
    from app.reports.ledger_routes import blueprint as ledger_report

    ledger_handlers.connect()
    invoice_handlers.connect()
    return (invoices, payment_invoices, ledger_report)


def opinions() -> tuple[Blueprint, ...]:
    """Return the rooms in which people say what they think, which listen from now on."""
    from app.reviews import handlers as review_handlers
    from app.reviews import subject_routes
    from app.reviews.routes import blueprint as reviews
    from app.testimonials import handlers as testimonial_handlers
    from app.testimonials.routes import blueprint as testimonials

    review_handlers.connect()
    testimonial_handlers.connect()
    about = (subject_routes.of_services, subject_routes.of_staff, subject_routes.of_spaces)
    return (*about, reviews, testimonials)
