"""How strongly one thing speaks for another."""

import numpy as np
import pytest

from app.recommendations import inverse, similarity
from app.recommendations.baskets import Baskets
from app.recommendations.inverse import invert
from app.recommendations.similarity import NEIGHBOURS, PENALTY, Links
from tests.recommendations.shop import TODAY, everybody, took

BOTH = pytest.mark.parametrize("most_for_ease", [0, 5_000], ids=["cosine", "ease"])


def learnt(links: Links) -> dict[tuple[int, int], float]:
    rows = zip(links.sources.tolist(), links.targets.tolist(), links.weights.tolist(), strict=True)
    return {(source, target): weight for source, target, weight in rows}


@pytest.mark.parametrize("size", [1, 2, 3, 7, 50])
def test_a_matrix_is_inverted_in_its_place(size: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(inverse, "SMALL", 2)
    drawn = np.random.default_rng(size).random((size * 2, size))
    matrix = drawn.T @ drawn + np.eye(size)
    expected = np.linalg.inv(matrix)
    invert(matrix)
    assert np.allclose(matrix, expected, rtol=1e-9, atol=1e-12)


def test_ease_is_its_closed_form() -> None:
    made = Baskets.of(everybody(), TODAY)
    weighed = np.zeros((len(made.clients), len(made.items)))
    weighed[made.visit, made.code] = np.sqrt(made.weights)[made.visit]
    gram = weighed.T @ weighed
    precision = np.linalg.inv(gram + PENALTY * np.eye(len(gram)))
    expected = -precision / np.diag(precision)
    for (source, target), weight in learnt(Links.learn(made)).items():
        row, column = np.searchsorted(made.items, [source, target])
        assert weight == pytest.approx(expected[row, column], abs=1e-6)


def test_cosine_counts_a_visit_that_never_was(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similarity, "MOST_FOR_EASE", 0)
    same_day = took(
        *((client, TODAY, (1, 2)) for client in range(4)), *((client, TODAY, (2,)) for client in range(4, 9))
    )
    assert learnt(Links.learn(Baskets.of(same_day, TODAY))) == pytest.approx(
        {(1, 2): 4 / (6 + 1), (2, 1): 4 / (6 + 1)}, abs=1e-6
    )


@BOTH
@pytest.mark.parametrize(("clients", "linked"), [(2, False), (3, True)])
def test_a_pair_needs_three_clients(
    most_for_ease: int, clients: int, *, linked: bool, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(similarity, "MOST_FOR_EASE", most_for_ease)
    together = [(client, day, (1, 2)) for client in range(clients) for day in range(20)]
    apart = [(client, 30, (client % 2 + 1,)) for client in range(10, 20)]
    links = Links.learn(Baskets.of(took(*together, *apart), TODAY))
    assert set(learnt(links)) == ({(1, 2), (2, 1)} if linked else set())


@BOTH
def test_at_most_fifty_speak_for_one(most_for_ease: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similarity, "MOST_FOR_EASE", most_for_ease)
    monkeypatch.setattr(similarity, "ROWS_AT_ONCE", 9)
    visits = [(client, client % 7, (0, 1 + client % 60)) for client in range(600)]
    links = Links.learn(Baskets.of(took(*visits), TODAY))
    assert np.unique(links.targets, return_counts=True)[1].max() == NEIGHBOURS
    assert (links.sources != links.targets).all()
    assert (links.weights > 0).all()


def test_ease_sees_through_what_only_a_third_brings_together() -> None:
    third, one, other, apart = 0, 1, 2, 9
    kinds = ((third, one, other), (third, one), (third, other), (third,), *[(apart,)] * 4)
    visits = [(client, 0, kinds[client % len(kinds)]) for client in range(8_000)]
    links = learnt(Links.learn(Baskets.of(took(*visits), 0)))
    assert links.get((one, other), 0) < 0.1 * links[third, other]


def test_rows_of_sources_are_found() -> None:
    links = Links(np.array([3, 3, 8]), np.array([1, 2, 1]), np.array([0.5, 0.4, 0.3]))
    rows, whose = links.of(np.array([2, 3, 5, 8, 9]))
    assert (rows.tolist(), whose.tolist()) == ([0, 1, 2], [1, 1, 3])


@BOTH
def test_nothing_is_learnt_from_nothing(most_for_ease: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(similarity, "MOST_FOR_EASE", most_for_ease)
    assert len(Links.learn(Baskets.of(took(), TODAY))) == 0
