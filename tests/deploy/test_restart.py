"""`deploy/restart-behind-nginx`, with a real nginx before two servers."""

import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.deploy.behind import listening, unready
from tests.deploy.files import DEPLOY
from tests.hosts.nginx import Nginx, in_front_of

PROGRAMS = ("nginx", "ss", "curl", "ps")
missing = [program for program in PROGRAMS if shutil.which(program) is None]
pytestmark = pytest.mark.skipif(bool(missing), reason=f"not installed here: {missing}")

AS_IT_COMES = "    server 127.0.0.1:{} fail_timeout=2s;\n"
SHORT = "    server 127.0.0.1:{};\n"
OUT = "    server 127.0.0.1:{} fail_timeout=2s down;\n"


@pytest.fixture
def ports() -> Iterator[tuple[int, int]]:
    with ExitStack() as running:
        yield (running.enter_context(listening()), running.enter_context(listening()))
    unready.clear()


@pytest.fixture
def nginx(ports: tuple[int, int], tmp_path: Path) -> Iterator[Nginx]:
    with in_front_of(ports, tmp_path) as running:
        yield running


def servers(nginx: Nginx, *lines: str) -> Path:
    """Have nginx' list name these servers; return it."""
    upstream = Path(nginx.environment["UPSTREAM"])
    upstream.write_text("upstream parlour {\n    zone parlour 64k;\n" + "".join(lines) + "}\n")
    return upstream


def restart(nginx: Nginx, port: int) -> tuple[int, str, str]:
    """Restart by a command that notes what the list says meanwhile; return status, words and that note."""
    note = nginx.folder / "meanwhile"
    command = [str(DEPLOY / "restart-behind-nginx"), str(port), "cp", nginx.environment["UPSTREAM"], str(note)]
    environment = os.environ | nginx.environment | {"PATIENCE": "1"}
    done = subprocess.run(command, env=environment, check=False, capture_output=True, text=True, timeout=60)
    return done.returncode, done.stderr, note.read_text() if note.exists() else ""


@pytest.mark.parametrize("line", [AS_IT_COMES, SHORT, OUT])
def test_a_server_is_out_of_nginx_while_it_restarts(nginx: Nginx, ports: tuple[int, int], line: str) -> None:
    """However its line is written; also one that has been left out since it last failed."""
    one, other = ports
    upstream = servers(nginx, line.format(one), AS_IT_COMES.format(other))
    status, said, meanwhile = restart(nginx, one)
    assert (status, f":{one} " in meanwhile) == (0, True), said
    assert [text.split()[1] for text in meanwhile.splitlines() if " down;" in text] == [f"127.0.0.1:{one}"]
    assert " down" not in upstream.read_text()


def test_one_that_cannot_serve_stays_out(nginx: Nginx, ports: tuple[int, int]) -> None:
    """It answers, but not /readyz: its database lacks a migration, or is away."""
    one, other = ports
    upstream = servers(nginx, AS_IT_COMES.format(one), AS_IT_COMES.format(other))
    unready.add(one)
    status, said, _ = restart(nginx, one)
    assert (status, f"Port {one} cannot serve" in said) == (1, True), said
    assert OUT.format(one) in upstream.read_text()


@pytest.mark.parametrize("asked", ["the last", "a stranger"])
def test_what_would_leave_callers_alone_is_refused(nginx: Nginx, ports: tuple[int, int], asked: str) -> None:
    """Before anything is changed: the last server that is up, and one that nginx would go on sending requests to."""
    one, other = ports
    upstream = servers(nginx, AS_IT_COMES.format(one), OUT.format(other))
    before = upstream.read_text()
    status, said, meanwhile = restart(nginx, one if asked == "the last" else 1)
    assert (status, meanwhile, upstream.read_text()) == (1, "", before)
    assert ("No other server" if asked == "the last" else "is no server") in said
