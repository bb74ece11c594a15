"""The log: one event per line on standard output, readable in development, JSON in production.

Every line of a request carries its `request_id`. Secrets, query strings and people's data are never logged.
"""

import logging
import sys
from collections.abc import MutableMapping
from typing import Any

import orjson
import structlog

from app.kit.clock import utcnow
from app.kit.quoted_rows import without_rows

_requests = logging.getLogger(__name__)

QUIETER = {
    "werkzeug": logging.WARNING,  # its request lines would repeat ours, with the query
    "fontTools": logging.WARNING,  # which tells of each table of a font that goes into a PDF file
    "alembic.runtime.plugins": logging.WARNING,
}
"""Libraries that say more than anybody wants to know, and from which level on they are heard."""


def configure(level: str, *, as_json: bool) -> None:
    """Send everything at `level` and above, libraries' lines included, to standard output."""
    before: list[Any] = [structlog.contextvars.merge_contextvars, structlog.stdlib.add_log_level, _add_time]
    handler = Output(sys.stdout)
    handler.setFormatter(
        Formatter(
            foreign_pre_chain=before,
            processors=[
                structlog.stdlib.ProcessorFormatter.remove_processors_meta,
                structlog.processors.format_exc_info,
                _hide_row_values,
                _renderer(as_json=as_json),
            ],
        )
    )
    logging.logThreads = logging.logProcesses = logging.logMultiprocessing = False  # which no line says
    logging.basicConfig(handlers=[handler], level=level, force=True)
    for library, quiet in QUIETER.items():
        logging.getLogger(library).setLevel(max(quiet, logging.getLevelName(level)))
    structlog.configure(
        processors=[
            structlog.stdlib.filter_by_level,
            *before,
            structlog.stdlib.ProcessorFormatter.wrap_for_formatter,
        ],
        wrapper_class=structlog.stdlib.BoundLogger,
        logger_factory=structlog.stdlib.LoggerFactory(),
    )


class Event(dict[str, Any]):
    """What a line says, complete."""


class Formatter(structlog.stdlib.ProcessorFormatter):
    """structlog's formatter, with a short way for what is complete."""

    def format(self, record: logging.LogRecord) -> str:
        """Return the line."""
        if type(record.msg) is Event:
            return self.line(record.msg)
        return super().format(record)

    def line(self, said: Event) -> str:
        """Return the line of what is complete."""
        return str(self.processors[-1](None, said["level"], said))


class Output(logging.StreamHandler[Any]):
    """Standard output. Each line is written at once, and whole, whichever thread it is of."""

    def say(self, said: Event) -> None:
        """Write the line of what is complete. Raises what the stream raises."""
        assert isinstance(self.formatter, Formatter)  # noqa: S101  # narrows the type for mypy: `configure` sets it
        line = f"{self.formatter.line(said)}{self.terminator}"
        assert self.lock is not None  # noqa: S101  # the same: each handler has one
        with self.lock:
            self.stream.write(line)
            self.stream.flush()


def write(event: str, **said: Any) -> None:
    """Write a line of the level INFO, as structlog's `info` would, in a fifth of the time: each request has one."""
    if not _requests.isEnabledFor(logging.INFO):
        return
    line = Event(said, event=event, **structlog.contextvars.get_contextvars(), level="info", at=_now())
    if not _is_said(line):
        _requests.handle(logging.LogRecord(_requests.name, logging.INFO, __file__, 0, line, None, None))


def _is_said(line: Event) -> bool:
    """Write the line without a record of it, where nobody else listens. The long way tells why the short one fails."""
    listeners = logging.getLogger().handlers
    if len(listeners) != 1 or type(listeners[0]) is not Output:
        return False
    try:
        listeners[0].say(line)
    except (OSError, ValueError):  # the output is gone, or closed
        return False
    return True


def _renderer(*, as_json: bool) -> Any:
    if as_json:
        return structlog.processors.JSONRenderer(serializer=_as_json)
    return structlog.dev.ConsoleRenderer(colors=sys.stdout.isatty(), pad_event_to=0)


def _as_json(event: Any, **_options: Any) -> str:
    return orjson.dumps(event, default=repr).decode()


def _add_time(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    event["at"] = _now()
    return event


def _now() -> str:
    return f"{utcnow().isoformat(timespec='milliseconds')[:-6]}Z"


def _hide_row_values(_logger: Any, _method: str, event: MutableMapping[str, Any]) -> MutableMapping[str, Any]:
    if "exception" in event:
        event["exception"] = without_rows(event["exception"])
    return event
