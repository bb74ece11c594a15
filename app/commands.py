"""The commands of `flask`, thin."""

import click
import structlog
from flask import Flask, current_app

from app.database import require_migrated
from app.jobs import worker
from app.web.postman import write_postman

log = structlog.get_logger(__name__)


def register(app: Flask) -> None:
    """Add the commands to the application's command line."""
    app.cli.add_command(run_worker)
    app.cli.add_command(write_postman(app))


@click.command("worker")
@click.option("--once", is_flag=True, help="Carry out what is due now and stop.")
def run_worker(*, once: bool) -> None:
    """Carry out background tasks until stopped."""
    require_migrated()
    for warning in current_app.extensions["settings"].warnings:
        log.warning("settings", said=warning)
    if once:
        click.echo(f"{worker.work_once()} tasks")
    else:
        worker.work(worker.stop_on_signals())
