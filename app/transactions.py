"""Where transactions begin and end: the edge commits, services never do.

A view marked `@transactional`, or a `with transaction():` in a command or job, commits once at its end; any exception
rolls everything back. Promises made by `after_commit` are kept after the commit and forgotten with a rollback.
"""

import functools
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, ParamSpec, TypeVar

from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import make_transient_to_detached
from sqlalchemy.orm.attributes import set_committed_value
from sqlalchemy.orm.interfaces import ORMOption

from app.extensions import db
from app.kit import inserts
from app.kit.errors import NotFound, Refusal
from app.kit.inserts import Row as NewRow

P = ParamSpec("P")
R = TypeVar("R")
Row = TypeVar("Row")

_writing: ContextVar[bool] = ContextVar("writing", default=True)
_PROMISES = "promises"


def begins_writing() -> bool:
    """Say whether the next transaction takes SQLite's write lock at its start (`BEGIN IMMEDIATE`)."""
    return _writing.get()


def expect_writing(writing: bool) -> None:
    """Choose for this request whether its transactions write; called before the first query."""
    _writing.set(writing)


@contextmanager
def transaction() -> Iterator[None]:
    """Commit what happens inside, and keep the promises; or none of it, and let a refusal tell what it has left."""
    if not begins_writing():
        end_reading()  # what has begun to read cannot write
    with _mode(writing=True):
        try:
            yield
            db.session.commit()
        except BaseException as error:
            db.session.rollback()
            db.session.info.pop(_PROMISES, None)
            if isinstance(error, Refusal):
                error.tell_later()
            raise
    _keep_promises()


@contextmanager
def reading() -> Iterator[None]:
    """Read inside one short transaction that takes no write lock; what was read stays usable after it."""
    with _mode(writing=False):
        try:
            yield
            db.session.commit()
        except BaseException:
            db.session.rollback()
            raise


def end_reading() -> None:
    """End a transaction that has only read, before something that takes long; what was read stays usable after it."""
    db.session.commit()


def transactional(view: Callable[P, R]) -> Callable[P, R]:
    """Run a view, the making of its answer included, in one transaction."""

    @functools.wraps(view)
    def committed(*args: P.args, **kwargs: P.kwargs) -> R:
        with transaction():
            return view(*args, **kwargs)

    return committed


@contextmanager
def rehearsing() -> Iterator[None]:
    """Do what happens inside, in a savepoint, and take it back at the end, promises included."""
    promised = list(db.session.info.get(_PROMISES, []))
    with db.session.begin_nested() as savepoint:
        yield
        savepoint.rollback()
    db.session.info[_PROMISES] = promised


@contextmanager
def refusing(rule: str, refusal: type[Refusal]) -> Iterator[None]:
    """Write inside a savepoint; where the database refuses by a rule whose message has `rule`, raise `refusal`.

    `rule` is a word that both databases say: `unique`, `foreign key`, or a constraint's name.
    """
    try:
        with db.session.begin_nested():
            yield
            db.session.flush()
    except IntegrityError as error:
        if rule not in str(error.orig).casefold():
            raise
        raise refusal from error


def locked(kind: type[Row], row_id: int, *options: ORMOption) -> Row:
    """Return a row that is about to be changed, as it is now, locked until the transaction ends. Raises `NotFound`.

    Resources are locked by `app.diary.allocations.lock_resources` instead: they are two rows, and often several.
    Without the lock, of two changes at once the version counter would refuse the second, which asked for no version.
    `FOR NO KEY UPDATE` lets rows that refer to this one be written meanwhile; SQLite's writers stand in line anyway.
    """
    lock = {"key_share": True, "of": kind}
    row = db.session.get(kind, row_id, options=options, populate_existing=True, with_for_update=lock)
    if row is None:
        raise NotFound
    return row


def insert_rows(rows: Sequence[NewRow]) -> list[int]:
    """Write rows as `kit.inserts.insert_rows` does, behind all that the session has to write; return their ids."""
    db.session.flush()
    return inserts.insert_rows(db.session.connection(), rows) if rows else []


def insert_alike(rows: Sequence[NewRow]) -> list[int]:
    """Write rows of one table as `kit.inserts.insert_alike` does, behind all that the session has to write."""
    db.session.flush()
    return inserts.insert_alike(db.session.connection(), rows)


def insert_unless_taken(row: NewRow, column: str) -> int | None:
    """Write a row as `kit.inserts.insert_unless_taken` does, behind all that the session has to write."""
    db.session.flush()
    return inserts.insert_unless_taken(db.session.connection(), row, column)


def adopt(*written: tuple[Any, NewRow, int]) -> None:
    """Let the session have new things that were written, each as a row of an id, as if it had written them itself."""
    for thing, row, row_id in written:
        for name, value in ({"id": row_id} | dict(row.values)).items():
            if name not in vars(thing):
                set_committed_value(thing, name, value)
        make_transient_to_detached(thing)
    db.session.add_all(thing for thing, _, _ in written)


def after_commit(function: Callable[..., object], *args: object) -> None:
    """Promise to call `function(*args)` once the present transaction has committed. Give it ids, not objects."""
    db.session.info.setdefault(_PROMISES, []).append((function, args))


def first_after_commit(function: Callable[[], object]) -> None:
    """Promise the same, before all that was promised with `after_commit`, and once however often this is called."""
    promises, promise = db.session.info.setdefault(_PROMISES, []), (function, ())
    if promise not in promises:
        promises.insert(0, promise)


def _keep_promises() -> None:
    for function, args in db.session.info.pop(_PROMISES, []):
        function(*args)


@contextmanager
def _mode(*, writing: bool) -> Iterator[None]:
    token = _writing.set(writing)
    try:
        yield
    finally:
        _writing.reset(token)
