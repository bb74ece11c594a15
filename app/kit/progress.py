"""How far a long command is: a bar on the terminal, and nothing at all where nobody looks on."""

import sys
from collections.abc import Collection, Iterator
from typing import TypeVar

import click

Item = TypeVar("Item")


def shown(items: Collection[Item], label: str) -> Iterator[Item]:
    """Yield the items; on a terminal, show on standard error how many of them are done."""
    with click.progressbar(items, label=label, file=sys.stderr, hidden=not sys.stderr.isatty()) as bar:
        yield from bar
