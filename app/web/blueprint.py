"""The house blueprint: flask-smorest's, with a decorator per method, and every view's errors documented."""

import sys
from collections.abc import Callable
from functools import partial, wraps
from http import HTTPStatus
from typing import Any, cast

import flask_smorest
from flask import Flask, Response

from app.kit.errors import Refusal
from app.web import error_docs, openapi
from app.web.error_docs import Decorator, View
from app.web.kept import Kept, leased_state
from app.web.parsing import Parser, refuse_unread_body
from app.web.schemas import Schema
from app.web.uploads import MARK

Created = tuple[Any, dict[str, str]]
"""What a creating view returns: the thing, and the header that says where it is."""

LOCATION = {"Location": {"description": "What shows the new thing from now on.", "schema": {"type": "string"}}}


def created(thing: Any, path: str) -> Created:
    """Return the answer to a creation: `thing`, which a GET of `path` shows from now on, alone or in a list."""
    return thing, {"Location": path}


def purpose(module: str) -> str:
    """Return what the first sentence of the module's docstring says after the path it names."""
    sentence, _, _ = (sys.modules[module].__doc__ or "").replace("\n", " ").partition(". ")
    said = sentence.rpartition(": ")[2].removesuffix(".")
    return f"{said[:1].upper()}{said[1:]}."


class Blueprint(flask_smorest.Blueprint):  # type: ignore[misc]  # flask-smorest has no types
    """A room's endpoints under `url_prefix`. A view may return its thing, or `(thing, headers)`."""

    ARGUMENTS_PARSER = Parser()

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Take what flask-smorest's blueprint takes. `description` is shown beside the tag: the module's, usually."""
        super().__init__(*args, **{"description": purpose(args[1]), **kwargs})
        self.room = (self.url_prefix or self.name).rpartition("/")[2]
        self._prepare_doc_cbks.append(error_docs.complete)

    def get(self, rule: str, **options: Any) -> Decorator:
        """Serve GET of `rule`, relative to the prefix."""
        return self._serve("GET", rule, options)

    def post(self, rule: str, **options: Any) -> Decorator:
        """Serve POST of `rule`."""
        return self._serve("POST", rule, options)

    def put(self, rule: str, **options: Any) -> Decorator:
        """Serve PUT of `rule`."""
        return self._serve("PUT", rule, options)

    def patch(self, rule: str, **options: Any) -> Decorator:
        """Serve PATCH of `rule`."""
        return self._serve("PATCH", rule, options)

    def delete(self, rule: str, **options: Any) -> Decorator:
        """Serve DELETE of `rule`."""
        return self._serve("DELETE", rule, options)

    def register_views_in_doc(self, api: Any, app: Flask, spec: Any, **options: Any) -> None:
        """Leave the description of the views to whoever reads the document: it takes as long as half of the start."""
        openapi.describe_later(app, partial(super().register_views_in_doc, api, app, spec, **options))

    def arguments(self, schema: type[Schema] | Schema, **options: Any) -> Decorator:
        """Load the body (or `location="query"`, or of a form `"files"`) by `schema`, hand it to the view; document it.

        The schema is made once, here, and not at every request.
        """
        shape = schema() if isinstance(schema, type) else schema
        options.setdefault("required", any(field.required for field in shape.load_fields.values()))
        decorator: Decorator = super().arguments(shape, **options)
        return _marked(decorator) if options.get("location") == "files" else decorator

    def response(
        self,
        status_code: int,
        schema: Any = None,
        *,
        kept: bool = False,
        leased: Callable[..., bool] | None = None,
        **options: Any,
    ) -> Decorator:
        """Dump what the view returns by `schema` and answer with `status_code`; without one there is no body.

        A request whose body no `arguments` has asked for is refused, unless that is empty, before the view is called.
        Where the body is `kept`, it is dumped anew only for another thing than before: see `Kept`. `leased` says of the
        view's arguments whether what it returns follows from the catalogue's tables alone (`app.catalogue.TABLES`), and
        from nobody's rights but those of everybody: then it is read anew only for another state of these.
        """
        if status_code == HTTPStatus.CREATED:
            options.setdefault("headers", LOCATION)
        answered: Decorator = super().response(status_code, schema, **options)
        if kept:
            answered = _kept(answered, schema, leased)
        return _checked(answered if schema else _empty(answered, status_code))

    def also_answers(self, content_type: str, schema: dict[str, Any]) -> Decorator:
        """Document that the view answers 200 with another type of content to whoever asks for that."""
        answered: Decorator = self.alt_response(HTTPStatus.OK, schema=schema, content_type=content_type, success=True)
        return answered

    def also_shows(self, status_code: int, schema: type[Schema]) -> Decorator:
        """Document that the view may answer with another status of success, and what it shows then."""
        shown: Decorator = self.alt_response(status_code, schema=schema, success=True)
        return shown

    def refuses(self, *refusals: type[Refusal]) -> Decorator:
        """Document the refusals, by their codes, that the view may answer with beside the usual ones."""
        return error_docs.noting(refusals=refusals)

    def _serve(self, method: str, rule: str, options: dict[str, Any]) -> Decorator:
        def serve(view: View) -> View:
            name = f"{self.name}_{getattr(view, '__name__', method)}"
            error_docs.noting(rule=f"{self.url_prefix}{rule}", guard=getattr(view, "guard", None), name=name)(view)
            self.add_url_rule(rule, None, view, methods=[method], tags=[self.room], **options)
            return view

        return serve


def _marked(arguments: Decorator) -> Decorator:
    """Let the gates know that the view takes a form."""

    def decorate(view: View) -> View:
        marked = arguments(view)
        setattr(marked, MARK, True)
        return marked

    return decorate


def _checked(answered: Decorator) -> Decorator:
    """Call the view once nothing of the request's body is left unread."""

    def decorate(view: View) -> View:
        @wraps(view)
        def checked(*args: Any, **kwargs: Any) -> Any:
            refuse_unread_body()
            return view(*args, **kwargs)

        return answered(cast(View, checked))

    return decorate


def _kept(answered: Decorator, schema: type[Schema], leased: Callable[..., bool] | None) -> Decorator:
    """Answer with the body that is kept of the thing that the view returns, or would return."""

    def decorate(view: View) -> View:
        kept = Kept(schema().dump)

        @wraps(view)
        def answer(*args: Any, **kwargs: Any) -> Response:
            state = leased_state() if leased is not None and leased(*args, **kwargs) else None
            return kept.leased(state) or kept.answer(view(*args, **kwargs), state)

        return answered(cast(View, answer))

    return decorate


def _empty(answered: Decorator, status_code: int) -> Decorator:
    """Answer without a body, whatever the view returns."""

    def decorate(view: View) -> View:
        @wraps(view)
        def empty(*args: Any, **kwargs: Any) -> Response:
            view(*args, **kwargs)
            answer = Response(status=status_code)
            answer.headers.pop("Content-Type")
            return answer

        return answered(cast(View, empty))

    return decorate
