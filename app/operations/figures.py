"""`/metrics`: figures for Prometheus, added up over the processes of one gunicorn.

Each of these writes into files of its own, which gunicorn.conf.py takes care of. How the work in the background stands
is read from the database when somebody asks.
"""

import os
from collections.abc import Iterator
from functools import cache
from hmac import compare_digest
from http import HTTPStatus
from time import perf_counter
from typing import Any, Final

from flask import Flask, Response, abort, current_app, g
from flask.globals import request_ctx
from prometheus_client import CONTENT_TYPE_LATEST, CollectorRegistry, Counter, Gauge, Histogram, generate_latest, values
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector
from sqlalchemy import Engine, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as NoConnection
from sqlalchemy.pool import QueuePool

from app.jobs.state import queue_state
from app.security.errors import TokenInvalid
from app.security.tokens import bearer_token
from app.transactions import reading
from app.web.methods import SPOKEN

PLACE: Final = "PARLOUR_WORKER_PLACE"
"""Which of gunicorn's workers this is: files are named by it, so that there are no more of them than workers."""

BUCKETS: Final = (0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)

_place = os.environ.get(PLACE)
if _place is not None:
    values.ValueClass = values.MultiProcessValue(lambda: _place)  # type: ignore[no-untyped-call]  # prometheus_client left it so

OWN = CollectorRegistry()
REQUESTS = Counter("parlour_http_requests", "Requests answered.", ("method", "route", "status"), registry=OWN)
SECONDS = Histogram(
    "parlour_http_request_seconds", "Time until the answer.", ("method", "route"), registry=OWN, buckets=BUCKETS
)
IN_USE = Gauge("parlour_database_connections_in_use", "Connections in use.", registry=OWN, multiprocess_mode="livesum")
MOST = Gauge(
    "parlour_database_connections_limit", "Connections that may be.", registry=OWN, multiprocess_mode="livesum"
)


def install(app: Flask, engine: Engine) -> None:
    """Count the requests to `app`, and the connections of `engine`."""
    app.after_request(count)
    event.listen(engine, "checkout", lambda *_: IN_USE.inc())
    event.listen(engine, "checkin", lambda *_: IN_USE.dec())
    if isinstance(engine.pool, QueuePool):
        MOST.set(engine.pool.size() + max(0, engine.pool._max_overflow))  # noqa: SLF001  # it tells nowhere else


def count(response: Response) -> Response:
    """Count one answer, by the route's template: never by what callers write into a path."""
    asked = request_ctx.request
    route = asked.url_rule.rule if asked.url_rule else "none"
    method = asked.method if asked.method in SPOKEN else "other"
    count_answer(method, route, response.status_code, g.began)
    return response


def count_answer(method: str, route: str, status: int, began: float) -> None:
    """Count an answer to a request that began then (`perf_counter`)."""
    _requests(method, route, status).inc()
    _seconds(method, route).observe(perf_counter() - began)


@cache
def _requests(method: str, route: str, status: int) -> Counter:
    """Return the counter of such answers; there are as many as there are routes, methods and statuses."""
    return REQUESTS.labels(method, route, str(status))


@cache
def _seconds(method: str, route: str) -> Histogram:
    return SECONDS.labels(method, route)


def show() -> Response:
    """Answer with the figures: to whoever has METRICS_TOKEN; without one, in production to nobody."""
    settings = current_app.extensions["settings"]
    token = settings.operations.metrics_token
    if token is None and settings.in_production:
        abort(HTTPStatus.NOT_FOUND)
    if token is not None and not compare_digest(bearer_token().encode(), token.encode()):
        raise TokenInvalid
    return Response(_written(), content_type=CONTENT_TYPE_LATEST)


def _written() -> bytes:
    registry = CollectorRegistry()
    registry.register(Tasks())
    if _place is not None:
        MultiProcessCollector(registry)  # type: ignore[no-untyped-call]  # left so, too; it registers itself
        return generate_latest(registry)
    return generate_latest(registry) + generate_latest(OWN)


class Tasks(Collector):
    """How the work in the background stands; nothing of it where the database is away."""

    def collect(self) -> Iterator[Any]:
        """Yield the figures."""
        up = GaugeMetricFamily("parlour_database_up", "Whether the database answers.")
        try:
            with reading():
                state = queue_state()
        except (DBAPIError, NoConnection):
            up.add_metric([], 0)
            yield up
            return
        up.add_metric([], 1)
        yield up
        tasks = GaugeMetricFamily("parlour_tasks", "Tasks of the background by state.", labels=["state"])
        for name in ("waiting", "due", "in_hand", "failing", "dead"):
            tasks.add_metric([name], getattr(state, name))
        yield tasks
        yield GaugeMetricFamily(
            "parlour_tasks_oldest_seconds", "For how long the oldest due task waits.", value=state.oldest_seconds
        )
