"""gunicorn: threads, because a request mostly waits for the database; settings as everywhere else."""

from config import WEB_THREADS, load_settings

_settings = load_settings()

bind = f"{_settings.host}:{_settings.port}"
workers = _settings.web_concurrency
worker_class = "gthread"
threads = WEB_THREADS
worker_connections = 2 * threads  # more idle keep-alive connections would take the threads' turns
keepalive = 5
timeout = 30
graceful_timeout = 30
limit_request_line = 8190  # beyond it gunicorn answers by itself, in HTML
forwarded_allow_ips = ""  # whose X-Forwarded-… is believed, the application decides by TRUSTED_PROXIES
accesslog = None  # the application writes one line per request
errorlog = "-"
preload_app = False
control_socket_disable = True  # it would stand in HOME, and be shared by every instance there
