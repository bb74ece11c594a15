"""What would have been recommended on past days: for `flask recommendations rank`, which programs score.

A question of a day is answered from what lies before that day alone, whoever bought it. The links are learnt anew every
four weeks, popularity every day; a business's own job does both every night.
"""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path

from app.recommendations.model import Model, fit
from app.recommendations.popularity import Popularity
from app.recommendations.purchases import Purchases
from app.recommendations.ranking import rank_new, rank_with
from app.recommendations.reasons import Recommendation

LEARN_EVERY_DAYS = 28
NOTHING = Purchases.of([])


@dataclass(frozen=True, slots=True)
class Question:
    """What to recommend to a client on a day: something new, or what goes with a basket."""

    name: str
    client: int
    day: int
    basket: tuple[int, ...]


def read_purchases(path: Path) -> Purchases:
    """Read a file of rows `customer,day,item` under a heading; ValueError where something is no number."""
    with path.open(newline="", encoding="utf-8") as file:
        return Purchases.of((int(row["customer"]), int(row["day"]), int(row["item"])) for row in csv.DictReader(file))


def read_questions(path: Path) -> list[Question]:
    """Read a file of rows `query,customer,day,basket` under a heading, the basket's items joined by `|`."""
    with path.open(newline="", encoding="utf-8") as file:
        return [
            Question(row["query"], int(row["customer"]), int(row["day"]), _items(row["basket"]))
            for row in csv.DictReader(file)
        ]


def answer(purchases: Purchases, questions: Iterable[Question], *, new: bool) -> dict[str, list[Recommendation]]:
    """Answer each question: `new` with things that the client never took, else with what goes with its basket."""
    own = purchases.by_client()
    answers = {}
    for model, asked in _by_day(purchases, questions):
        for question in asked:
            history = own.get(question.client, NOTHING)
            if new:
                answers[question.name] = rank_new(model, history)
            else:
                answers[question.name] = rank_with(model, question.basket, history)
    return answers


def _by_day(purchases: Purchases, questions: Iterable[Question]) -> Iterator[tuple[Model, Iterable[Question]]]:
    """Yield the questions of each day with what was known that morning."""
    learnt = fit(NOTHING, day=0)
    for day, asked in groupby(sorted(questions, key=lambda one: one.day), key=lambda one: one.day):
        start = day - day % LEARN_EVERY_DAYS
        if learnt.day != start:
            learnt = fit(purchases, day=start)
        yield replace(learnt, day=day, popularity=Popularity.of(purchases, day)), asked


def _items(text: str) -> tuple[int, ...]:
    return tuple(int(item) for item in text.split("|") if item)
