"""The TypeScript client as far as it can be judged without npm; `make e2e` runs it."""

import json
import re
from typing import Any

import pytest

from app.web.cors import READ, SENT
from tests.e2e import client
from tests.e2e.client import CLIENT, browser, find_browser

EXACT = re.compile(r"[0-9]+\.[0-9]+\.[0-9]+")
LOOSE = re.compile(r"\bany\b|\bas (?!const\b)|<any>|@ts-|[\w\])]!(?!=)")
COMMENT = re.compile(r"/\*.*?\*/|//.*|`[^`]*`|\"[^\"]*\"", re.DOTALL)


def read(name: str) -> Any:
    """Return a JSON file of the client."""
    return json.loads((CLIENT / name).read_text(encoding="utf-8"))


def loose(source: str) -> list[str]:
    """Return what gets around the types of a program: `any`, casts, `!`, and comments that switch checks off."""
    return [*re.findall(r"@ts-\w+", source), *LOOSE.findall(COMMENT.sub('""', source))]


def test_what_the_client_needs_is_pinned_exactly() -> None:
    package = read("package.json")
    versions = {**package["dependencies"], **package["devDependencies"]}
    assert [name for name, version in versions.items() if not EXACT.fullmatch(version)] == []
    locked = read("package-lock.json")["packages"]
    assert {name: locked[f"node_modules/{name}"]["version"] for name in versions} == versions


def test_the_lock_names_no_registry_and_proves_each_package() -> None:
    packages = {name: one for name, one in read("package-lock.json")["packages"].items() if name}
    assert [name for name, one in packages.items() if "resolved" in one] == []
    assert [name for name, one in packages.items() if not one.get("integrity", "").startswith("sha512-")] == []


def test_the_compiler_is_strict() -> None:
    options = read("tsconfig.json")["compilerOptions"]
    assert options["strict"] is options["noUncheckedIndexedAccess"] is options["exactOptionalPropertyTypes"] is True
    assert "skipLibCheck" not in options


def test_nothing_gets_around_the_types() -> None:
    sources = {path.name: path.read_text(encoding="utf-8") for path in (CLIENT / "src").glob("*.ts")}
    sources.pop("parlour.d.ts", None)  # generated
    assert len(sources) > 5
    assert {name: loose(source) for name, source in sources.items()} == {name: [] for name in sources}


@pytest.mark.parametrize(
    "source", ["let x: any;", "f(y as Thing);", "x!.name", "list[0]!.id", "// @ts-ignore", "const z = <any>y;"]
)
def test_what_gets_around_them_is_seen(source: str) -> None:
    assert loose(source)


def test_its_readme_names_the_headers_of_cors() -> None:
    said = (CLIENT / "README.md").read_text(encoding="utf-8")
    assert [name for name in (*SENT, *READ) if f"`{name}`" not in said] == []


def test_without_a_browser_the_rest_is_asked_all_the_same(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", "/nowhere")
    monkeypatch.delenv("CHROMIUM", raising=False)
    assert browser("http://127.0.0.1:1")
    assert capsys.readouterr().out.startswith("Left out: neither Chromium nor Chrome is installed")


def test_chromium_says_where_the_browser_is(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/bin/sh")
    assert find_browser() == "/bin/sh"


def test_a_browser_that_sees_something_wrong_fails_the_step(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("CHROMIUM", "/bin/sh")
    monkeypatch.setattr(client, "succeeds", lambda *_command, **_variables: False)
    assert not browser("http://127.0.0.1:1")
