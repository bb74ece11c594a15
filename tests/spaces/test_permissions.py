"""Who may keep a space: the whole truth table."""

import pytest

from app.models import Role, Space, User
from app.security.actor import Actor
from app.spaces.permissions import may_keep, may_let, may_name_owner


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("owns", [True, False])
def test_may_keep(role: Role, owns: bool) -> None:
    """Admins all; owners their own; nobody else any, not even what was theirs when they were owners."""
    actor = Actor(id=7, role=role)
    expected = role is Role.ADMIN or (role is Role.OWNER and owns)
    assert may_keep(actor, Space(owner_id=7 if owns else 8)) is expected
    assert may_name_owner(actor) is (role is Role.ADMIN)


@pytest.mark.parametrize("role", Role)
@pytest.mark.parametrize("active", [True, False])
def test_may_let(role: Role, active: bool) -> None:
    """Owners and admins, while their account is active."""
    assert may_let(User(role=role, is_active=active)) is (active and role in {Role.OWNER, Role.ADMIN})
