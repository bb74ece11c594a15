"""What does not fit in the table: a month of slots, many callers for one slot, and the memory of workers."""

from collections import Counter
from datetime import timedelta

from bench.house import House
from bench.load import CALLERS, Call, Load, drive
from bench.mix import mixed
from bench.rows import MONTH_DAYS
from bench.servers import Measured, ours
from bench.table import require_fine
from tests.servers import HOST, raw_request, release_together

RIVALS = 50
WARM_UP = 0.1
"""The share of the requests after which a worker is as large as it should stay."""


def report_month(house: House, server: Measured) -> None:
    """Print what a month of a service of the large diary costs, which 20 staff perform."""
    service, _ = house.busy[0]
    days = f"from={house.first:%F}&to={house.first + timedelta(days=MONTH_DAYS):%F}"
    call = Call("GET", f"/api/bookings/availability?service_id={service}&{days}")
    for callers in (8, CALLERS):
        load = drive(HOST, server.port, [[call] * 30] * callers)
        require_fine(load.statuses)
        print(f"- 20 staff, 31 days, {callers} connections: p95 {load.percentile(0.95):.0f} ms, {load.rate:.0f}/s")


def report_slot(house: House, server: Measured, rounds: int) -> None:
    """Print who wins one slot, a new one in each round, and how long all wait for their answers."""
    winners, times = Counter[int](), Load()
    for caller in range(rounds):
        statuses, milliseconds = _one_slot(house, server, caller)
        winners[statuses[201]] += 1
        times.times += milliseconds
    print(
        f"- {RIVALS} callers on one slot: {dict(winners)} (winners: rounds), p99 {times.percentile(0.99):.0f} ms of all"
        f" {len(times.times)} answers, the slowest {max(times.times):.0f} ms"
    )


def _one_slot(house: House, server: Measured, caller: int) -> tuple[Counter[int], list[float]]:
    start = next(house.starts(caller))
    body = {"service_id": house.service, "staff_id": house.staff[caller], "starts_at": start.isoformat()}
    requests = [raw_request("POST", "/api/bookings", json=body, token=one.token) for one in house.clients[:RIVALS]]
    answers = release_together(HOST, server.port, requests)
    return Counter(one.status for one in answers), [one.seconds * 1000 for one in answers]


def report_largest(server: Measured, before: float, answers: int) -> None:
    """Print what the largest of all workers has after the table was made."""
    print(
        f"- memory of a worker: {before:.0f} MB at the start, {server.memory:.0f} MB after {answers:,} answers of all"
    )


def report_growth(house: House, url: str, requests: int) -> None:
    """Print how the memory of one worker, which nothing replaces meanwhile, grows over so many requests of all rows."""
    with ours(url, workers=1) as server:
        sizes = [server.memory]
        for part in (WARM_UP, 1 - WARM_UP):
            each = round(requests * part / CALLERS)
            require_fine(drive(HOST, server.port, [mixed(house, caller, each) for caller in range(CALLERS)]).statuses)
            sizes.append(server.memory)
    start, warm, end = sizes
    print(
        f"- memory of one worker: {start:.0f} MB at the start, {warm:.1f} MB after {requests * WARM_UP:,.0f} requests,"
        f" {end:.1f} MB after {requests:,}: {end / warm - 1:+.1%} since it was warm"
    )
