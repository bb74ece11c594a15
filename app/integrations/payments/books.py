"""How a provider's books are looked into, to lay ours beside them: it lists what it has, or is asked one by one."""

from dataclasses import dataclass
from datetime import datetime
from typing import Protocol


@dataclass(frozen=True, slots=True)
class Moved:
    """Money that a provider has taken in or given back: its name for the payment, refund or dispute, and ours.

    `amount` is in minor units; both it and `currency` are what the provider says.
    """

    name: str
    reference: str | None
    amount: int
    currency: str | None


class Listing(Protocol):
    """A provider that lists what it has."""

    def moved_since(self, since: datetime) -> list[Moved]:
        """Return what has come by payments, and gone by refunds and disputes, that began there since.

        Raises `ProviderDown`: a part of them is none.
        """


class Answering(Protocol):
    """A provider that lists nothing, but answers about a payment for a while."""

    def was_paid(self, name: str) -> bool | None:
        """Say whether the payment that it calls so has come; None where it does not say. Raises `ProviderDown`."""
