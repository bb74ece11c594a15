"""The application, whose process dies, or whose transaction fails, at the worst moment, when the caller asks for it."""

import os
import signal

from flask import Response, has_request_context, request
from sqlalchemy import event

from app.extensions import db
from run import app

__all__ = ["app"]

WHEN = "X-Die"
"""A header: `committed` dies between the commit and the answer, `uncommitted` fails the commit itself."""


@app.after_request
def die(answer: Response) -> Response:
    """Die, as by `kill -9`: all is committed, and nobody has been told."""
    if request.headers.get(WHEN) == "committed":
        os.kill(os.getpid(), signal.SIGKILL)
    return answer


@event.listens_for(db.session, "before_commit")
def fail(_session: object) -> None:
    """Fail when everything is written."""
    if has_request_context() and request.headers.get(WHEN) == "uncommitted" and request.method == "POST":
        raise RuntimeError("the commit fails")
