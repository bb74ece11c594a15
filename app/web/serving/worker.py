"""A process of gunicorn, whose threads take the next request wherever it comes, by themselves.

In gunicorn's own, one thread hears what comes, hands it to another, and is told when that is done: on a busy server
these waits for each other take longer than a short request. Here that one only takes in new connections and ends old
ones. What a request is, and how one that is none is refused, is gunicorn's: nothing of that is changed. Its hooks
before and after a request, and its own log of requests, are not served: the application writes one.
"""

import errno
import socket
from contextlib import suppress
from http import HTTPStatus
from time import monotonic, sleep
from typing import Any

from gunicorn.http import errors, wsgi  # type: ignore[import-untyped]  # no types in what it ships
from gunicorn.http.body import LengthReader  # type: ignore[import-untyped]  # the same
from gunicorn.workers.gthread import TConn, ThreadWorker  # type: ignore[import-untyped]  # the same

from app.web.serving.answers import Answer
from app.web.serving.waiting import Waiting

LOOK_SECONDS = 1.0
"""How often each thread looks whether this process ends, and how often idle connections are looked at."""

AFTER_YOU_SECONDS = 0.0005
"""By how much a busy process hesitates: callers that come all at once would stay with whichever was quickest."""

TAKING_IN_SECONDS = 1.0
"""For how long a refused caller may go on sending: it holds a thread meanwhile."""

HUNG_UP = frozenset({errno.EPIPE, errno.ECONNRESET, errno.ENOTCONN})


class Worker(ThreadWorker):  # type: ignore[misc]  # without types, as above
    """gunicorn's threads, which serve as the module says. No request is swallowed by the connection it came on."""

    alive: bool  # until it is to end: then it answers what has begun

    def init_process(self) -> None:
        """Begin to serve, in the new process."""
        self._has_ended = False
        self.keepalived_conns = Waiting()
        super().init_process()

    def run(self) -> None:
        """Take in connections until the process ends; then answer what has begun, for as long as is granted."""
        for _ in range(self.cfg.threads):
            self.tpool.submit(self._serve)
        try:
            super().run()
        finally:
            self._has_ended = True
            self.keepalived_conns.wake()

    def accept(self, listener: Any) -> None:
        """Take in a new connection. The first thing that is said on it finds a thread.

        Of several processes, those that have more connections than threads let the others go first.
        """
        if self.nr_conns >= self.cfg.threads:
            sleep(AFTER_YOU_SECONDS)
        with suppress(BlockingIOError, ConnectionAbortedError):  # another process was first; the caller has gone
            caller, address = listener.accept()
            connection = TConn(self.cfg, caller, address, listener.getsockname())
            caller.setblocking(True)
            self.nr_conns += 1
            self.keepalived_conns.add(connection, is_new=True)

    def wait_for_and_dispatch_events(self, timeout: float) -> None:
        """Look each second whether a connection has idled for long enough, also when this process ends."""
        super().wait_for_and_dispatch_events(min(timeout, LOOK_SECONDS))

    def murder_keepalived(self) -> None:
        """End the connections that idle for too long."""
        for connection in self.keepalived_conns.take_overdue(monotonic()):
            self._end(connection)

    def _serve(self) -> None:
        """Answer, in a thread of its own, wherever something is asked, until the process ends."""
        while not self._has_ended:
            connection = self.keepalived_conns.take(LOOK_SECONDS)
            if connection is not None:
                self._serve_one(connection)

    def _serve_one(self, connection: Any) -> None:
        """Answer on a connection, and let it wait again, also when this process ends: that was promised."""
        try:
            if self.handle(connection):
                self.keepalived_conns.add(connection, is_new=False)
                return
        except BaseException:  # a view that leaves the program takes no thread with it
            self.log.exception("Error handling request")
        self.method_queue.defer(self._end, connection)  # to the first thread, which counts them

    def _end(self, connection: Any) -> None:
        self.nr_conns -= 1
        connection.close()

    def handle(self, conn: Any) -> bool:
        """Answer a request, and those that have come right behind it: no wait on the connection would show them."""
        kept = self._handle_next(conn)
        while kept and conn.parser.unreader.buf.getbuffer().nbytes:
            kept = self._handle_next(conn)
        return kept

    def _handle_next(self, conn: Any) -> bool:
        """Answer the next request on a connection; say whether that is kept."""
        request = None
        try:
            conn.init()
            request = next(conn.parser)
            return self.handle_request(request, conn)
        except (errors.NoMoreData, StopIteration):
            return False
        except OSError as error:
            if error.errno not in HUNG_UP:
                self.log.exception("Socket error processing request.")
        except Exception as error:  # noqa: BLE001  # whatever it is, the caller is answered, and it is logged
            self.handle_error(request, conn.sock, conn.client, error)
        return False

    def handle_request(self, req: Any, conn: Any) -> bool:
        """Answer; where nobody has read the request's body by then, say that the connection ends, and end it."""
        asks_to_close = req.should_close
        req.should_close = lambda: asks_to_close() or _is_unread(req.body.reader)
        answer = Answer(req, conn.sock, self.cfg)
        _, environ = wsgi.create(req, conn.sock, conn.client, conn.server, self.cfg)
        environ["wsgi.multithread"] = True
        del environ["wsgi.early_hints"]  # which would look at another answer
        self._count(answer)
        try:
            self._answer(answer, environ)
        except OSError:  # mostly the caller has gone: who called this knows what of it is worth a line
            if answer.headers_sent:
                with suppress(OSError):
                    conn.sock.shutdown(socket.SHUT_RDWR)
            raise
        except Exception:
            if not answer.headers_sent:
                raise
            self.log.exception("Error handling request")
            with suppress(OSError):
                conn.sock.shutdown(socket.SHUT_RDWR)  # half an answer must not look like a whole one
            return False
        if answer.status_code == HTTPStatus.REQUEST_TIMEOUT:
            _give_up(conn.sock)
        elif _is_unread(req.body.reader):
            _take_in(conn.sock)
        return not answer.should_close()

    def _count(self, answer: Any) -> None:
        """Have the process end after its last request, and connections where there are too many, or it ends."""
        self.nr += 1
        if self.nr >= self.max_requests and self.alive:
            self.log.info("Autorestarting worker after current request.")
            self.alive = False
        if not self.alive or not self.cfg.keepalive or len(self.keepalived_conns) >= self.max_keepalived:
            answer.force_close()

    def _answer(self, answer: Any, environ: dict[str, Any]) -> None:
        parts = self.wsgi(environ, answer.start_response)
        try:
            if isinstance(parts, environ["wsgi.file_wrapper"]):
                answer.write_file(parts)
            else:
                for part in parts:
                    answer.write(part)
            answer.close()
        finally:
            if hasattr(parts, "close"):
                parts.close()


def _is_unread(body: Any) -> bool:
    return bool(body.length) if isinstance(body, LengthReader) else body.parser is not None


def _give_up(caller: socket.socket) -> None:
    """Wait no more for what a caller that fell silent has not sent."""
    with suppress(OSError):
        caller.shutdown(socket.SHUT_RD)


def _take_in(caller: socket.socket) -> None:
    """Take in for a moment what still comes, for nobody: who hangs up on it wipes the answer out (RFC 9112 §9.6)."""
    give_up = monotonic() + TAKING_IN_SECONDS
    with suppress(OSError):
        caller.shutdown(socket.SHUT_WR)
        while (left := give_up - monotonic()) > 0:
            caller.settimeout(left)
            if not caller.recv(65536):
                break
