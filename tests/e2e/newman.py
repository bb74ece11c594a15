"""The Postman collection, run by newman."""

import subprocess

from tests.databases import PROJECT

FOLDER = PROJECT / "postman"
NEWMAN = "node_modules/.bin/newman"
TWICE = ("--iteration-count", "2")
"""The second time on a server that is no longer fresh: flows may be run as often as one likes."""

QUIET = ("--reporter-cli-no-banner", "--reporter-cli-no-success-assertions", "--color", "off")
SUMMARY = "│                         │"


def run_collection(url: str) -> bool:
    """Run the whole collection at a server, print newman's summary and what failed, and say whether nothing did."""
    files = ("parlour.postman_collection.json", "--environment", "parlour.postman_environment.json")
    command = [NEWMAN, "run", *files, "--env-var", f"base_url={url}", *TWICE, *QUIET]
    done = subprocess.run(command, cwd=FOLDER, check=False, capture_output=True, text=True)
    print(done.stdout[max(done.stdout.find(SUMMARY), 0) :], done.stderr, sep="", flush=True)
    return done.returncode == 0
