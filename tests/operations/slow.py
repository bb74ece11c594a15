"""The application, with a view that takes its time and one that fails: for tests of how processes end."""

import os
import time

from app import create_app
from app.security.guards import public

app = create_app()


@public
def slow() -> str:
    """Answer after two seconds, with the process that did."""
    time.sleep(2)
    return str(os.getpid())


@public
def who() -> str:
    """Answer at once, with the process that did."""
    return str(os.getpid())


app.add_url_rule("/slow", view_func=slow)
app.add_url_rule("/who", view_func=who)
