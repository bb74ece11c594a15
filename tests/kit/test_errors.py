import pytest

from app.kit import errors
from app.kit.errors import Invalid, NotFound, Refusal, Unauthorized

FAMILIES = {
    "BadRequest": (400, "bad_request"),
    "Unauthorized": (401, "unauthorized"),
    "Forbidden": (403, "forbidden"),
    "NotFound": (404, "not_found"),
    "Conflict": (409, "conflict"),
    "StaleVersion": (412, "version_conflict"),
    "Invalid": (422, "validation_failed"),
    "Unavailable": (503, "unavailable"),
}


@pytest.mark.parametrize(("name", "promise"), FAMILIES.items())
def test_a_family_has_its_status_and_code(name: str, promise: tuple[int, str]) -> None:
    family: type[Refusal] = getattr(errors, name)
    assert (family.status, family.code) == promise
    assert family().detail == str(family()) == family.title


def test_every_family_is_listed_here() -> None:
    assert {family.__name__ for family in Refusal.__subclasses__() if family.__module__ == errors.__name__} == set(
        FAMILIES
    )


def test_a_refusal_keeps_what_the_problem_will_say() -> None:
    refusal = Refusal("Too late.", errors={"a.b": ["c"]}, extra={"left": 1}, headers={"Retry-After": "5"})
    assert (refusal.detail, refusal.errors, refusal.extra) == ("Too late.", {"a.b": ["c"]}, {"left": 1})
    assert refusal.headers == {"Retry-After": "5"}


def test_an_id_that_names_nothing_is_said_by_its_field() -> None:
    refusal = NotFound.naming("service_id")
    assert refusal.code == "not_found"
    assert list(refusal.errors) == ["service_id"]


def test_one_field_can_be_refused() -> None:
    assert Invalid.field("items.0.price", "Too low.").errors == {"items.0.price": ["Too low."]}


def test_who_must_sign_in_is_told_how() -> None:
    assert Unauthorized().headers == {"WWW-Authenticate": "Bearer"}
