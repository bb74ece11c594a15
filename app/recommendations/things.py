"""Services and products beside each other: by kind and id, and as the numbers that the calculation knows."""

from enum import StrEnum
from typing import NamedTuple


class Kind(StrEnum):
    """What may be recommended."""

    SERVICE = "service"
    PRODUCT = "product"


class Thing(NamedTuple):
    """One service or product."""

    kind: Kind
    id: int

    @property
    def number(self) -> int:
        """The number that stands for it: even for a service, odd for a product."""
        return 2 * self.id + (self.kind is Kind.PRODUCT)


def thing_of(number: int) -> Thing:
    """Return what a number stands for."""
    thing_id, is_product = divmod(number, 2)
    return Thing(Kind.PRODUCT if is_product else Kind.SERVICE, thing_id)


def thing_in(service_id: int | None, product_id: int | None) -> Thing:
    """Return what a row names that has either id."""
    if service_id is not None:
        return Thing(Kind.SERVICE, service_id)
    assert product_id is not None  # noqa: S101  # says a CHECK of each such table
    return Thing(Kind.PRODUCT, product_id)
