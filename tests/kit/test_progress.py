"""Long commands show how far they are to whoever looks on, and write nothing into a log."""

import os
import pty
import subprocess
import sys
from io import StringIO

import pytest

from app.kit.progress import reported, shown
from tests.databases import PROJECT
from tests.settings import process_environment


class Terminal(StringIO):
    """What is shown to somebody."""

    def isatty(self) -> bool:
        """Say so."""
        return True


def test_a_terminal_shows_how_many_are_done(monkeypatch: pytest.MonkeyPatch) -> None:
    """On standard error; the items come through as they are, also where only the caller knows how many they are."""
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    assert list(shown(iter("abc"), "Letters", 3)) == ["a", "b", "c"]
    assert "Letters" in terminal.getvalue()
    assert "100%" in terminal.getvalue()


def test_what_says_by_itself_how_far_it_is(monkeypatch: pytest.MonkeyPatch) -> None:
    """How much there is may become known late."""
    monkeypatch.setattr(sys, "stderr", terminal := Terminal())
    with reported("Clients") as report:
        for done in (0, 2, 4):
            report(done, 4)
    assert "100%" in terminal.getvalue()


def test_a_log_has_nothing_of_it(capsys: pytest.CaptureFixture[str]) -> None:
    """Not even the label."""
    assert list(shown([1, 2], "Numbers")) == [1, 2]
    with reported("Clients") as report:
        report(1, 1)
    assert capsys.readouterr() == ("", "")


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("looks_on", [True, False])
def test_a_command_shows_it_to_whoever_looks_on(database_url: str, *, looks_on: bool) -> None:
    """`flask audit`, started as people and as timers start it: what it prints is the same for both."""
    ours, theirs = pty.openpty()
    ran = subprocess.run(
        [sys.executable, "-m", "flask", "--app", "run", "audit"],
        env=process_environment(database_url),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
        stderr=theirs if looks_on else subprocess.PIPE,
        text=True,
        check=True,
    )
    os.close(theirs)
    assert ran.stdout == "Everything adds up.\n"
    if looks_on:
        assert "Checks" in os.read(ours, 10_000).decode()
    else:
        assert ran.stderr == ""
    os.close(ours)
