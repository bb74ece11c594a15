"""Limits counted in Redis, for several processes; and what happens when it goes away, and comes back."""

import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from itertools import count
from typing import Any

import pytest
import redis
from flask import Flask

from app.security.windows import Windows
from tests.api import Api
from tests.conftest import make_application
from tests.redis_server import Redis, running_redis
from tests.servers import raw_request, release_together, serving

SECONDS_TO_RECOVER = 20


@pytest.fixture
def shared() -> Iterator[Redis]:
    """A Redis server of the test's own."""
    with running_redis() as server:
        yield server


def process(url: str, **more: str) -> Api:
    """Return how to call one of several processes that count together. None of their answers needs a database."""
    settings = {"RATELIMIT_ENABLED": "true", "REDIS_URL": url, "RATELIMIT_CALLER": "3/minute"}
    return Api(make_application("sqlite://", **settings | more).test_client())


def ask(api: Api, address: str = "198.51.100.1") -> Any:
    """Ask for something, from an address."""
    api.client.environ_base["REMOTE_ADDR"] = address
    return api.get("/api/users/me")


def asks_redis(api: Api, address: str) -> bool:
    """Ask for something, and say whether Redis has counted it."""
    ask(api, address)
    (limiter,) = api.client.application.extensions["limiter"]
    return not limiter._storage_dead


def test_processes_count_together(shared: Redis) -> None:
    first, second = process(shared.url), process(shared.url)
    assert [ask(api).status_code for api in (first, second, first, second, first)] == [401, 401, 401, 429, 429]
    refusal = ask(second)
    assert 58 <= int(refusal.headers["Retry-After"]) <= 60
    assert refusal.json["code"] == "too_many_requests"
    assert ask(second, "198.51.100.2").status_code == 401


def test_redis_learns_neither_addresses_nor_emails(shared: Redis) -> None:
    api = process(shared.url)
    ask(api)
    api.post("/api/auth/login", {"email": "ada@example.test"})
    with redis.from_url(shared.url) as client:
        keys = [key.decode() for key in client.scan_iter()]
        assert len(keys) == 3
        assert not [key for key in keys if "198.51" in key or "ada" in key or "@" in key]
        assert all(0 < client.ttl(key) <= 60 for key in keys)


def test_without_redis_each_process_counts_by_itself_and_comes_back(shared: Redis) -> None:
    """No request fails or waits long for it; afterwards the processes count together again."""
    first, second = process(shared.url), process(shared.url)
    assert [ask(api).status_code for api in (first, second)] == [401, 401]
    shared.stop()
    began = time.monotonic()
    for api in (first, second):
        assert [ask(api).status_code for _ in range(4)] == [401, 401, 401, 429]
    assert time.monotonic() - began < 3
    shared.start()
    give_up = time.monotonic() + SECONDS_TO_RECOVER
    for n in count():
        if [asks_redis(api, f"192.0.2.{n}") for api in (first, second)] == [True, True]:
            break
        assert time.monotonic() < give_up, "the processes do not count together again"
        time.sleep(0.2)
    asked = [ask(api, "203.0.113.7").status_code for api in (first, second, first, second)]
    assert asked == [401, 401, 401, 429]


def test_a_process_starts_without_redis() -> None:
    api = process(Redis().url)
    assert [ask(api).status_code for _ in range(4)] == [401, 401, 401, 429]


def test_without_redis_our_own_windows_count(monkeypatch: pytest.MonkeyPatch) -> None:
    """Not the library's, which never forget: they are handed over by a private name of its own."""
    counted: list[str] = []
    real = Windows.acquire_entry

    def count_too(self: Windows, key: str, limit: int, expiry: int, amount: int = 1) -> bool:
        counted.append(key)
        return real(self, key, limit, expiry, amount)

    monkeypatch.setattr(Windows, "acquire_entry", count_too)
    assert ask(process(Redis().url)).status_code == 401
    assert len(counted) == 1


@pytest.mark.race
@pytest.mark.databases("sqlite")
def test_a_flood_from_many_addresses_tries_ten_passwords(shared: Redis, database_url: str) -> None:
    """AU-15, on two real processes: sixty at once, each from an address of its own."""
    body = {"email": "ada@example.test", "password": "wrong password"}
    sent = [
        raw_request("POST", "/api/auth/login", json=body, headers={"X-Forwarded-For": f"198.51.100.{n}"})
        for n in range(60)
    ]
    with serving(database_url, RATELIMIT_ENABLED="true", REDIS_URL=shared.url, TRUSTED_PROXIES="1") as server:
        answers = release_together(server.host, server.port, sent)
    found = [answer.status for answer in answers]
    assert set(found) <= {401, 429, 503}
    assert found.count(429) == 50  # the others were tried, or found the hashing busy
    assert all(int(answer.headers["retry-after"]) >= 1 for answer in answers if answer.status == 429)


@pytest.mark.race
def test_redis_going_away_in_a_flood_fails_nobody(shared: Redis) -> None:
    """Many threads find it gone at the same moment."""
    app: Flask = process(shared.url, RATELIMIT_CALLER="1000/minute").client.application
    with ThreadPoolExecutor(16) as threads:
        asking = [threads.submit(lambda: ask(Api(app.test_client())).status_code) for _ in range(400)]
        shared.stop()
        asking += [threads.submit(lambda: ask(Api(app.test_client())).status_code) for _ in range(200)]
        assert {one.result() for one in asking} == {401}
