"""The count: what the writers know, held against what is in the database."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import astuple, dataclass, fields

from sqlalchemy import NullPool, create_engine, text

from config import load_settings
from tests.faults.writes import Known, Write
from tests.settings import environment

KINDS = ("booking", "order", "payment")

MARKS = {
    "booking": "SELECT notes FROM bookings",
    "order": "SELECT notes FROM orders",
    "payment": "SELECT order_id || ':' || amount FROM payments WHERE status = 'succeeded'",
}


@dataclass(frozen=True)
class Count:
    """What became of all writes of a kind. What is `lost` was acknowledged, and is not there."""

    acknowledged: int
    refused: int
    unknown: int
    was_written: int
    was_not: int
    lost: int
    twice: int
    refused_yet_there: int
    nobodys: int
    unsettled: int

    @property
    def is_clean(self) -> bool:
        """Say whether all promises were kept, and whether there were any."""
        return self.acknowledged > 0 and not (
            self.lost or self.twice or self.refused_yet_there or self.nobodys or self.unsettled
        )

    def __add__(self, other: "Count") -> "Count":
        """Add up."""
        return Count(*map(sum, zip(astuple(self), astuple(other), strict=True)))


NAMES = [field.name.replace("_", " ") for field in fields(Count)]


def count(url: str, writes: Iterable[Write]) -> dict[str, Count]:
    """Return the counts by kind, and all of them together."""
    there, asked = _marks(url), list(writes)
    counts = {kind: _count([write for write in asked if write.kind == kind], there[kind]) for kind in KINDS}
    return counts | {"all": counts["booking"] + counts["order"] + counts["payment"]}


def _count(writes: list[Write], there: Counter[str]) -> Count:
    def number(known: Known, *, is_there: bool) -> int:
        return sum(write.known is known and (write.mark in there) is is_there for write in writes)

    unknown = [write for write in writes if write.was_unknown]
    acknowledged, lost = number(Known.WRITTEN, is_there=True), number(Known.WRITTEN, is_there=False)
    refused, unlawful = number(Known.REFUSED, is_there=False), number(Known.REFUSED, is_there=True)
    return Count(
        acknowledged=acknowledged + lost,
        refused=refused + unlawful,
        unknown=len(unknown),
        was_written=sum(write.was_there for write in unknown),
        was_not=sum(not write.was_there for write in unknown),
        lost=lost,
        twice=sum(rows - 1 for rows in there.values()),
        refused_yet_there=unlawful,
        nobodys=len(there.keys() - {write.mark for write in writes}),
        unsettled=sum(write.known is Known.NOTHING for write in writes),
    )


def _marks(url: str) -> dict[str, Counter[str]]:
    """Return by what the rows of each kind are known, and how many there are of each."""
    engine = create_engine(load_settings(environment(url)).database_url, poolclass=NullPool)
    with engine.connect() as connection:
        return {kind: Counter(connection.scalars(text(query))) for kind, query in MARKS.items()}
