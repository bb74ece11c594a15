"""What each database says in its own words: whether a word is in a text, and where; whether a list has all words."""

from typing import Any

from sqlalchemy import Boolean, Integer
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement


class HasWord(FunctionElement[bool]):
    """`text, word, pattern`: whether the pattern fits or, where the server can tell, a like word is in the text."""

    type = Boolean()
    inherit_cache = True


class PlaceOf(FunctionElement[int]):
    """`text, word`: where the word begins in the text, from 1; 0 where it does not."""

    type = Integer()
    inherit_cache = True


class HasAll(FunctionElement[bool]):
    """`list, words`: whether a JSON list has all the words of another."""

    type = Boolean()
    inherit_cache = True


@compiles(HasWord, "postgresql")
def _has_word(element: HasWord, compiler: SQLCompiler, **options: Any) -> str:
    return f"space_has_word({compiler.process(element.clauses, **options)})"


@compiles(HasWord, "sqlite")
def _has_pattern(element: HasWord, compiler: SQLCompiler, **options: Any) -> str:
    text, _, pattern = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{text} LIKE {pattern} ESCAPE '\\'"


@compiles(PlaceOf, "postgresql")
def _strpos(element: PlaceOf, compiler: SQLCompiler, **options: Any) -> str:
    return f"strpos({compiler.process(element.clauses, **options)})"


@compiles(PlaceOf, "sqlite")
def _instr(element: PlaceOf, compiler: SQLCompiler, **options: Any) -> str:
    return f"instr({compiler.process(element.clauses, **options)})"


@compiles(HasAll, "postgresql")
def _contains(element: HasAll, compiler: SQLCompiler, **options: Any) -> str:
    listed, wanted = (compiler.process(clause, **options) for clause in element.clauses)
    return f"{listed} @> CAST({wanted} AS jsonb)"


@compiles(HasAll, "sqlite")
def _none_is_missing(element: HasAll, compiler: SQLCompiler, **options: Any) -> str:
    listed, wanted = (compiler.process(clause, **options) for clause in element.clauses)
    # Both are clauses that the compiler made; what people send is in their parameters.
    missing = f"SELECT value FROM json_each({wanted}) EXCEPT SELECT value FROM json_each({listed})"  # noqa: S608  # nosec
    return f"NOT EXISTS ({missing})"
