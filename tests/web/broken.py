"""The real application with a page that fails, for a server of its own."""

from typing import NoReturn

from app import create_app
from app.security.guards import public


@public
def fail() -> NoReturn:
    """Fail as a mistake of ours would."""
    raise RuntimeError("the secret of the house")


app = create_app()
app.add_url_rule("/api/fail", view_func=fail)
