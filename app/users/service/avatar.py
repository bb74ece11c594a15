"""The picture that somebody is shown with."""

from app.extensions import db
from app.images import service as images
from app.images.subjects import Kind, Subject
from app.models import User
from app.transactions import reading
from app.users.service.accounts import lock_active, lock_user


def set_avatar(user_id: int, content: bytes) -> User:
    """Give the account of whoever asks the picture that a file shows, in place of a former one; return the account.

    Called outside transactions, or in one that has written nothing. Raises what `app.images.service.add_image` raises,
    and `TokenRevoked` where the account was deactivated or erased meanwhile.
    """
    images.set_avatar(user_id, content, lambda: lock_active(user_id))
    with reading():
        return db.session.get_one(User, user_id, populate_existing=True)


def delete_avatar(user_id: int) -> None:
    """Show the account of whoever asks without a picture; its file goes after the transaction."""
    lock_user(user_id)
    images.remove_all(Subject(Kind.USER, user_id))
