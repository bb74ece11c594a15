"""The application, for `gunicorn run:app`; `python run.py` serves it for development."""

from werkzeug.serving import WSGIRequestHandler

from app import create_app
from config import SettingsError, load_settings

try:
    settings = load_settings()
except SettingsError as error:
    raise SystemExit(f"Settings: {error}") from None

app = create_app(settings)


class Discreet(WSGIRequestHandler):
    """The development server, but for its version and Python's in every answer."""

    def version_string(self) -> str:
        """Return what the header Server says."""
        return "Werkzeug"


if __name__ == "__main__":
    print(f"Parlour: http://{settings.host}:{settings.port}  documents: /apidocs  /redoc", flush=True)
    app.run(settings.host, settings.port, threaded=True, request_handler=Discreet)
