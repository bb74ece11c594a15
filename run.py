"""The application, for `gunicorn run:app`; `python run.py` serves it for development."""

import gc

from werkzeug.serving import WSGIRequestHandler

from app import create_app
from app.database import require_migrated
from config import SILENT_SECONDS, settings_or_exit

settings = settings_or_exit()
app = create_app(settings)
gc.freeze()  # what is there now stays until the end: no collection need look at it again


class Discreet(WSGIRequestHandler):
    """The development server, but for its version and Python's in every answer, and with an end to its patience."""

    timeout = SILENT_SECONDS

    def version_string(self) -> str:
        """Return what the header Server says."""
        return "Werkzeug"


if __name__ == "__main__":
    with app.app_context():
        require_migrated(may_be_away=True)
    print(f"Parlour: http://{settings.host}:{settings.port}  documents: /apidocs  /redoc", flush=True)
    app.run(settings.host, settings.port, threaded=True, request_handler=Discreet)
