"""Purchases made by hand for the tests: clients and what they took on which day."""

from app.recommendations.model import Model, fit
from app.recommendations.purchases import Purchases

TODAY = 100
SHAMPOO, CONDITIONER, COMB, TOWEL = 1, 2, 3, 4
COLOUR, CUT = 11, 12
SERVICES = (COLOUR, CUT)


def took(*visits: tuple[int, int, tuple[int, ...]]) -> Purchases:
    """Return the purchases of visits: client, day, things."""
    return Purchases.of((client, day, item) for client, day, items in visits for item in items)


def joined(*parts: Purchases) -> Purchases:
    """Return all of them as one."""
    rows = [row for part in parts for row in zip(part.clients, part.days, part.items, strict=True)]
    return Purchases.of((int(client), int(day), int(item)) for client, day, item in rows)


def everybody() -> Purchases:
    """Ten clients take shampoo with conditioner, ten a colour with shampoo, ten a comb alone, all lately."""
    return took(
        *((client, 90, (SHAMPOO, CONDITIONER)) for client in range(10)),
        *((client, 91, (COLOUR, CUT)) for client in range(10, 20)),
        *((client, 92, (COLOUR, SHAMPOO)) for client in range(20, 30)),
        *((client, 93, (COMB,)) for client in range(30, 45)),
    )


def model_of(purchases: Purchases, *curated: tuple[int, int]) -> Model:
    """Fit, as of today."""
    return fit(purchases, day=TODAY, curated_links=curated, services=SERVICES)
