"""`flask recommendations rank`, as programs that score call it."""

import subprocess
import sys
from pathlib import Path

import pytest
from flask import Flask

from app.recommendations import replay
from app.recommendations.model import Model, fit
from app.recommendations.purchases import Purchases
from app.recommendations.replay import Question, answer
from tests.recommendations.shop import CONDITIONER, SHAMPOO, everybody, joined, took


@pytest.fixture
def history(tmp_path: Path) -> Path:
    """A file of what everybody took."""
    purchases = everybody()
    rows = zip(purchases.clients, purchases.days, purchases.items, strict=True)
    path = tmp_path / "history.csv"
    path.write_text("customer,day,item\n" + "".join(f"{c},{d},{i}\n" for c, d, i in rows), encoding="utf-8")
    return path


def ask(app: Flask, task: str, history: Path, *questions: str) -> list[str]:
    """Return the lines that the command prints."""
    queries = history.with_name("queries.csv")
    queries.write_text("\n".join(("query,customer,day,basket", *questions)), encoding="utf-8")
    args = ["recommendations", "rank", "--task", task, "--history", str(history), "--queries", str(queries)]
    done = app.test_cli_runner().invoke(args=args)
    assert done.exit_code == 0, done.output
    return done.output.splitlines()


def test_a_line_for_each_question_in_their_order(app: Flask, history: Path) -> None:
    assert ask(app, "next", history, "7,99,120,", "5,0,120,", "6,99,90,") == ["7,11|1|3|12|2", "5,11|3|12", "6,"]


def test_a_basket_gets_company(app: Flask, history: Path) -> None:
    (line,) = ask(app, "basket", history, f"0,99,120,{CONDITIONER}")
    assert line.startswith(f"0,{SHAMPOO}|")


def test_a_file_that_is_not_there_is_named(app: Flask, tmp_path: Path) -> None:
    missing = str(tmp_path / "none.csv")
    args = ["recommendations", "rank", "--task", "next", "--history", missing, "--queries", missing]
    done = app.test_cli_runner().invoke(args=args)
    assert (done.exit_code, missing in done.output) == (2, True)


def test_a_question_is_answered_from_the_days_before_it() -> None:
    question = Question("q", client=99, day=100, basket=())
    later = took(*((client, 100 + client, (8, 9)) for client in range(30)))
    for new in (True, False):
        assert answer(joined(everybody(), later), [question], new=new) == answer(everybody(), [question], new=new)


def test_links_are_learnt_anew_every_four_weeks(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[int] = []

    def watched(purchases: Purchases, *, day: int) -> Model:
        seen.append(day)
        return fit(purchases, day=day)

    monkeypatch.setattr(replay, "fit", watched)
    answer(everybody(), [Question(str(day), 99, day, ()) for day in (85, 10, 84, 111, 112)], new=True)
    assert seen == [0, 84, 112]


def test_no_web_process_loads_numpy() -> None:
    program = "import sys; from app.commands import register; sys.exit('numpy' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", program], check=False).returncode == 0
