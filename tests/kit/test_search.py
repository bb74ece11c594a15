"""Looking for words: every script's capitals, and nothing that a pattern could mean."""

import pytest
from flask import Flask

from app.extensions import db
from app.kit.search import folded, mentions
from app.models import Category
from app.transactions import transaction
from tests.cases import each_case

NAMES = ("Éclat", "éclat", "ÉCLAT", "Eclat", "СТРИЖКА", "ΣΊΣΥΦΟΣ", "100% (new) [A^b-c]\\d", "a.b*", "Istanbul", "ǅ")


@pytest.fixture
def named(app: Flask) -> None:
    """A category of each name."""
    with transaction():
        db.session.add_all([Category(name=name) for name in NAMES])


@each_case(
    ("q", "found"),
    [
        ("éclat", {"Éclat", "éclat", "ÉCLAT"}),
        ("ÉCL", {"Éclat", "éclat", "ÉCLAT"}),
        ("ecl", {"Eclat"}),
        ("стриж", {"СТРИЖКА"}),
        ("ίσυφος", {"ΣΊΣΥΦΟΣ"}),
        ("ǆ", {"ǅ"}),
        ("0% (N", {"100% (new) [A^b-c]\\d"}),
        ("[a^B-C]\\D", {"100% (new) [A^b-c]\\d"}),
        ("_", set()),
        (".*", set()),
        ("B*", {"a.b*"}),
        ("^", {"100% (new) [A^b-c]\\d"}),
        ("i", {"Istanbul"}),
    ],
)
def test_both_databases_fold_every_letter(named: None, q: str, found: set[str]) -> None:
    """Whatever the database's locale, and what is looked for is text and no pattern."""
    rows = db.session.scalars(db.select(Category.name).where(mentions(q, Category.name, Category.description))).all()
    db.session.commit()
    assert set(rows) == found


def test_two_hundred_letters_are_a_pattern_too(app: Flask) -> None:
    """The longest `q`, of letters that all have two cases."""
    assert db.session.scalars(db.select(Category).where(mentions("é" * 200, Category.name))).all() == []
    db.session.commit()


@pytest.mark.parametrize("written", ["éclat", "ÉCLAT", "Eclat", "e\u0301clat"])
def test_folded(written: str) -> None:
    """Neither capitals nor accents, in whichever form they are written; other letters stay what they are."""
    assert folded(written) == "eclat"
    assert folded("Straße ŁÓDŹ ﬁn 東京 Κόσμος") == "strasse łodz fin 東京 κοσμοσ"
