"""The log of slow statements, without the values in them."""

from time import perf_counter
from typing import Any, Final

import structlog
from sqlalchemy import Engine, event
from sqlalchemy.engine import ExceptionContext

LONGEST_STATEMENT: Final = 2000

log = structlog.get_logger(__name__)


def install(engine: Engine, least_ms: int) -> None:
    """Write a line for each statement on `engine` that takes `least_ms` or longer."""

    def begin(_connection: Any, _cursor: Any, _statement: str, _values: Any, context: Any, _many: Any) -> None:
        context.began = perf_counter()

    def end(_connection: Any, _cursor: Any, statement: str, _values: Any, context: Any, _many: Any) -> None:
        took = (perf_counter() - context.began) * 1000
        if took >= least_ms:
            line = " ".join(statement.split())[:LONGEST_STATEMENT]
            log.warning("slow_query", duration_ms=round(took, 1), statement=line)

    def fail(failed: ExceptionContext) -> None:
        if hasattr(failed.execution_context, "began"):
            end(None, None, failed.statement or "", None, failed.execution_context, None)

    event.listen(engine, "before_cursor_execute", begin)
    event.listen(engine, "after_cursor_execute", end)
    event.listen(engine, "handle_error", fail)  # the slowest of all are those that PostgreSQL ends
