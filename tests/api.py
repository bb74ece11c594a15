"""How tests call the API."""

import json as jsonlib
from collections.abc import Mapping
from contextvars import Context
from io import BytesIO
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse


class Client(FlaskClient):
    """A client whose every request starts from nothing, as on a server.

    A test holds an application context of its own; Flask would let requests share its session and `g`.
    """

    def open(self, *args: Any, **kwargs: Any) -> TestResponse:
        """Answer one request in an empty context."""
        return Context().run(super().open, *args, **kwargs)


class Api:
    """The API as a frontend sees it: JSON in, a response out. Without an access token, anonymous."""

    def __init__(self, client: FlaskClient) -> None:
        self.client = client

    def get(self, path: str, **options: Any) -> Any:
        """GET `path`; `options` as of `call`."""
        return self.call("GET", path, **options)

    def post(self, path: str, json: Any = None, **options: Any) -> Any:
        """POST `json` to `path`; `options` as of `call`."""
        return self.call("POST", path, json=json, **options)

    def put(self, path: str, json: Any = None, **options: Any) -> Any:
        """PUT `json` to `path`; `options` as of `call`."""
        return self.call("PUT", path, json=json, **options)

    def patch(self, path: str, json: Any = None, **options: Any) -> Any:
        """PATCH `path` with `json`; `options` as of `call`."""
        return self.call("PATCH", path, json=json, **options)

    def delete(self, path: str, **options: Any) -> Any:
        """DELETE `path`; `options` as of `call`."""
        return self.call("DELETE", path, **options)

    def call(
        self,
        method: str,
        path: str,
        *,
        json: Any = None,
        token: str | None = None,
        headers: Mapping[str, str] | None = None,
        query: Mapping[str, Any] | None = None,
        form: Mapping[str, str | bytes] | None = None,
    ) -> Any:
        """Send one request; `query` becomes the query string, lists as repeated names; bytes of a `form` are a file."""
        sent = {} if token is None else {"Authorization": f"Bearer {token}"}
        data: Any = None
        if json is not None:
            # Not the application's encoder: a caller may send what the application never would.
            sent["Content-Type"], data = "application/json", jsonlib.dumps(json)
        if form is not None:
            sent["Content-Type"] = "multipart/form-data"
            data = {name: (BytesIO(part), "a file") if isinstance(part, bytes) else part for name, part in form.items()}
        return self.client.open(path, method=method, data=data, headers=sent | dict(headers or {}), query_string=query)
