"""`python -m bench.sign_in`: what the time of an answer tells about an address, and what a flood of logins costs.

Starts gunicorn on the configured database, which needs the demo data, with rate limits off, and asks it over HTTP.
"""

import http.client
import json
import os
import statistics
import threading
import time
from collections import Counter
from collections.abc import Iterator
from http import HTTPStatus
from itertools import count
from typing import Any

from demo.salon import DEMO_LOGINS, PASSWORD
from tests.servers import Server, raw_request, release_together, serving

TRIES = int(os.environ.get("TRIES", "500"))
LOGINS = 200
PROBERS = 4
QUIET_SECONDS = 5

_number = count()


def main() -> None:
    """Print one line for each measurement."""
    url = os.environ["DATABASE_URL"]
    cost = os.environ.get("BCRYPT_ROUNDS", "12")
    print(f"{url.partition(':')[0]}, bcrypt cost {cost}, {TRIES} tries each; milliseconds")
    more = {"BCRYPT_ROUNDS": cost, "RATELIMIT_ENABLED": "false", "FLASK_ENV": "development"}
    with serving(url, workers=2, threads=8, **more) as server:
        for name, known, unknown in KINDS:
            compare(server, name, known, unknown)
        flood(server)


def login(email: str) -> tuple[str, dict[str, str]]:
    """Return a login with a wrong password."""
    return "/api/auth/login", {"email": email, "password": "not the password"}


def forgot(email: str) -> tuple[str, dict[str, str]]:
    """Return a wish for a new password."""
    return "/api/auth/password/forgot", {"email": email}


def register(email: str) -> tuple[str, dict[str, str]]:
    """Return a sign-up."""
    names = {"first_name": "Ada", "last_name": "Bench"}
    return "/api/auth/register", {"email": email, "password": "correct horse battery", **names}


KINDS = ((login.__name__, login, login), (forgot.__name__, forgot, forgot), (register.__name__, register, register))


def compare(server: Server, name: str, known: Any, unknown: Any) -> None:
    """Ask by turns about addresses with and without an account, and print both medians."""
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    statuses: Counter[tuple[str, int]] = Counter()
    for nth in range(TRIES):
        asked = {
            "known": known(f"client{nth % 20 + 1}@parlour.example"),
            "unknown": unknown(f"nobody{time.time_ns()}.{next(_number)}@parlour.example"),
        }
        for kind, (path, body) in asked.items():
            started = time.perf_counter()
            statuses[kind, call(server, "POST", path, body)] += 1
            times[kind].append((time.perf_counter() - started) * 1000)
    medians = {kind: statistics.median(taken) for kind, taken in times.items()}
    spread = statistics.pstdev(times["known"])
    difference = medians["known"] - medians["unknown"]
    print(
        f"  {name}: known {medians['known']:.2f}, unknown {medians['unknown']:.2f},"
        f" difference {difference:+.2f} (standard deviation {spread:.2f}), answers {dict(statuses)}",
        flush=True,
    )


def flood(server: Server) -> None:
    """Print how long others wait while 200 sign in at once, beside a quiet time."""
    token = signed_in(server)
    quiet = probe_during(server, token, lambda: time.sleep(QUIET_SECONDS))
    body = {"email": DEMO_LOGINS["client"], "password": PASSWORD}
    requests = [raw_request("POST", "/api/auth/login", json=body)] * LOGINS
    answers: list[Any] = []
    began = time.perf_counter()
    busy = probe_during(server, token, lambda: answers.extend(release_together(server.host, server.port, requests)))
    seconds = time.perf_counter() - began
    found = Counter(answer.status for answer in answers)
    print(f"  {LOGINS} logins at once, over in {seconds:.1f} s: {dict(found)}")
    for name, times in (("quiet", quiet), ("meanwhile", busy)):
        print(f"  other requests, {name}: {len(times)}, median {statistics.median(times):.1f}, p99 {p99(times):.1f}")


def probe_during(server: Server, token: str, work: Any) -> list[float]:
    """Return the milliseconds of reads by some callers while `work` runs."""
    over = threading.Event()
    times: list[float] = []
    probers = [threading.Thread(target=probe, args=(server, token, over, times)) for _ in range(PROBERS)]
    for prober in probers:
        prober.start()
    work()
    over.set()
    for prober in probers:
        prober.join()
    return times


def probe(server: Server, token: str, over: threading.Event, times: list[float]) -> None:
    """Read the catalogue and one's account until told to stop."""
    for path in alternately("/api/services", "/api/users/me"):
        started = time.perf_counter()
        status = call(server, "GET", path, token=token)
        assert status == HTTPStatus.OK, status  # noqa: S101  # a figure about errors would be none
        times.append((time.perf_counter() - started) * 1000)
        if over.is_set():
            return


def alternately(*things: str) -> Iterator[str]:
    """Yield the things by turns, for ever."""
    while True:
        yield from things


def p99(times: list[float]) -> float:
    """Return what 99 of 100 stay under."""
    return sorted(times)[int(len(times) * 0.99) - 1]


def signed_in(server: Server) -> str:
    """Return an access token of the demo's client."""
    connection = http.client.HTTPConnection(server.host, server.port)
    body = json.dumps({"email": DEMO_LOGINS["client"], "password": PASSWORD})
    connection.request("POST", "/api/auth/login", body, {"Content-Type": "application/json"})
    token: str = json.loads(connection.getresponse().read())["access_token"]
    return token


def call(server: Server, method: str, path: str, body: Any = None, *, token: str | None = None) -> int:
    """Send one request on a connection of its own and return the status."""
    (answer,) = release_together(server.host, server.port, [raw_request(method, path, json=body, token=token)])
    return answer.status


if __name__ == "__main__":
    main()
