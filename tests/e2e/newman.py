"""The Postman collection, run by newman."""

import subprocess

from tests.databases import PROJECT

FOLDER = PROJECT / "postman"
NEWMAN = "node_modules/.bin/newman"
AGAIN = ("--folder", "Flows")
"""What is run once more, on a server that is no longer fresh: flows may be run as often as one likes."""

QUIET = ("--reporter-cli-no-banner", "--reporter-cli-no-success-assertions", "--color", "off")
SUMMARY = "│                         │"


def run_collection(url: str) -> bool:
    """Run the whole collection at a fresh server, then the flows again; say whether nothing failed."""
    return all([_run(url), _run(url, *AGAIN)])


def _run(url: str, *options: str) -> bool:
    """Print newman's summary and what failed, and say whether nothing did."""
    files = ("parlour.postman_collection.json", "--environment", "parlour.postman_environment.json")
    command = [NEWMAN, "run", *files, "--env-var", f"base_url={url}", *options, *QUIET]
    done = subprocess.run(command, cwd=FOLDER, check=False, capture_output=True, text=True)
    print(done.stdout[max(done.stdout.find(SUMMARY), 0) :], done.stderr, sep="", flush=True)
    return done.returncode == 0
