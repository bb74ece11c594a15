"""What the job writes, without a database."""

from dataclasses import replace
from datetime import date

import numpy as np

from app.recommendations.finding import Findings
from app.recommendations.popularity import Popularity
from app.recommendations.purchases import Purchases
from app.recommendations.reading import Catalogue


def test_what_is_as_popular_but_for_a_rounding_has_the_same_share() -> None:
    """Days are added up in another order: the second is ahead by some 1e-15, and its share is 1 all the same."""
    findings = Findings.of(Purchases.of([]), Catalogue({1: None, 2: None}, frozenset()), date(2030, 1, 7))
    counts = np.array([1.0, 1.0 + 2e-15])
    popularity = Popularity(np.array([2, 4]), counts, np.array([0, 1]))
    found = replace(findings, model=replace(findings.model, popularity=popularity)).popular()
    assert [(row["service_id"], row["score"]) for row in found] == [(1, 1), (2, 1)]
