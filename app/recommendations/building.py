"""The job that works out what clients may need next, once a night; to be imported where it is called: it wants numpy.

It reads, computes outside any transaction, writes beside what is read meanwhile, and swaps that in. Twice is as good as
once, and two at once do no harm: the one that began last is read.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from itertools import islice
from zoneinfo import ZoneInfo

import structlog

from app.extensions import business
from app.kit.clock import utcnow
from app.recommendations import writing
from app.recommendations.finding import Findings
from app.recommendations.reading import read_catalogue, read_purchases

CLIENTS_AT_ONCE = 100
"""Whose rows are written in one transaction: a few thousand."""

Report = Callable[[int, int], object]
"""Told how many clients have been gone through, and of how many."""

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Built:
    """What a run has come to: its number, and for how many clients it has found something."""

    version: int
    clients: int


def build(report: Report = lambda _done, _of: None) -> Built | None:
    """Work it out anew, as of today; None where a run that began later was faster. Called outside transactions."""
    today = utcnow().astimezone(ZoneInfo(business.timezone)).date()
    model_id = writing.begin(today)  # before anything is read: of two runs the one that knows more is read
    findings = Findings.of(read_purchases(today), read_catalogue(), today)
    try:
        writing.write_popular(model_id, findings.popular())
        clients = sum(_written(model_id, findings, report))
        writing.finish(model_id, clients)
    except writing.Overtaken:
        log.info("recommendations_overtaken", version=model_id)
        return None
    writing.remove_old()
    log.info("recommendations_built", version=model_id, clients=clients)
    return Built(model_id, clients)


def _written(model_id: int, findings: Findings, report: Report) -> Iterator[int]:
    """Write batch after batch; yield for how many clients each has something."""
    done, count = 0, findings.client_count
    found = findings.of_clients()
    while some := list(islice(found, CLIENTS_AT_ONCE)):
        yield writing.write(model_id, {client_id: rows for client_id, rows in some if rows})
        done += len(some)
        report(done, count)
