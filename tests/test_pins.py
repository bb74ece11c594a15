"""What is installed in production, and what must not be."""

import json
import re

from tests.cases import each_case
from tests.databases import PROJECT

PIN = re.compile(r"([A-Za-z0-9_.-]+)==([0-9]+(?:\.[0-9]+)*)(?:\.post[0-9]+)?")

LEAST = {
    "bcrypt": "5.0.0",  # refuses what is over 72 bytes; before, it cut that off and said nothing
    "flask": "3.1.1",  # CVE-2025-47278: the order of fallback keys
    "flask-cors": "6.0.0",  # CVE-2024-6839, -6844, -6866: which origins match
    "gunicorn": "23.0.0",  # CVE-2024-6827: request smuggling
    "jinja2": "3.1.6",  # CVE-2025-27516: out of the sandbox
    "mako": "1.2.2",  # CVE-2022-40023: an expression that takes forever
    "marshmallow": "4.1.2",  # CVE-2025-68480: the same, in merged errors
    "pillow": "12.0.0",  # many in decoders, over the years
    "pyjwt": "2.10.1",  # CVE-2024-53861: issuers that match in part
    "pyyaml": "5.4",  # CVE-2020-14343: code in documents
    "redis": "4.5.4",  # CVE-2023-28859: the answer to another request
    "werkzeug": "3.1.4",  # CVE-2025-66221: names of devices
}
"""The least version of what has had holes: those below are known to be vulnerable."""


def pins() -> dict[str, tuple[int, ...]]:
    """Return the versions in requirements.txt."""
    lines = (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    found = [PIN.fullmatch(line) for line in lines if not line.startswith("#")]
    return {one[1].lower(): version(one[2]) for one in found if one}


def version(text: str) -> tuple[int, ...]:
    """Return a version's numbers."""
    return tuple(int(part) for part in text.split("."))


def test_everything_is_pinned_exactly() -> None:
    """Nothing but comments and `name==version`."""
    lines = (PROJECT / "requirements.txt").read_text(encoding="utf-8").splitlines()
    assert [line for line in lines if not line.startswith("#") and not PIN.fullmatch(line)] == []


@each_case("name", LEAST)
def test_no_pin_is_known_to_be_vulnerable(name: str) -> None:
    """SE-12: as far as can be said offline; a live audit of all advisories (`pip-audit`) needs the internet."""
    assert pins()[name] >= version(LEAST[name])


def test_newman_is_pinned_and_comes_from_wherever_npm_is_told() -> None:
    """The lock file has every version and its hash, and names no registry."""
    folder = PROJECT / "postman"
    packages = json.loads((folder / "package-lock.json").read_text(encoding="utf-8"))["packages"]
    wanted = json.loads((folder / "package.json").read_text(encoding="utf-8"))["devDependencies"]
    assert packages.pop("")["devDependencies"] == wanted
    assert all(re.fullmatch(r"[0-9.]+", version) for version in wanted.values())
    assert [path for path, package in packages.items() if "integrity" not in package or "resolved" in package] == []
    assert len(packages) > 100
