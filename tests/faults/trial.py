"""A trial: writers write while faults strike one after the other; then everything is settled, and counted."""

import itertools
import random
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field

from tests.faults.count import NAMES, Count, count
from tests.faults.faults import ON_POSTGRESQL, Fault
from tests.faults.house import House
from tests.faults.salon import open_salon
from tests.faults.watch import Watch, watching
from tests.faults.writers import settle, writing
from tests.faults.writes import Breaches

BETWEEN_SECONDS = (0.2, 1.0)
BACK_SECONDS = 3.0
"""Within which the service answers again once PostgreSQL, or its connections, are back."""


@dataclass
class Struck:
    """One kind of fault: how often it struck, and how long it took at most until the service was back."""

    was_database: bool
    times: int = 0
    slowest: float = 0.0


@dataclass
class Report:
    """What came of a trial. `audit` is what `flask audit` complains of."""

    name: str
    seconds: float
    counts: dict[str, Count]
    struck: dict[str, Struck]
    cuts: int
    longest_outage: float
    breaches: Breaches
    audit: str

    @property
    def failures(self) -> Iterator[str]:
        """Yield each promise that was not kept."""
        if not self.counts["all"].acknowledged:
            yield "Nothing was acknowledged: nothing could be lost."
        elif not self.counts["all"].is_clean:
            yield "What the writers know is not what is there."
        if self.breaches.number:
            yield f"{self.breaches.number} answers that may never be given: {self.breaches.told}"
        late = [name for name, one in self.struck.items() if one.was_database and one.slowest > BACK_SECONDS]
        if late:
            yield f"Not back within {BACK_SECONDS:.0f} s after: {', '.join(late)}."
        if self.audit:
            yield f"flask audit: {self.audit}"

    def __str__(self) -> str:
        """Return the tables."""
        rows = [["", *NAMES], *([kind, *map(str, vars(found).values())] for kind, found in self.counts.items())]
        faults = [["fault", "times", "back after at most"]]
        faults += [[name, str(one.times), f"{one.slowest:.2f} s"] for name, one in self.struck.items()]
        about = f"{self.seconds:.0f} s, {self.cuts} connections cut, longest outage {self.longest_outage:.1f} s"
        return "\n\n".join([f"{self.name}: {about}", _table(rows), _table(faults), *self.failures])


@dataclass
class Trial:
    """Faults to strike a house with, in this order and again, for so many seconds, but each at least once."""

    name: str
    faults: Sequence[Fault]
    seconds: float
    writers: int = 32
    forgets_keys: bool = False
    struck: dict[str, Struck] = field(default_factory=dict)

    def of(self, house: House) -> Report:
        """Let it happen, and return what came of it."""
        writers, began = open_salon(house.url, house.to_web.port, self.writers), time.monotonic()
        for writer in writers:
            writer.forgets_keys = self.forgets_keys
        house.make_durable()
        breaches = writers[0].breaches
        with watching(house.web.port, breaches) as watch, writing(writers):
            self._strike(house, watch)
        seconds = time.monotonic() - began
        settle(writers)
        house.worker.end()
        return Report(
            name=self.name,
            seconds=seconds,
            counts=count(house.url, [write for writer in writers for write in writer.record]),
            struck=self.struck,
            cuts=house.to_web.cuts + (house.to_server.cuts if house.to_server else 0),
            longest_outage=watch.longest_outage,
            breaches=breaches,
            audit=_audit(house),
        )

    def _strike(self, house: House, watch: Watch) -> None:
        give_up = time.monotonic() + self.seconds
        for number, fault in enumerate(itertools.cycle(self.faults)):
            if number >= len(self.faults) and time.monotonic() > give_up:
                return
            time.sleep(random.uniform(*BETWEEN_SECONDS))  # noqa: S311  # no secret
            fault(house)
            struck = self.struck.setdefault(fault.__name__.replace("_", " "), Struck(fault in ON_POSTGRESQL))
            struck.times += 1
            struck.slowest = max(struck.slowest, watch.seconds_until_back())


def _audit(house: House) -> str:
    done = house.run("audit")
    return done.stdout + done.stderr if done.returncode else ""


def _table(rows: list[list[str]]) -> str:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    return "\n".join("  ".join(cell.rjust(width) for cell, width in zip(row, widths, strict=True)) for row in rows)
