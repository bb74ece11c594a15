"""The typed client of `examples/spa-client`: checked and run against a server in Node.js, then in a browser.

Each step takes the address of a server that was started with `SETTINGS` on the demo data. Needs Node.js 20 or newer and
npm; the browser is Chromium or Chrome, which `CHROMIUM` may name.
"""

import contextlib
import os
import shutil
import subprocess
from collections.abc import Iterator
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

from tests.databases import PROJECT
from tests.processes import free_port

CLIENT = PROJECT / "examples" / "spa-client"
BROWSERS = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable", "chrome")

PAGE_PORT = free_port()
PAGE = f"http://localhost:{PAGE_PORT}"
STRANGER = f"http://127.0.0.1:{PAGE_PORT}"
"""The same pages on another origin, which the server does not allow."""

SETTINGS = {"CORS_ORIGINS": PAGE}
"""What the server needs to be started with."""


def typed_client(base_url: str) -> bool:
    """Install the client, make its types of the server's OpenAPI document, check it, and run it in Node.js."""
    scripts = (("npm", "run", "--silent", script) for script in ("types", "check", "build"))
    commands = (("npm", "ci", "--no-audit", "--no-fund"), *scripts, ("node", "dist/node.js"))
    return all(succeeds(*command, API=base_url) for command in commands)


def browser(base_url: str) -> bool:
    """Run the client that `typed_client` has built in a headless browser, from an allowed and from another origin.

    Where there is no browser, say so: a server can be asked all the rest.
    """
    found = find_browser()
    if found is None:
        print("Left out: neither Chromium nor Chrome is installed, and CHROMIUM names none.", flush=True)
        return True
    with pages():
        return succeeds("node", "dist/chromium.js", API=base_url, PAGE=PAGE, STRANGER=STRANGER, CHROMIUM=found)


def find_browser() -> str | None:
    """Return where Chromium or Chrome is; None if nowhere."""
    names = (os.environ.get("CHROMIUM", ""), *BROWSERS)
    return next(filter(None, (shutil.which(name) for name in names if name)), None)


def succeeds(*command: str, **variables: str) -> bool:
    """Run a command in the client's folder; say whether it succeeded."""
    return subprocess.run(command, cwd=CLIENT, env=os.environ | variables, check=False).returncode == 0


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
