"""The documents: `/openapi.json`, Swagger UI at `/apidocs`, Redoc at `/redoc`; nothing comes from afar."""

from collections.abc import Callable
from functools import wraps
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final

import flask_swagger_ui
from flask import Blueprint, Flask, Response, current_app, jsonify, make_response, redirect, render_template, url_for

from app.web.legacy_paths import deprecated
from app.web.openapi import TITLE, document

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; "
    "font-src 'self' data:; connect-src 'self'; worker-src blob:; base-uri 'none'; form-action 'none'; "
    "frame-ancestors 'none'"
)
"""For these pages a browser fetches nothing from any other host."""

SWAGGER: Final[dict[str, Any]] = {
    "title": TITLE,
    "endpoint": "flasgger",
    "specs": [{"endpoint": "openapi"}],
    "auth": {},
}


def _folder_of(library: str) -> Path:
    """Return where a library is installed, without loading it."""
    found = find_spec(library)
    assert found is not None and found.origin is not None  # noqa: S101, PT018  # narrows the type for mypy
    return Path(found.origin).parent


swagger = Blueprint(
    SWAGGER["endpoint"],
    __name__,
    template_folder=str(_folder_of("flasgger") / "ui3" / "templates"),
    static_folder=str(Path(flask_swagger_ui.__file__).parent / "dist"),  # 5.x; flasgger bundles 3.28 of 2020
    static_url_path="/apidocs/static",
)
documents = Blueprint("documents", __name__)


def install(app: Flask, public: Callable[[Any], Any]) -> None:
    """Serve the documents of `app`, whose rooms are all registered; `public` opens a view to everybody."""
    known = set(app.view_functions)
    app.register_blueprint(swagger)
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


@swagger.get("/openapi.json")
@guarded_by_policy
def openapi() -> Response:
    """Answer the OpenAPI document."""
    return jsonify(document(current_app))


@swagger.get("/apidocs/")
@guarded_by_policy
def apidocs() -> Any:
    """Show the document in Swagger UI, by flasgger, which is loaded when somebody looks: it brings much along."""
    from flasgger.base import APIDocsView  # noqa: PLC0415  # as it says above

    return APIDocsView(view_args={"config": SWAGGER}).get()


@swagger.get("/apidocs/index.html")
def index() -> Any:
    """Lead to the same page."""
    return redirect(url_for("flasgger.apidocs"))


@swagger.get("/oauth2-redirect.html")
@guarded_by_policy
def oauth_redirect() -> str:
    """Give Swagger UI the page that a sign-in elsewhere would come back to."""
    return render_template("flasgger/oauth2-redirect.html")


@documents.get("/redoc")
@guarded_by_policy
def redoc() -> str:
    """Show the document in Redoc."""
    return render_template("redoc.html", title=TITLE)


@documents.get("/docs")
def docs() -> Any:
    """Lead on from where earlier backends had their documents."""
    return deprecated(make_response(redirect("/apidocs/")), "/apidocs/")
