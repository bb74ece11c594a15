"""Whose pictures they are."""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from app.models import Resource, Service, User


class Kind(StrEnum):
    """What has pictures, by the column of `images` that says so. Staff and spaces are resources."""

    RESOURCE = "resource_id"
    SERVICE = "service_id"
    USER = "user_id"


MODELS: Final[dict[Kind, type[Resource | Service | User]]] = {
    Kind.RESOURCE: Resource,
    Kind.SERVICE: Service,
    Kind.USER: User,
}


@dataclass(frozen=True, slots=True)
class Subject:
    """One thing, or person, that has pictures."""

    kind: Kind
    id: int
