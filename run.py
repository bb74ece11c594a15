"""The application, for `gunicorn run:app`; `python run.py` serves it for development."""

from app import create_app
from config import SettingsError, load_settings

try:
    settings = load_settings()
except SettingsError as error:
    raise SystemExit(f"Settings: {error}") from None

app = create_app(settings)

if __name__ == "__main__":
    print(f"Parlour: http://{settings.host}:{settings.port}  documents: /apidocs  /redoc", flush=True)
    app.run(settings.host, settings.port, threaded=True)
