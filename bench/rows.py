"""The rows of the table: what is asked of us, what of the floors for the same, and the ratio that is wanted."""

import random
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import count, cycle
from typing import Any
from urllib.parse import urlencode

from bench.house import DAY_SECONDS, LINES, MINUTES, House
from bench.load import CALLERS, Call

Calls = Callable[[House, int], Iterator[Call]]
"""What one caller asks, without an end."""

MONTH_DAYS = 30


@dataclass(frozen=True, slots=True)
class Row:
    """A line of the table. `work` names the floor's statements, `script` what pgbench chooses its values by."""

    name: str
    ours: Calls
    floor: Calls
    least: float | None
    work: str | None = None
    script: Callable[[House], str] | None = None


def _get(path: str, values: dict[str, Any] | None = None, **options: Any) -> Call:
    return Call("GET", f"{path}?{urlencode(values)}" if values else path, **options)


def _same(call: Callable[[House, int], Call]) -> Calls:
    """Ask the same again and again."""

    def calls(house: House, caller: int) -> Iterator[Call]:
        asked = call(house, caller)
        while True:
            yield asked

    return calls


def _known(house: House, _caller: int) -> Call:
    return _get("/api/services", headers=(("If-None-Match", house.etag),))


def _service(path: str) -> Calls:
    def calls(house: House, _caller: int) -> Iterator[Call]:
        while True:
            yield _get(path.format(random.choice(house.services)))  # noqa: S311  # nothing secret

    return calls


def _my_client(house: House, caller: int) -> dict[str, int]:
    client = house.clients_of(caller)[0]
    return {"client": client.id, "session": client.session}


def _days(house: House, days: int) -> tuple[datetime, datetime]:
    """Return the first and the last of so many days in which the large diary is full."""
    return house.newest - timedelta(days=days - 1), house.newest


def _slots(days: int) -> Calls:
    def calls(house: House, _caller: int) -> Iterator[Call]:
        first, last = _days(house, days)
        while True:
            service, staff = random.choice(house.busy)  # noqa: S311  # nothing secret
            who = {"service_id": service, "staff_id": staff}
            yield _get("/api/bookings/availability", who | {"from": f"{first:%F}", "to": f"{last:%F}"})

    return calls


def _taken(days: int) -> Calls:
    def calls(house: House, _caller: int) -> Iterator[Call]:
        first, last = (int(day.timestamp()) // DAY_SECONDS for day in _days(house, days))
        while True:
            service, staff = random.choice(house.busy)  # noqa: S311  # nothing secret
            yield _get("/availability", {"service": service, "staff": staff, "first": first, "last": last})

    return calls


def _book(house: House, caller: int) -> Iterator[Call]:
    starts, clients = house.starts(caller), cycle(house.clients_of(caller))
    who = {"service_id": house.service, "staff_id": house.staff[caller]}
    return (
        Call("POST", "/api/bookings", who | {"starts_at": start.isoformat()}, client.token, _under(f"booking {start}"))
        for start, client in zip(starts, clients, strict=False)
    )


def _book_bare(house: House, caller: int) -> Iterator[Call]:
    keys, clients = count(house.later(), MINUTES * 60), cycle(house.clients_of(caller))
    what = {"service": house.service, "staff": house.staff[caller]}
    return (
        Call("POST", "/booking", {"client": client.id, "session": client.session, "key": key, "start": key} | what)
        for key, client in zip(keys, clients, strict=False)
    )


def _under(key: str) -> tuple[tuple[str, str]]:
    return (("Idempotency-Key", key),)


def _list(house: House, _caller: int) -> Call:
    return _get("/api/bookings", token=house.long.token)


def _list_deep(house: House, _caller: int) -> Call:
    return _get("/api/bookings", {"cursor": house.deep[2]}, token=house.long.token)


def _list_bare(house: House, _caller: int) -> Call:
    return _get("/bookings", {"client": house.long.id, "session": house.long.session})


def _list_deep_bare(house: House, _caller: int) -> Call:
    at, before, _ = house.deep
    place = {"at": int(at.timestamp()), "before": before}
    return _get("/bookings_after", {"client": house.long.id, "session": house.long.session} | place)


def _order(house: House, caller: int) -> Iterator[Call]:
    items = [{"product_id": product, "quantity": 1} for product in house.products_of(caller)]
    keys, clients = count(house.later()), cycle(house.clients_of(caller))
    return (
        Call("POST", "/api/orders", {"items": items}, client.token, _under(f"order {key}"))
        for key, client in zip(keys, clients, strict=False)
    )


def _order_bare(house: House, caller: int) -> Iterator[Call]:
    products = dict(zip(("one", "two", "three"), house.products_of(caller), strict=True))
    keys, clients = count(house.later()), cycle(house.clients_of(caller))
    return (
        Call("POST", "/order", {"client": client.id, "session": client.session, "key": key} | products)
        for key, client in zip(keys, clients, strict=False)
    )


def _some_diary(house: House, days: int) -> str:
    first, last = (int(day.timestamp()) // DAY_SECONDS for day in _days(house, days))
    service, staff = house.busy[0]
    return f"\\set service {service}\n\\set staff {staff}\n\\set first {first}\n\\set last {last}\n"


def _some_service(house: House) -> str:
    return f"\\set service random({min(house.services)}, {max(house.services)})\n"


def _some_client(house: House) -> str:
    client = house.clients[0]
    return f"\\set client {client.id} + :client_id\n\\set session {client.session} + :client_id\n"


def _some_quarter(house: House) -> str:
    """Count quarters of hours from where `-D key=…` begins."""
    where = f"\\set service {house.service}\n\\set staff {house.staff[0]} + :client_id\n\\set start :key\n"
    return f"{_some_client(house)}\\set key :key + {MINUTES * 60}\n{where}"


def _some_products(house: House) -> str:
    names = zip(("one", "two", "three"), range(0, CALLERS * LINES, CALLERS), strict=True)
    return _some_quarter(house) + "".join(f"\\set {n} {house.products[0]} + :client_id + {m}\n" for n, m in names)


def _long_client(house: House) -> str:
    return f"\\set client {house.long.id}\n\\set session {house.long.session}\n"


def _long_place(house: House) -> str:
    at, before, _ = house.deep
    return f"{_long_client(house)}\\set at {int(at.timestamp())}\n\\set before {before}\n"


HELLO = _same(lambda _house, _caller: _get("/hello"))

ROWS = (
    Row("GET /healthz, beside hello", _same(lambda _house, _caller: _get("/healthz")), HELLO, None),
    Row(
        "GET /api/services (20 of 200)",
        _same(lambda _house, _caller: _get("/api/services")),
        _same(lambda _house, _caller: _get("/services")),
        0.6,
        "services",
        lambda _house: "",
    ),
    Row("GET /api/services, known: 304, beside hello", _same(_known), HELLO, 0.8),
    Row(
        "GET /api/services/{id}",
        _service("/api/services/{}"),
        _service("/service?service={}"),
        0.6,
        "service",
        _some_service,
    ),
    Row(
        "GET /api/users/me",
        _same(lambda house, caller: _get("/api/users/me", token=house.clients_of(caller)[0].token)),
        _same(lambda house, caller: _get("/me", _my_client(house, caller))),
        0.6,
        "me",
        _some_client,
    ),
    Row(
        "GET availability, one staff member, one day",
        _slots(1),
        _taken(1),
        0.4,
        "availability",
        lambda house: _some_diary(house, 1),
    ),
    Row(
        "GET availability, one staff member, 30 days",
        _slots(MONTH_DAYS),
        _taken(MONTH_DAYS),
        0.6,
        "availability",
        lambda house: _some_diary(house, MONTH_DAYS),
    ),
    Row("POST /api/bookings, idempotent", _book, _book_bare, 0.35, "booking", _some_quarter),
    Row(
        "GET /api/bookings (20), page 1",
        _same(_list),
        _same(_list_bare),
        0.5,
        "bookings",
        _long_client,
    ),
    Row(
        "GET /api/bookings (20), page 4,000",
        _same(_list_deep),
        _same(_list_deep_bare),
        0.5,
        "bookings_after",
        _long_place,
    ),
    Row("POST /api/orders of 3 lines, idempotent", _order, _order_bare, 0.35, "order", _some_products),
)
