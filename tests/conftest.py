"""Fixtures: an application on an empty, migrated database of each kind, and ways to call and to watch it."""

import gc
import signal
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, contextmanager
from pathlib import Path
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from hypothesis import HealthCheck, settings
from sqlalchemy import Engine, event
from sqlalchemy.orm import scoped_session

from app import create_app
from app.extensions import db
from app.kit.origin import Origin, set_origin
from config import load_settings
from tests.api import Api, Client
from tests.databases import DIALECTS, Copy, copy_of, originals
from tests.mailbox import Mailbox
from tests.settings import environment

ORIGINALS = pytest.StashKey[dict[str, str]]()
UNTIL_THE_END = pytest.StashKey[ExitStack]()

SELDOM = (100_000, 50, 100)
"""How much garbage there is before it is collected: a test leaves little, and looking for it takes as long."""

TRANSACTION_WORDS = ("BEGIN", "COMMIT", "ROLLBACK", "SAVEPOINT", "RELEASE")

CountStatements = Callable[[], AbstractContextManager[list[str]]]

# Fixtures live as long as all examples of a test on purpose; a slow machine is no failure.
settings.register_profile(
    "parlour",
    deadline=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
settings.load_profile("parlour")


def pytest_configure(config: pytest.Config) -> None:
    """Let a polite kill end the session as Ctrl-C does: with its servers stopped.

    xdist's workers get neighbouring tests, which share servers, and take from each other at the end.
    """
    config.stash[UNTIL_THE_END] = ExitStack()
    if config.getoption("dist", "no") == "load":  # as it is where the command line says nothing else
        config.option.dist = "worksteal"
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    gc.disable()


def pytest_collection_finish() -> None:
    """Collect garbage from now on, seldom, and not among the ten thousand tests: they stay until the end."""
    gc.freeze()
    gc.set_threshold(*SELDOM)
    gc.enable()


def pytest_unconfigure(config: pytest.Config) -> None:
    """Stop the database server, remove the databases."""
    config.stash[UNTIL_THE_END].close()


@pytest.hookimpl(optionalhook=True)
def pytest_configure_node(node: Any) -> None:
    """Give an xdist worker the originals, which all workers share."""
    node.workerinput["originals"] = _originals(node.config)


def _originals(config: pytest.Config) -> dict[str, str]:
    """Return the session's originals; made when first asked for: tests without a database start at once."""
    if hasattr(config, "workerinput"):
        shared: dict[str, str] = config.workerinput["originals"]
        return shared
    if ORIGINALS not in config.stash:
        config.stash[ORIGINALS] = config.stash[UNTIL_THE_END].enter_context(originals())
    return config.stash[ORIGINALS]


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Run whatever touches a database on both, or on those that `@pytest.mark.databases` names."""
    if "dialect" in metafunc.fixturenames:
        chosen = metafunc.definition.get_closest_marker("databases")
        metafunc.parametrize("dialect", chosen.args if chosen else DIALECTS, scope="session")


@pytest.fixture(scope="session")
def new_database(request: pytest.FixtureRequest) -> Iterator[Callable[[str], Copy]]:
    """Return a function that makes a new migrated database of a dialect; dropped when the session ends."""
    with ExitStack() as copies:

        def make(dialect: str) -> Copy:
            copy = copy_of(_originals(request.config)[dialect])
            copies.callback(copy.drop)
            return copy

        yield make


@pytest.fixture(scope="session")
def applications(new_database: Callable[[str], Copy]) -> Iterator[Callable[[str], tuple[Flask, Copy]]]:
    """Return a function that answers this worker's one application of a dialect, with its database."""
    made: dict[str, tuple[Flask, Copy]] = {}

    def application_on(dialect: str) -> tuple[Flask, Copy]:
        if dialect not in made:
            copy = new_database(dialect)
            made[dialect] = (make_application(copy.url), copy)
        return made[dialect]

    yield application_on
    for app, _ in made.values():
        with app.app_context():
            db.engine.dispose()


@pytest.fixture
def app(applications: Callable[[str], tuple[Flask, Copy]], dialect: str) -> Iterator[Flask]:
    """The application on an empty database, its context pushed: the test and its factories have a session."""
    application, copy = applications(dialect)
    set_origin(Origin())  # what an earlier test's last request came from
    with application.app_context():
        copy.restore(db.engine)
        yield application


@pytest.fixture
def session(app: Flask) -> scoped_session[Any]:  # it pushes the context that the session lives in
    """The test's own session; no request shares it."""
    return db.session


@pytest.fixture
def client(app: Flask) -> FlaskClient:
    """Flask's test client."""
    return app.test_client()


@pytest.fixture
def api(client: FlaskClient) -> Api:
    """The API as a frontend sees it."""
    return Api(client)


@pytest.fixture
def mailbox(app: Flask) -> Mailbox:
    """What the application mails from now on; `mailbox.deliver()` carries out what is due and returns it."""
    return Mailbox(app.extensions["settings"].mail.folder)


@pytest.fixture
def uploads(app: Flask) -> Path:
    """The folder of UPLOAD_DIR, which is there and empty."""
    found: Path = app.extensions["settings"].images.folder
    found.mkdir(exist_ok=True)
    for file in found.iterdir():
        file.unlink()
    return found


@pytest.fixture
def database_url(new_database: Callable[[str], Copy], dialect: str) -> str:
    """A migrated, empty database of the test's own, for a real server; nobody else empties it."""
    return new_database(dialect).url


@pytest.fixture
def count_statements(app: Flask) -> CountStatements:  # it pushes the context that names the engine
    """Return a context manager that lists the SQL statements sent inside it, without BEGIN and its like."""
    return lambda: _listening_to(db.engine)


@contextmanager
def _listening_to(engine: Engine) -> Iterator[list[str]]:
    seen: list[str] = []

    def see(_connection: object, _cursor: object, statement: str, *_rest: object) -> None:
        if not statement.lstrip().upper().startswith(TRANSACTION_WORDS):
            seen.append(statement)

    event.listen(engine, "before_cursor_execute", see)
    try:
        yield seen
    finally:
        event.remove(engine, "before_cursor_execute", see)


def make_application(url: str, **more: str) -> Flask:
    """Return an application on a migrated database; `more` are further environment settings."""
    application = create_app(load_settings(environment(url) | more))
    application.test_client_class = Client
    with application.app_context():
        if db.engine.dialect.name == "sqlite":
            event.listen(db.engine, "connect", _do_not_wait_for_the_disk)
    return application


def _do_not_wait_for_the_disk(connection: Any, _record: object) -> None:
    connection.execute("PRAGMA synchronous=OFF")
