"""Celery's worker does not end when its connection to Redis breaks at a bad moment."""

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


def test_closing_what_is_half_closed(database_url: str) -> None:
    settings = process_environment(database_url, CELERY_ENABLED="true", REDIS_URL="redis://127.0.0.1:1/0")
    command = [sys.executable, "-c", CLOSE]
    ended = subprocess.run(command, cwd=PROJECT, env=settings, capture_output=True, text=True, check=False)
    assert (ended.stdout, ended.returncode) == ("goes on\n", 0), ended.stderr
