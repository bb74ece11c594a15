"""Instants as the database counts them: whole seconds since 1970, which cost a quarter of what datetimes do to read."""

from typing import Any

from sqlalchemy import BigInteger
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class Seconds(FunctionElement[int]):
    """The last whole second not after an instant: what `to_seconds` says."""

    name = "seconds"
    inherit_cache = True
    type = BigInteger()


class SecondsUp(Seconds):
    """The first whole second not before an instant: what `to_seconds_up` says."""

    name = "seconds_up"
    inherit_cache = True


@compiles(Seconds, "postgresql")
def _floor(seconds: Seconds, compiler: SQLCompiler, **options: Any) -> str:
    return f"date_part('epoch', date_trunc('second', {compiler.process(seconds.clauses, **options)}))::bigint"


@compiles(SecondsUp, "postgresql")
def _ceil(seconds: SecondsUp, compiler: SQLCompiler, **options: Any) -> str:
    at = compiler.process(seconds.clauses, **options)
    return f"date_part('epoch', date_trunc('second', {at} + interval '0.999999'))::bigint"


@compiles(Seconds, "sqlite")
def _floor_of_text(seconds: Seconds, compiler: SQLCompiler, **options: Any) -> str:
    return f"unixepoch(substr({compiler.process(seconds.clauses, **options)}, 1, 19))"


@compiles(SecondsUp, "sqlite")
def _ceil_of_text(seconds: SecondsUp, compiler: SQLCompiler, **options: Any) -> str:
    at = compiler.process(seconds.clauses, **options)
    return f"(unixepoch(substr({at}, 1, 19)) + (substr({at}, 21) > '000000'))"
