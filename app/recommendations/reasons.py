"""What is recommended, and why."""

from dataclasses import dataclass
from enum import StrEnum

CLIENTS_NEEDED = 3
"""What fewer clients than these show is no reason to say something to others."""


class Reason(StrEnum):
    """Why a thing is recommended. All but the last are codes of the API."""

    DUE = "due"  # a service that the client usually has again by now
    SIMILAR_CLIENTS = "similar_clients"  # a service that clients have who have what this one has
    BOUGHT_TOGETHER = "bought_together"  # a product that goes with other products
    GOES_WITH_SERVICE = "goes_with_service"  # a product that goes with a service
    POPULAR = "popular"  # many take it just now
    BOUGHT_BEFORE = "bought_before"  # the client took it before; only where a basket asks for company


@dataclass(frozen=True, slots=True)
class Recommendation:
    """One thing for one client."""

    item: int
    score: float  # the more the better; of one answer only, others have another scale
    reason: Reason
    because: tuple[int, ...] = ()  # the things it is based on, at most three, the one that counts most first
    curated: bool = False  # the business itself linked it with the first of `because`
