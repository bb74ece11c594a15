"""Who may decide about and cancel which bookings, as a truth table."""

import pytest

from app.bookings.permissions import may_book_for_others, may_cancel, may_decide, may_withdraw
from app.models import Booking, BookingKind, Role
from app.security.actor import Actor
from tests.cases import each_case

ME, OTHER = 1, 2


@each_case(
    ("role", "kind", "owner_id", "decides"),
    [
        (Role.CLIENT, BookingKind.SERVICE, None, False),
        (Role.OWNER, BookingKind.SERVICE, None, False),
        (Role.STAFF, BookingKind.SERVICE, None, True),
        (Role.ADMIN, BookingKind.SERVICE, None, True),
        (Role.CLIENT, BookingKind.SPACE, OTHER, False),
        (Role.CLIENT, BookingKind.SPACE, ME, False),
        (Role.OWNER, BookingKind.SPACE, ME, True),
        (Role.OWNER, BookingKind.SPACE, OTHER, False),
        (Role.STAFF, BookingKind.SPACE, OTHER, False),
        (Role.ADMIN, BookingKind.SPACE, OTHER, True),
    ],
)
@each_case("client_id", [ME, OTHER])
def test_the_whole_table(role: Role, kind: BookingKind, owner_id: int | None, decides: bool, client_id: int) -> None:
    """Its client may cancel what it may not decide about; nobody else."""
    actor, booking = Actor(ME, role), Booking(kind=kind, client_id=client_id)
    assert may_decide(actor, booking, owner_id) is decides
    assert may_cancel(actor, booking, owner_id) is (decides or client_id == ME)


@pytest.mark.parametrize("role", Role)
def test_who_withdraws(role: Role) -> None:
    """Everybody their own; admins any."""
    own, foreign = Booking(client_id=ME), Booking(client_id=OTHER)
    assert (may_withdraw(Actor(ME, role), own), may_withdraw(Actor(ME, role), foreign)) == (True, role is Role.ADMIN)


@pytest.mark.parametrize(
    ("kind", "roles"), [(BookingKind.SERVICE, {Role.STAFF, Role.ADMIN}), (BookingKind.SPACE, {Role.ADMIN})]
)
def test_who_books_for_others(kind: BookingKind, roles: set[Role]) -> None:
    """Admins; staff services alone."""
    assert {role for role in Role if may_book_for_others(Actor(ME, role), kind)} == roles
