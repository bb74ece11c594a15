# syntax=docker/dockerfile:1
# The programs of Parlour: web, worker, beat and migrations are one image with different commands. It writes nothing but
# /tmp and /var/lib/parlour, so that the rest may be read-only, and runs as nobody in particular.

FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1
RUN python -m venv /opt/venv
COPY requirements.txt requirements-telemetry.txt /tmp/
RUN /opt/venv/bin/pip install --requirement /tmp/requirements-telemetry.txt
WORKDIR /srv/parlour
COPY LICENSE config.py create_admin.py gunicorn.conf.py run.py ./
COPY app app
COPY locale locale
COPY migrations migrations
RUN /opt/venv/bin/python -m compileall -q .

FROM python:3.11.14-slim-bookworm@sha256:65a93d69fa75478d554f4ad27c85c1e69fa184956261b4301ebaf6dbb0a3543d
LABEL org.opencontainers.image.title="Parlour" org.opencontainers.image.licenses="MIT"
RUN groupadd --gid 10001 parlour \
    && useradd --uid 10001 --gid parlour --no-create-home --home-dir /nonexistent --shell /usr/sbin/nologin parlour \
    && install -d -o parlour -g parlour /var/lib/parlour
COPY --from=build /opt/venv /opt/venv
COPY --from=build /srv/parlour /srv/parlour
WORKDIR /srv/parlour
# gunicorn's sign of life is a file that is touched each second: it belongs in memory.
ENV PATH=/opt/venv/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    PYTHONDONTWRITEBYTECODE=1 \
    GUNICORN_CMD_ARGS=--worker-tmp-dir=/dev/shm \
    FLASK_ENV=production \
    FLASK_SKIP_DOTENV=1 \
    HOST=0.0.0.0 \
    PORT=5000 \
    UPLOAD_DIR=/var/lib/parlour/uploads \
    MAIL_DIR=/var/lib/parlour/mail
USER 10001:10001
VOLUME /var/lib/parlour
EXPOSE 5000
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
    CMD ["python", "-c", "import os, urllib.request as web; web.urlopen(f'http://127.0.0.1:{os.environ[\"PORT\"]}/healthz', timeout=4)"]
CMD ["gunicorn", "-c", "gunicorn.conf.py", "run:app"]
