"""Celery's worker does not end when its connection to Redis breaks at a bad moment, nor makes much of an outage."""

import subprocess
import sys

import pytest

from tests.settings import process_environment
from tests.tortures.workers import PROJECT

pytestmark = pytest.mark.databases("sqlite")  # none is asked

CLOSE = """
from kombu.common import ignore_errors
from app.jobs.celery_app import celery

def half_closed():
    raise AttributeError("'NoneType' object has no attribute 'hostname'")

connection = celery.connection_for_read()
connection._do_close_self = half_closed
ignore_errors(connection, connection.close)  # what the worker does before it connects again
print("goes on")
"""


AWAY = """
from app.jobs.celery_app import carry_out_one, sweep

sweep()
carry_out_one(1)
"""


def test_closing_what_is_half_closed(database_url: str) -> None:
    settings = process_environment(database_url, CELERY_ENABLED="true", REDIS_URL="redis://127.0.0.1:1/0")
    command = [sys.executable, "-c", CLOSE]
    ended = subprocess.run(command, cwd=PROJECT, env=settings, capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.returncode) == ("goes on\n", 0), ended.stderr


def test_a_database_that_is_away() -> None:
    """A line for each try, without the trace: there is a try every second, and nothing is broken here."""
    away = process_environment(
        "postgresql://nobody@127.0.0.1:9/none", CELERY_ENABLED="true", REDIS_URL="redis://127.0.0.1:1/0"
    )
    command = [sys.executable, "-c", AWAY]
    ended = subprocess.run(command, cwd=PROJECT, env=away, capture_output=True, text=True, check=False)
    assert (ended.returncode, ended.stderr) == (0, "")
    lines = ended.stdout.splitlines()
    assert len(lines) == 2
    assert all("database_unavailable" in line and "OperationalError" in line for line in lines)
