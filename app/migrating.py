"""The migrations: which ones there are, and `flask db`, which runs them.

Flask-Migrate and alembic are loaded by whoever migrates: processes that serve have no use for them.
"""
# ruff: noqa: PLC0415 - imports inside functions, for the reason above

import re
from functools import cache
from typing import Any, Final

import click
from flask import Flask
from werkzeug.local import LocalProxy

from app.extensions import db
from config import ROOT

FOLDER: Final = ROOT / "migrations"

_REVISION: Final = re.compile(r'^revision = "(\w+)"$', re.MULTILINE)
_PREDECESSOR: Final = re.compile(r'^down_revision = "(\w+)"$', re.MULTILINE)


def install(app: Flask) -> None:
    """Have `flask db` work on the database of `app`."""
    app.extensions["migrate"] = LocalProxy(lambda: _bound(app))
    app.cli.add_command(_Migrations("db", help="Perform database migrations."))


@cache
def revisions() -> tuple[set[str], set[str]]:
    """Return the last migrations that this program has, and all of them."""
    texts = [path.read_text() for path in FOLDER.glob("versions/*.py")]
    every, followed = ({name for text in texts for name in line.findall(text)} for line in (_REVISION, _PREDECESSOR))
    return every - followed, every


class _Migrations(click.Command):
    """Flask-Migrate's group of commands."""

    def make_context(self, *args: Any, **kwargs: Any) -> click.Context:
        from flask_migrate.cli import db as commands  # type: ignore[import-not-found]  # its types leave this out

        context: click.Context = commands.make_context(*args, **kwargs)
        return context


def _bound(app: Flask) -> Any:
    """Let Flask-Migrate put its own in the place of what stands in for it, and return that."""
    from flask_migrate import Migrate

    Migrate(directory=str(FOLDER)).init_app(app, db)
    return app.extensions["migrate"]
