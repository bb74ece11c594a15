"""How far a long command is: a bar on the terminal, and nothing at all where nobody looks on."""

import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import TypeVar

import click

Item = TypeVar("Item")


def shown(items: Iterable[Item], label: str, count: int | None = None) -> Iterator[Item]:
    """Yield the items; on a terminal, show on standard error how many of them are done.

    `count` is how many there are, for items that do not know it themselves.
    """
    with click.progressbar(items, count, label, file=sys.stderr, hidden=_is_unseen()) as bar:
        yield from bar


@contextmanager
def reported(label: str) -> Iterator[Callable[[int, int], None]]:
    """The same for work that says by itself, to what this yields, how much is done, and of how much."""
    with click.progressbar(length=0, label=label, file=sys.stderr, hidden=_is_unseen()) as bar:

        def report(done: int, of: int) -> None:
            bar.length = of
            bar.update(done - bar.pos)

        yield report


def _is_unseen() -> bool:
    return not sys.stderr.isatty()
