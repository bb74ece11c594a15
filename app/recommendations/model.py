"""What a fit knows: tables that can be stored row by row, and read without numpy's help."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass

import numpy as np

from app.recommendations.baskets import Baskets
from app.recommendations.popularity import Popularity
from app.recommendations.purchases import Ints, Purchases
from app.recommendations.similarity import Links


@dataclass(frozen=True, slots=True)
class Model:
    """What there is to say on one day, of anybody. The same purchases make the same model."""

    day: int  # what was bought on it or later is not known
    links: Links  # learnt
    curated: Links  # the business's own: what it names goes first
    popularity: Popularity
    services: Ints  # which of the things are services, ascending; the others are products


def fit(
    purchases: Purchases,
    *,
    day: int,
    curated_links: Iterable[tuple[int, int]] = (),
    services: Collection[int] = (),
) -> Model:
    """Learn from what was bought before `day`.

    A curated link is a thing, and another that the business wants to name to whoever has the first.
    """
    known = purchases.before(day)
    pairs = np.array(sorted(set(curated_links)), dtype=np.int64).reshape(-1, 2)
    return Model(
        day=day,
        links=Links.learn(Baskets.of(known, day)),
        curated=Links(pairs[:, 0], pairs[:, 1], np.ones(len(pairs))),
        popularity=Popularity.of(known, day),
        services=np.array(sorted(services), dtype=np.int64),
    )
