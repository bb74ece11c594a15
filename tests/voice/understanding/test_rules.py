"""The scanner: rules name classes of tokens, and the best choice of what they find counts."""

import pytest

from app.voice.understanding.meaning import Meaning
from app.voice.understanding.reading import LEVELS
from app.voice.understanding.rules import KINDS, Piece, best, rule
from app.voice.understanding.tokens import every_class_set, tokenize
from tests.cases import each_case


def piece(first: int, last: int, weight: float) -> Piece:
    """Return a piece with that weight."""
    return Piece(first, last, weight, "DATE", Meaning())


def test_the_heaviest_pieces_without_overlap_are_chosen() -> None:
    long, left, right = piece(1, 4, 3), piece(0, 2, 2), piece(2, 5, 2.5)
    assert best([long, left, right]) == [left, right]
    assert best([long, left, piece(2, 5, 0.5)]) == [long]
    assert best([]) == []


def test_a_rule_that_names_an_unknown_class_is_refused() -> None:
    with pytest.raises(ValueError, match="NONSENSE"):
        rule("DATE", "THE NONSENSE", lambda _found: None)


def test_every_rule_makes_a_known_kind() -> None:
    assert {one.kind for rules in LEVELS for one in rules} <= set(KINDS)


def test_no_pattern_repeats_without_bound() -> None:
    patterns = [one.pattern.pattern for rules in LEVELS for one in rules]
    assert [pattern for pattern in patterns if "*" in pattern or "+" in pattern] == []


@each_case(
    ("text", "number"),
    [("twenty one", 21), ("thirty-six", 36), ("twenty", 20), ("nineteen", 19), ("07", 7), ("fifty nine", 59)],
)
def test_numbers_are_read_as_words_and_figures(text: str, number: int) -> None:
    assert [token.values.get("NUMBER") for token in tokenize(text)] == [number]


@pytest.mark.parametrize(("text", "number"), [("21st", 21), ("twenty-first", 21), ("thirty first", 31), ("third", 3)])
def test_ordinals_are_read_as_words_and_figures(text: str, number: int) -> None:
    assert [token.values.get("ORDINAL") for token in tokenize(text)] == [number]


def test_every_token_has_a_set_of_classes_that_rules_know() -> None:
    known = set(every_class_set())
    text = "3p 15h30 30' 1hr $5 5% 12345 a.m. o'clock friday's sat w/c 1st 33rd 2026 0930 ~ \u00e9t\u00e9 24/7 7.30"
    assert [token for token in tokenize(text) if token.classes not in known] == []
