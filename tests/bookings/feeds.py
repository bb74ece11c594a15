"""How tests come to private feeds."""

from typing import Any
from urllib.parse import urlsplit

from app.models import Role, Staff, User
from tests.api import Api
from tests.factories import make_user, token_for


def open_feed(api: Api, whose: Staff | User) -> str:
    """Make the address of a feed, of a staff member as an admin; return its path with the token."""
    by, thing = (whose, "users/me") if isinstance(whose, User) else (make_user(Role.ADMIN), f"staff/{whose.id}")
    made = api.post(f"/api/{thing}/calendar-token", token=token_for(by))
    assert made.status_code == 201, made.text
    return path_of(made.json)


def path_of(opened: Any) -> str:
    """Return path and query of the address in an answer."""
    parts = urlsplit(opened["url"])
    return f"{parts.path}?{parts.query}"


def feed(api: Api, path: str) -> str:
    """Return what a calendar program gets, which has nothing but the address."""
    answer = api.get(path)
    assert answer.status_code == 200, answer.text
    text: str = answer.get_data().decode()
    return text


def feed_of(api: Api, whose: Staff | User) -> str:
    """Open a feed and return what is in it."""
    return feed(api, open_feed(api, whose))
