"""The application, with its clock standing where `tests/access` has its world: what would do, does so all day."""

from app import create_app
from app.kit.clock import frozen
from tests.access.world import NOW

_standing = frozen(NOW)
_standing.__enter__()
app = create_app()
