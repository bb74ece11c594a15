"""The typed client of `examples/spa-client`: checked and run against a server in Node.js, then in a browser.

Each step takes the address of a server that was started with `SETTINGS` on the demo data. Needs Node.js 20 or newer,
npm, and for the browser Chromium or Chrome, which `CHROMIUM` may name. Raises `Missing` where one is not there.
"""

import contextlib
import os
import shutil
import subprocess  # nosec B404  # starts npm and our own programs
import sys
import tempfile
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread

from tests.processes import free_port
from tests.servers import serving
from tests.settings import process_environment

PROJECT = Path(__file__).resolve().parent.parent
CLIENT = PROJECT / "examples" / "spa-client"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

PAGE_PORT = free_port()
PAGE = f"http://localhost:{PAGE_PORT}"
STRANGER = f"http://127.0.0.1:{PAGE_PORT}"
"""The same pages on another origin, which the server does not allow."""

SETTINGS = {"CORS_ORIGINS": PAGE}
"""What the server needs to be started with."""


class Missing(RuntimeError):
    """A program that a step needs is not installed; says which."""


def typed_client(base_url: str) -> None:
    """Install the client, make its types of the server's OpenAPI document, check it, and run it in Node.js."""
    npm, node = program("npm", "npm"), program("Node.js", "node")
    call(npm, "ci", "--no-audit", "--no-fund")
    for script in ("types", "check", "build"):
        call(npm, "run", "--silent", script, API=base_url)
    call(node, "dist/node.js", API=base_url)


def browser(base_url: str) -> None:
    """Run the client that `typed_client` has built in a headless browser, from an allowed and from another origin."""
    node = program("Node.js", "node")
    with pages():
        call(node, "dist/chromium.js", API=base_url, PAGE=PAGE, STRANGER=STRANGER, CHROMIUM=find_browser())


STEPS = (typed_client, browser)


def find_browser() -> str:
    """Return where Chromium or Chrome is."""
    return program("Chromium or Chrome (or CHROMIUM=its path)", os.environ.get("CHROMIUM", ""), *BROWSERS)


def program(called: str, *names: str) -> str:
    """Return the path of the first of some programs that is installed. Raises `Missing`, which names it as `called`."""
    found = next(filter(None, (shutil.which(name) for name in names if name)), None)
    if found is None:
        raise Missing(f"{called} is not installed.")
    return found


def call(*command: str, **variables: str) -> None:
    """Run a command in the client's folder. Raises `CalledProcessError` where it fails."""
    subprocess.run(command, cwd=CLIENT, env=os.environ | variables, check=True)  # nosec B603  # see above


class Silent(SimpleHTTPRequestHandler):
    """Files, without a word about each."""

    def log_message(self, *_said: object) -> None:
        """Say nothing."""


@contextlib.contextmanager
def pages() -> Iterator[None]:
    """Serve the client's folder until the block ends."""
    with ThreadingHTTPServer(("127.0.0.1", PAGE_PORT), partial(Silent, directory=str(CLIENT))) as server:
        Thread(target=server.serve_forever, daemon=True).start()
        try:
            yield
        finally:
            server.shutdown()


def main() -> int:
    """Run all steps against a fresh server with the demo data, on SQLite; return the exit status."""
    with tempfile.TemporaryDirectory(prefix="parlour-client-") as folder:
        url = f"sqlite:///{folder}/client.db"
        for command in (["-m", "flask", "--app", "run", "db", "upgrade"], ["seed.py"]):
            subprocess.run([sys.executable, *command], cwd=PROJECT, env=process_environment(url), check=True)  # nosec B603  # see above
        with serving(url, **SETTINGS) as server:
            return run(server.url)


def run(base_url: str) -> int:
    """Run all steps; where one cannot or does not succeed, say so and return 1."""
    try:
        for step in STEPS:
            step(base_url)
    except (Missing, subprocess.CalledProcessError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
