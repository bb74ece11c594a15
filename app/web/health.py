"""`/healthz`: whether the process answers. It asks nothing of the database."""

from collections.abc import Callable
from typing import Any

from flask import Flask, jsonify


def install(app: Flask, public: Callable[[Any], Any]) -> None:
    """Serve the page; `public` opens a view to everybody."""
    app.add_url_rule("/healthz", "healthz", public(alive))


def alive() -> Any:
    """Answer."""
    return jsonify(status="ok")
