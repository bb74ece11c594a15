"""Whose pictures they are."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.models import Product, Resource, Service, User


class Kind(StrEnum):
    """What has pictures, by the column of `images` that says so. Staff and spaces are resources."""

    RESOURCE = "resource_id"
    SERVICE = "service_id"
    USER = "user_id"
    PRODUCT = "product_id"


MODELS: Final[dict[Kind, type[Resource | Service | User | Product]]] = {
    Kind.RESOURCE: Resource,
    Kind.SERVICE: Service,
    Kind.USER: User,
    Kind.PRODUCT: Product,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing, or person, that has pictures."""

    kind: Kind
    id: int
