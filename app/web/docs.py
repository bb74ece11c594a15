"""The documents: `/openapi.json`, Swagger UI at `/apidocs`, Redoc at `/redoc`; nothing comes from afar."""

from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Any

import flask_swagger_ui
from flasgger import Swagger
from flask import Blueprint, Flask, Response, current_app, make_response, redirect, render_template

from app.web.legacy_paths import deprecated
from app.web.openapi import TITLE, document

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""For these pages a browser fetches nothing from any other host."""

SWAGGER = {
    "title": TITLE,
    "headers": [],
    "specs": [{"endpoint": "openapi", "route": "/openapi.json"}],
    "specs_route": "/apidocs/",
    "static_folder": str(Path(flask_swagger_ui.__file__).parent / "dist"),  # 5.x; flasgger bundles 3.28 of 2020
    "static_url_path": "/apidocs/static",
    "swagger_ui": True,
    "auth": {},
}

documents = Blueprint("documents", __name__)


class Documents(Swagger):  # type: ignore[misc]  # flasgger has no types
    """flasgger's pages over flask-smorest's document."""

    def __init__(self, app: Flask) -> None:
        """Serve the document of `app`. flasgger wraps `app.add_url_rule` for good; the wrapper is taken off again."""
        super().__init__(app, config=dict(SWAGGER), decorators=[guarded_by_policy])
        del app.add_url_rule

    def get_apispecs(self, endpoint: str = "openapi") -> dict[str, Any]:
        """Return the OpenAPI document."""
        return document(current_app)


def install(app: Flask, public: Callable[[Any], Any]) -> None:
    """Serve the documents of `app`, whose rooms are all registered; `public` opens a view to everybody."""
    known = set(app.view_functions)
    Documents(app)
    app.register_blueprint(documents)
    for endpoint in (app.view_functions.keys() - known) | {"static"}:
        app.view_functions[endpoint] = public(app.view_functions[endpoint])


def guarded_by_policy(view: Callable[..., Any]) -> Callable[..., Response]:
    """Send the content security policy along."""

    @wraps(view)
    def guarded(*args: Any, **kwargs: Any) -> Response:
        response = make_response(view(*args, **kwargs))
        response.headers["Content-Security-Policy"] = POLICY
        return response

    return guarded


@documents.get("/redoc")
@guarded_by_policy
def redoc() -> str:
    """Show the document in Redoc."""
    return render_template("redoc.html", title=TITLE)


@documents.get("/docs")
def docs() -> Any:
    """Lead on from where earlier backends had their documents."""
    return deprecated(make_response(redirect("/apidocs/")), "/apidocs/")
