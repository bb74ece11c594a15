"""Runs the migrations of the current Flask application's database."""

from logging.config import fileConfig

from alembic import context
from flask import current_app
from sqlalchemy import Connection

import app.models  # noqa: F401  # fills the metadata
from app.extensions import db
from app.kit.columns import Base

if context.config.config_file_name is not None and not current_app.testing:
    fileConfig(context.config.config_file_name, disable_existing_loggers=False)


def prepare(connection: Connection) -> None:
    """Let a migration run as long as it needs, but not queue behind a lock for ever.

    SQLite changes a table by making it anew, and would take what refers to the old one along.
    """
    if connection.dialect.name == "postgresql":
        connection.exec_driver_sql("SET statement_timeout = 0")
        connection.exec_driver_sql("SET lock_timeout = '10s'")
        connection.commit()
    else:
        connection.connection.execute("PRAGMA foreign_keys=OFF")  # outside any transaction, where alone it counts


with db.engine.connect() as connection:
    prepare(connection)
    context.configure(connection=connection, target_metadata=Base.metadata, render_as_batch=True, compare_type=True)
    with context.begin_transaction():
        context.run_migrations()
db.engine.dispose()  # SQLite brings its file up to date when its last connection is closed, which an exit may forget
