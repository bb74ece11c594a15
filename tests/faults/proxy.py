"""A TCP proxy that cuts connections at the worst moment: in a thread of its own, on a port of its own."""

import asyncio
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from tests.processes import free_port

HOST = "127.0.0.1"
CHUNK = 65536


class Cut(Exception):
    """A connection is to be cut now."""


@dataclass(frozen=True, slots=True)
class Moment:
    """When to cut: at each so many chunks with a word in them, sent by a side, before or after handing them on."""

    word: bytes
    by_caller: bool
    handed_on: bool
    every: int = 1


@dataclass
class Proxy:
    """Stands between callers and a port. `moment` and `delay`, in seconds, may be set while it runs."""

    target: int
    port: int = field(default_factory=free_port)
    moment: Moment | None = None
    delay: tuple[float, float] = (0.0, 0.0)
    cuts: int = 0
    _seen: int = 0
    _open: set[asyncio.StreamWriter] = field(default_factory=set)
    _loop: asyncio.AbstractEventLoop = field(default_factory=asyncio.new_event_loop)

    def cut_all(self) -> None:
        """Cut every connection that is open."""
        self._loop.call_soon_threadsafe(self._cut_all)

    def _cut_all(self) -> None:
        for caller in self._open:
            self.cuts += 1
            caller.transport.abort()

    async def _carry(self, caller: asyncio.StreamReader, to_caller: asyncio.StreamWriter) -> None:
        self._open.add(to_caller)
        try:
            server, to_server = await asyncio.open_connection(HOST, self.target)
        except OSError:
            to_caller.close()
        else:
            await self._carry_both((caller, to_server), (server, to_caller))
        finally:
            self._open.discard(to_caller)

    async def _carry_both(
        self,
        there: tuple[asyncio.StreamReader, asyncio.StreamWriter],
        back: tuple[asyncio.StreamReader, asyncio.StreamWriter],
    ) -> None:
        """Carry until one side ends; what was handed on arrives, also where the connection is cut then."""
        ways = [asyncio.create_task(self._carry_one(*there, True)), asyncio.create_task(self._carry_one(*back, False))]
        done, under_way = await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        if any(isinstance(way.exception(), Cut) for way in done):
            self.cuts += 1
            back[1].transport.abort()
        for way in under_way:
            way.cancel()
        await asyncio.gather(*ways, return_exceptions=True)
        for writer in (there[1], back[1]):
            writer.close()

    async def _carry_one(self, source: asyncio.StreamReader, sink: asyncio.StreamWriter, by_caller: bool) -> None:
        with suppress(OSError):
            while chunk := await source.read(CHUNK):
                await asyncio.sleep(random.uniform(*self.delay))  # noqa: S311  # no secret
                moment = self._moment_of(chunk, by_caller)
                if moment and not moment.handed_on:
                    raise Cut
                sink.write(chunk)
                await sink.drain()
                if moment:
                    raise Cut

    def _moment_of(self, chunk: bytes, by_caller: bool) -> Moment | None:
        """Return the moment that has come with this chunk, if it has."""
        moment = self.moment
        if moment is None or moment.by_caller != by_caller or moment.word not in chunk:
            return None
        self._seen += 1
        return None if self._seen % moment.every else moment

    async def _serve(self, ready: threading.Event) -> None:
        async with await asyncio.start_server(self._carry, HOST, self.port) as server:
            ready.set()
            await server.serve_forever()


@contextmanager
def in_front_of(target: int) -> Iterator[Proxy]:
    """Carry between a proxy and a port of this machine until the block ends."""
    proxy, ready = Proxy(target), threading.Event()
    carrying = proxy._loop.create_task(proxy._serve(ready))
    thread = threading.Thread(target=_run, args=(proxy._loop, carrying))
    thread.start()
    try:
        assert ready.wait(10), "The proxy does not listen."
        yield proxy
    finally:
        proxy._loop.call_soon_threadsafe(carrying.cancel)
        thread.join()


def _run(loop: asyncio.AbstractEventLoop, carrying: asyncio.Task[None]) -> None:
    with suppress(asyncio.CancelledError):
        loop.run_until_complete(carrying)
    for left in asyncio.all_tasks(loop):
        left.cancel()
        with suppress(asyncio.CancelledError):
            loop.run_until_complete(left)
    loop.run_until_complete(loop.shutdown_asyncgens())
    loop.close()
