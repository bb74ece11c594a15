"""The settings that the programs really ask for, as their sources say."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from tests.databases import PROJECT

NAME = re.compile(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)*")
SOURCES = (PROJECT / "config.py", *sorted((PROJECT / "app" / "settings").glob("*.py")))
UNSAID = {None, ""}
"""Defaults that mean: not set."""


def asked_for() -> dict[str, str | None]:
    """Return the default of each setting, as it would be written in the environment; None where there is none."""
    found: dict[str, str | None] = {}
    for path in SOURCES:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for name in _listed(tree):
            found.setdefault(name, None)
        for name, default in _calls(tree):
            found[name] = found.get(name) or default
    return found


def exemplified() -> dict[str, str]:
    """Return the settings of .env.example; those behind a `#` with their first example."""
    lines = (PROJECT / ".env.example").read_text(encoding="utf-8").splitlines()
    assignments = [re.fullmatch(r"#? ?([A-Z][A-Z0-9_]+)=(.*)", line) for line in lines]
    return {one[1]: one[2] for one in reversed(assignments) if one}


def _calls(tree: ast.Module) -> Iterator[tuple[str, str | None]]:
    """Yield what `env.str("NAME", "default")` and functions that are handed `env` ask for."""
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        receiver = node.func.value if isinstance(node.func, ast.Attribute) else None
        arguments = [one for one in node.args if not _is_env(one)]
        if not (_is_env(receiver) or len(arguments) < len(node.args)) or not arguments:
            continue
        name = arguments[0]
        if isinstance(name, ast.Constant) and isinstance(name.value, str) and NAME.fullmatch(name.value):
            yield name.value, _default(node, arguments)


def _default(call: ast.Call, arguments: list[ast.expr]) -> str | None:
    given = [*arguments[1:2], *(one.value for one in call.keywords if one.arg == "default")]
    default = given[0] if given else None
    if isinstance(default, ast.Call) and default.args:
        default = default.args[0]  # such as Decimal(0)
    if not isinstance(default, ast.Constant) or default.value in UNSAID:
        return None
    value = default.value
    return str(value).lower() if isinstance(value, bool) else str(value)


def _is_env(node: ast.expr | None) -> bool:
    return isinstance(node, ast.Name) and node.id == "env"


def _listed(tree: ast.Module) -> Iterator[str]:
    """Yield the names in tuples that are asked for one by one, such as SECRET_NAMES."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Tuple):
            names = [one.value for one in node.elts if isinstance(one, ast.Constant) and isinstance(one.value, str)]
            if len(names) == len(node.elts) and names and all("_" in one and NAME.fullmatch(one) for one in names):
                yield from names


def documented(path: Path) -> dict[str, str]:
    """Return the default of each setting in a page's tables: `| NAME | default | what it is |`."""
    rows = re.findall(r"^\| `([A-Z][A-Z0-9_]+)` \|([^|]*)\|", path.read_text(encoding="utf-8"), re.MULTILINE)
    return {name: default.strip().strip("`") for name, default in rows}
