"""`flask voice parse`: JSON lines in, JSON lines out."""

import json

from flask import Flask

LINES = [
    {"id": "a", "text": "book a table for 4 next friday at 8", "ref": "2026-03-04T09:00:00"},
    {"id": "b", "text": "between 2 and 4 pm", "ref": "2026-03-04T09:00:00"},
    {"id": "c", "text": "hello", "ref": "2026-03-04T09:00:00"},
    {"id": "d", "text": "tomorrow morning", "ref": "2026-03-04"},
    {"id": "e", "text": "8", "ref": "2026-03-04T09:00:00", "asked": "time"},
    {"id": "f", "text": "x" * 501, "ref": "2026-03-04T09:00:00"},
    {"id": "g", "text": "when is my haircut?", "ref": "2026-03-04T09:00:00"},
    {"id": "h", "text": "before friday", "ref": "2026-03-04T09:00:00"},
    {"id": "i", "text": "after 3 pm from monday to wednesday", "ref": "2026-03-04T09:00:00"},
]


def answers(app: Flask, *options: str) -> dict[str, dict[str, object]]:
    """Return what the command says of the lines, by id."""
    text = "\n\n".join(map(json.dumps, LINES))
    result = app.test_cli_runner().invoke(args=["voice", "parse", *options], input=text)
    assert result.exit_code == 0
    return {row["id"]: row for row in map(json.loads, result.stdout.splitlines())}


def test_each_line_is_answered_in_order(app: Flask) -> None:
    said = answers(app)
    assert list(said) == [line["id"] for line in LINES]
    assert all(isinstance(row["ms"], float) for row in said.values())


def test_dates_times_people_and_intents_are_named_as_the_scorer_names_them(app: Flask) -> None:
    said = answers(app)
    assert said["a"]["pred"] == {"d0": "2026-03-13", "t0": "08:00", "t_alt": ["20:00"]}
    assert (said["a"]["intent"], said["a"]["party"]) == ("book", 4)
    assert said["b"]["pred"] == {"t0": "14:00", "t1": "16:00"}
    assert (said["c"]["pred"], said["c"]["intent"], said["c"]["party"]) == (None, "other", None)
    assert said["d"]["pred"] == {"d0": "2026-03-05", "pod": "morning"}
    assert said["e"]["pred"] == {"t0": "08:00", "t_alt": ["20:00"]}
    assert said["g"]["intent"] == "query"
    assert said["h"]["pred"] == {"d1": "2026-03-05", "mod": "before"}
    assert said["i"]["pred"] == {"d0": "2026-03-09", "d1": "2026-03-11", "t0": "15:00", "mod": "after"}


def test_a_text_that_is_too_long_says_nothing(app: Flask) -> None:
    assert answers(app)["f"]["pred"] is None


def test_the_locale_says_which_figure_is_the_month(app: Flask) -> None:
    LINES.append({"id": "z", "text": "on 5/7", "ref": "2026-03-04T09:00:00"})
    said = answers(app, "--locale", "en-GB")["z"]["pred"], answers(app)["z"]["pred"]
    LINES.pop()
    assert said == ({"d0": "2026-07-05"}, {"d0": "2026-05-07"})
