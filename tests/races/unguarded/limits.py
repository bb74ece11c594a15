"""Without a guard of limits: whoever saw that there is room for one more takes it."""

from typing import Any

from app.bookings.service import create, holds
from app.models import User
from tests.races.unguarded.leaving_out import Function, instead_of, looking


@instead_of(create, "check_limit", "limit")
def count_early(real: Function, *asked: Any) -> None:
    """Count the client's bookings, and let go of the client."""
    _count_and_let_go(real, *asked)


@instead_of(holds, "_check_number", "limit")
def count_holds_early(real: Function, client: User) -> None:
    """Count the client's holds, and let go of the client."""
    _count_and_let_go(real, client)


def _count_and_let_go(count: Function, *args: Any) -> None:
    with looking():
        count(*args)
