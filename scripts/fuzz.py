"""Try the API with generated requests, good and bad, as its own OpenAPI document describes them.

Starts a server of its own on a temporary SQLite file, or on the database that `DATABASE_URL` names (what is in it
will be changed at random), signs in as the demo admin, and lets Schemathesis compare every answer with the document.
Arguments are handed on to Schemathesis: `--include-path-regex`, `--seed`, `--max-examples` and so on.
"""

import json
import os
import secrets
import subprocess  # nosec B404  # starts our own programs
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.request import Request, urlopen

from demo.salon import DEMO_LOGINS, PASSWORD
from tests.processes import free_port

PROJECT = Path(__file__).resolve().parent.parent
CHECKS = (
    "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,"
    "response_schema_conformance,negative_data_rejection,unsupported_method,allow_header_conformance,ignored_auth"
)
"""Not positive_data_acceptance: a well-formed request may still be refused by what the database holds."""

USUAL = ("--phases=examples,coverage,fuzzing", "--max-examples=60", "--continue-on-failure")
"""One worker: with several, Python 3.11 may lose count in `ast` and end a phase by a RuntimeError of its own."""

QUIET = ("--warnings=off", "--generation-database=none", "--no-color")
START_SECONDS = 30


def main() -> int:
    """Run it all; return Schemathesis' exit status."""
    with tempfile.TemporaryDirectory(prefix="parlour-fuzz-") as folder:
        environment = _environment(folder)
        for command in (["-m", "flask", "--app", "run", "db", "upgrade"], ["seed.py"]):
            subprocess.run([sys.executable, *command], cwd=PROJECT, env=environment, check=True, stdout=sys.stderr)  # nosec B603  # the same
        base = f"http://{environment['HOST']}:{environment['PORT']}"
        with _server(environment):
            return _fuzz(base, _token(base), folder)


def _environment(folder: str) -> dict[str, str]:
    return os.environ | {
        "DATABASE_URL": os.environ.get("DATABASE_URL") or f"sqlite:///{folder}/fuzz.db",
        "FLASK_ENV": "testing",
        "HOST": "127.0.0.1",
        "PORT": str(free_port()),
        "SECRET_KEY": secrets.token_hex(32),
        "BCRYPT_ROUNDS": "4",
        "ACCESS_TOKEN_EXPIRE": "1440",
        "RATELIMIT_ENABLED": "false",
        "UPLOAD_DIR": f"{folder}/uploads",
        "LOG_LEVEL": "ERROR",
    }


@contextmanager
def _server(environment: dict[str, str]) -> Iterator[None]:
    command = [sys.executable, "-m", "gunicorn", "-c", "gunicorn.conf.py", "--log-level=error", "run:app"]
    server = subprocess.Popen(command, cwd=PROJECT, env=environment)  # nosec B603  # the same
    try:
        yield
    finally:
        server.terminate()
        server.wait()


def _token(base: str) -> str:
    """Sign in as soon as the server answers."""
    body = json.dumps({"email": DEMO_LOGINS["admin"], "password": PASSWORD}).encode()
    request = Request(f"{base}/api/auth/login", body, {"Content-Type": "application/json"})  # noqa: S310  # our own
    give_up = time.monotonic() + START_SECONDS
    while True:
        try:
            with urlopen(request) as answer:  # noqa: S310  # nosec B310  # our own
                return str(json.load(answer)["access_token"])
        except OSError:
            if time.monotonic() > give_up:
                raise
            time.sleep(0.1)


def _fuzz(base: str, token: str, folder: str) -> int:
    schemathesis = [str(Path(sys.executable).with_name("schemathesis")), "run", f"{base}/openapi.json"]
    options = [f"--checks={CHECKS}", f"--header=Authorization: Bearer {token}", *USUAL, *QUIET, *sys.argv[1:]]
    hooks = os.environ | {"SCHEMATHESIS_HOOKS": "scripts.fuzz_hooks", "PYTHONPATH": str(PROJECT)}
    return subprocess.run([*schemathesis, *options], cwd=folder, env=hooks, check=False).returncode  # nosec B603  # the same


if __name__ == "__main__":
    sys.exit(main())
