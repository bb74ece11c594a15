"""`python -m bench.recommend_fit`: what learning from 1,000,000 purchases of 10,000 items costs, and an answer from it.

The purchases are made by chance: 50,000 clients, visits of five items on average, items by Zipf's law. `--items 5000`
measures EASE at its largest. To measure on two cores: `OMP_NUM_THREADS=2 taskset -c 0,1 python -m bench.recommend_fit`.
"""

import argparse
import resource
import time

import numpy as np

from app.recommendations.model import Model, fit
from app.recommendations.purchases import Purchases
from app.recommendations.ranking import rank_new

CLIENTS, DAYS, PER_VISIT, ASKED = 50_000, 730, 5, 1_000


def main() -> None:
    """Print what the fit and the answers cost."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--purchases", type=int, default=1_000_000)
    parser.add_argument("--items", type=int, default=10_000)
    args = parser.parse_args()
    purchases = made_up(args.purchases, args.items)
    started = time.perf_counter()
    model = fit(purchases, day=DAYS)
    took = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{len(purchases):,} purchases, {len(np.unique(purchases.items)):,} items: fit {took:.1f} s, peak {peak:.0f} MB"
    )
    print(
        f"{len(model.links):,} links, of at most {np.unique(model.links.targets, return_counts=True)[1].max()} a target"
    )
    times = answered(model, purchases)
    print(
        f"ten items for one client: median {times[len(times) // 2]:.2f} ms, p95 {times[int(len(times) * 0.95)]:.2f} ms"
    )


def made_up(count: int, items: int) -> Purchases:
    """Draw `count` different purchases; every item is among them while there are enough."""
    chance = np.random.default_rng(1)
    share = 1 / np.arange(1, items + 1)
    drawn = count * 3 // 2  # popular items are drawn twice for a visit
    visit = np.repeat(np.arange(drawn // PER_VISIT + 1), chance.poisson(PER_VISIT, drawn // PER_VISIT + 1))
    client, day = chance.integers(0, CLIENTS, visit.max() + 1), chance.integers(0, DAYS, visit.max() + 1)
    item = chance.choice(items, len(visit), p=share / share.sum())
    rows = np.unique((client[visit] * DAYS + day[visit]) * items + item)
    rows = chance.permutation(rows)[:count]
    return Purchases(rows // (DAYS * items), rows // items % DAYS, rows % items)


def answered(model: Model, purchases: Purchases) -> list[float]:
    """Return the milliseconds of so many answers, the shortest first."""
    times = []
    for history in list(purchases.by_client().values())[:ASKED]:
        started = time.perf_counter()
        rank_new(model, history)
        times.append((time.perf_counter() - started) * 1000)
    return sorted(times)


if __name__ == "__main__":
    main()
