"""How tests change a booking: what must succeed, and what must be refused and change nothing."""

from typing import Any

from app.models import Role, Space, User
from tests.api import Api
from tests.bookings.desk import BOOKINGS, ask, at, everything, made
from tests.factories import make_user, token_for


def patch(api: Api, who: User, booking: dict[str, Any], body: dict[str, Any], **options: Any) -> Any:
    """Ask for a change of a booking."""
    return api.patch(f"{BOOKINGS}/{booking['id']}", body, token=token_for(who), **options)


def moved(api: Api, who: User, booking: dict[str, Any], **body: Any) -> dict[str, Any]:
    """Return a booking after a change that must succeed."""
    answer = patch(api, who, booking, body)
    assert answer.status_code == 200, answer.json
    assert read(api, booking) == answer.json
    found: dict[str, Any] = answer.json
    return found


def stuck(api: Api, who: User, booking: dict[str, Any], answers: int = 409, /, **body: Any) -> dict[str, Any]:
    """Return the problem of a change that must be refused, and must have changed nothing."""
    token, before = token_for(who), everything()
    answer = api.patch(f"{BOOKINGS}/{booking['id']}", body, token=token)
    assert answer.status_code == answers, answer.json
    assert everything() == before
    problem: dict[str, Any] = answer.json
    return problem


def read(api: Api, booking: dict[str, Any]) -> dict[str, Any]:
    """Return a booking as an admin reads it."""
    found: dict[str, Any] = api.get(f"{BOOKINGS}/{booking['id']}", token=token_for(make_user(Role.ADMIN))).json
    return found


def let(api: Api, who: User, space: Space, start: str = "10:00", end: str = "12:00") -> dict[str, Any]:
    """Return the booking of a space, which must succeed."""
    return made(api, who, {"space_id": space.id, "starts_at": at(start), "ends_at": at(end)})


def act(api: Api, who: User, booking: dict[str, Any], action: str) -> Any:
    """Take a step."""
    return ask(api, who, {}, f"{BOOKINGS}/{booking['id']}/{action}")
