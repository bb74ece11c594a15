"""Run Parlour on one machine: the web and the worker side by side, until Ctrl-C or until one of them ends."""

import os
import shlex
import sys

from honcho.manager import Manager

from config import settings_or_exit

PROCESSES = {
    "web": "-m gunicorn -c gunicorn.conf.py run:app",
    "worker": "-m flask --app run worker",
}


def main() -> None:
    """Say where everything is, start both processes, and end with the status of the first that ended."""
    settings = settings_or_exit()
    base = f"http://{settings.host}:{settings.port}"
    print(f"API       {base}/api\nDocs      {base}/apidocs  {base}/redoc\nStop with Ctrl-C.", flush=True)
    manager = Manager()
    for name, arguments in PROCESSES.items():
        environment = os.environ | {"PYTHONUNBUFFERED": "1"}
        manager.add_process(name, f"exec {shlex.quote(sys.executable)} {arguments}", env=environment)
    manager.loop()
    sys.exit(manager.returncode)


if __name__ == "__main__":
    main()
