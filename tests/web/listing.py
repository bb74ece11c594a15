"""A database in memory with tables that only a test has, and an application around it that can make pages."""

from collections.abc import Iterator
from contextlib import contextmanager

from flask import Flask
from sqlalchemy.orm import DeclarativeBase

from app.extensions import db


@contextmanager
def listing(tables: type[DeclarativeBase]) -> Iterator[Flask]:
    """Make the tables; yield the application, its context pushed."""
    app = Flask(__name__)
    app.config["SQLALCHEMY_DATABASE_URI"] = "sqlite://"
    app.extensions["cursor_key"] = b"k" * 32
    db.init_app(app)
    with app.app_context():
        tables.metadata.create_all(db.engine)
        yield app
        db.session.remove()
        db.engine.dispose()
