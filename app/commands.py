"""The commands of `flask`, thin."""

import sys
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from typing import Final

import click
import structlog
from flask import Flask, current_app

from app.bookings import recount as bookings
from app.database import let_statements_take_long, require_migrated
from app.diary.openings import wall_seconds
from app.extensions import business
from app.invoices import recount as invoices
from app.jobs import worker
from app.kit.clock import utcnow
from app.kit.intervals import to_instant
from app.kit.progress import shown
from app.ledger import recount as ledger
from app.orders import recount as orders
from app.payments import reconciling
from app.payments import recount as payments
from app.prepaid import recount as prepaid
from app.products import recount as products
from app.recommendations.commands import recommendations
from app.reviews import recount as reviews
from app.transactions import reading
from app.voice.commands import voice
from app.web.postman import write_postman
from config import Settings

log = structlog.get_logger(__name__)

CHECKS: dict[str, tuple[Callable[[], Iterator[str]], ...]] = {
    "allocations": (bookings.find_overlaps, bookings.find_unclaimed, bookings.find_left_over),
    "invoices": (
        invoices.find_gaps,
        invoices.find_wrong_totals,
        invoices.find_other_prices,
        invoices.find_credited_too_much,
        invoices.find_miscredited,
    ),
    "ledger": (
        ledger.find_wrong_payments,
        ledger.find_wrong_refunds,
        ledger.find_wrong_invoices,
        ledger.find_wrong_prepaid,
        ledger.find_other_currencies,
    ),
    "payments": (
        payments.find_wrong_refunds,
        payments.find_miscounted,
        payments.find_overpaid,
        payments.find_forgotten,
    ),
    "prepaid": (
        prepaid.find_wrong_balances,
        prepaid.find_wrong_movements,
        prepaid.find_given_too_much,
        prepaid.find_wrong_values,
        prepaid.find_wrong_numbers,
    ),
    "stock": (
        products.find_wrong_counters,
        products.find_broken_balances,
        products.find_untracked,
        orders.find_wrong_promises,
        orders.find_strange_movements,
        orders.find_wrong_totals,
    ),
    "reviews": (reviews.find_wrong_counts, reviews.find_wrong_subjects, reviews.find_strangers),
}
"""What `flask audit` looks at. A check yields a line for each thing that is off, and changes nothing."""

USUAL_WINDOW: Final = timedelta(days=30)
EARLIEST: Final = 1971
"""The first whole year that providers can count the seconds of, in every time zone."""


def register(app: Flask) -> None:
    """Add the commands to the application's command line."""
    app.cli.add_command(run_worker)
    app.cli.add_command(run_audit)
    app.cli.add_command(recommendations)
    app.cli.add_command(voice)
    app.cli.add_command(write_postman(app))


@click.command("worker")
@click.option("--once", is_flag=True, help="Carry out what is due now and stop.")
def run_worker(*, once: bool) -> None:
    """Carry out background tasks until stopped."""
    require_migrated()
    settings: Settings = current_app.extensions["settings"]
    for warning in settings.warnings:
        log.warning("settings", said=warning)
    if once:
        click.echo(f"{worker.work_off()} tasks")
    else:
        worker.work(worker.stop_on_signals(), settings.jobs.threads)


@click.command("audit")
@click.option("--providers", is_flag=True, help="Ask Stripe and M-Pesa as well, and compare.")
@click.option("--since", type=click.DateTime(["%Y-%m-%d"]), help="With --providers: since this day; else 30 days back.")
def run_audit(*, providers: bool, since: datetime | None) -> None:
    """Count again what is kept counted, and end with status 1 where something is off."""
    if since is not None and not providers:
        raise click.UsageError("--since goes with --providers.")
    if since is not None and since.year < EARLIEST:
        raise click.UsageError(f"--since is a day of {EARLIEST} or later.")
    require_migrated()
    found = [f"{name}: {line}" for name in shown(CHECKS, "Checks") for line in _check(name)]
    if providers:
        found += _beside_providers(since)
    for line in found:
        click.echo(line)
    click.echo(f"{len(found)} things are off." if found else "Everything adds up.")
    sys.exit(1 if found else 0)


def _beside_providers(since: datetime | None) -> list[str]:
    """Return what differs; what cannot be compared is said, and is nothing that is off."""
    midnight = since and to_instant(wall_seconds(since.date(), 0, business.timezone))
    compared = reconciling.compare(midnight or utcnow() - USUAL_WINDOW)
    for line in compared.remarks:
        click.echo(f"providers: {line}")
    return [f"providers: {line}" for line in compared.off]


def _check(name: str) -> list[str]:
    with reading():
        let_statements_take_long()
        return [line for check in CHECKS[name] for line in check()]
