"""How the programs start, or do not: what is wrong is said on one line, with a status other than 0."""

import re
import socket
import subprocess
import sys
from typing import Any

import pytest
from alembic.script import ScriptDirectory
from sqlalchemy import create_engine, text

from app.database import require_migrated
from app.extensions import db
from app.migrating import revisions
from tests.conftest import make_application
from tests.databases import PROJECT
from tests.processes import free_port
from tests.servers import raw_request, release_together, serving
from tests.settings import process_environment

STRONG = "4f9d1c7be2a85306d1f7c94be80a2635"
NOT_MIGRATED = "The database is not migrated: run 'flask --app run db upgrade' first."
GUNICORN = ("-m", "gunicorn", "-c", "gunicorn.conf.py", "run:app")
SEED = ("seed.py",)
WORKER = ("-m", "flask", "--app", "run", "worker", "--once")
SELDOM = {
    *("PIL", "alembic", "celery", "cloudinary", "flasgger", "flask_migrate", "fpdf", "icalendar", "mako", "numpy"),
    *("opentelemetry", "redis", "segno", "sentry_sdk", "stripe", "uharfbuzz"),
}
"""What only one or another of the requests needs, or none."""

PROGRAMS = {
    "gunicorn": GUNICORN,
    "flask worker": WORKER,
    "flask db": ("-m", "flask", "--app", "run", "db", "upgrade"),
    "run.py": ("run.py",),
    "seed.py": SEED,
    "create_admin.py": ("create_admin.py", "--email", "boss@example.test", "--password", "correct horse battery"),
    "make run": ("-m", "scripts.embedded"),
}


def start(arguments: tuple[str, ...], url: str, **environment: str) -> Any:
    """Run a program to its end."""
    return subprocess.run(
        [sys.executable, *arguments],
        cwd=PROJECT,
        env=process_environment(url, **environment),
        check=False,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=60,
    )


@pytest.mark.databases("sqlite")
@pytest.mark.parametrize("program", PROGRAMS)
def test_a_wrong_setting_stops_every_program(program: str) -> None:
    """One line names it; no trace."""
    done = start(PROGRAMS[program], "sqlite://", LOG_LEVEL="loud")
    assert done.stderr == "Settings: LOG_LEVEL: Must be one of: DEBUG, INFO, WARNING, ERROR, CRITICAL.\n"
    assert (done.returncode, done.stdout) == (1, "")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({}, "SECRET_KEY is missing"),
        ({"JWT_SECRET_KEY": "supersecret"}, "JWT_SECRET_KEY is shorter than 32 bytes"),
        ({"JWT_SECRET_KEY": "changeme" * 4}, "JWT_SECRET_KEY is well known or easily guessed"),
        ({"JWT_SECRET_KEY": STRONG, "JWT_REFRESH_SECRET_KEY": STRONG}, "JWT_SECRET_KEY and JWT_REFRESH_SECRET_KEY"),
        ({"SECRET_KEY": STRONG, "TRUSTED_PROXIES": "0.0.0.0/0"}, "TRUSTED_PROXIES must not be everybody"),
    ],
)
def test_production_does_not_start_with_a_weak_secret(given: dict[str, str], said: str) -> None:
    """TK-21: the real server ends with a line that names it, and never opens its port; more are in `test_config`."""
    port = free_port()
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", port))  # who tries to listen here as well says so
        taken.listen()
        environment = {"SECRET_KEY": "", "FLASK_ENV": "production", "PORT": str(port)}
        done = start(GUNICORN, "sqlite://", **environment | given)
    assert done.returncode == 1
    assert done.stdout == ""
    (line,) = done.stderr.splitlines()
    assert line.startswith(f"Settings: {said}")


@pytest.mark.databases("sqlite")  # the two are told apart below
@pytest.mark.parametrize("program", ["seed.py", "flask worker", "create_admin.py", "gunicorn", "run.py"])
def test_no_program_works_on_a_database_without_migrations(program: str, database_url: str) -> None:
    """It says what to run."""
    told(database_url, "DROP TABLE alembic_version")
    done = start(PROGRAMS[program], database_url)
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr == f"{NOT_MIGRATED}\n"


@pytest.mark.databases("sqlite")
def test_the_web_waits_for_a_database_that_is_away() -> None:
    """It starts, so that a machine may start in any order, and says that it cannot serve."""
    with serving("postgresql://nobody@127.0.0.1:9/none", workers=1) as server:
        (answer,) = release_together(server.host, server.port, [raw_request("GET", "/readyz")])
    assert (answer.status, answer.json["checks"]["database"]) == (503, "away")


def test_what_the_database_says_of_its_migrations(database_url: str) -> None:
    """A newer one is worked on, so that the programs before an update go on while it rolls out; no older one is."""
    with make_application(database_url).app_context():
        require_migrated()
        told(database_url, "UPDATE alembic_version SET version_num = '9999'")
        require_migrated()
        for change in ("UPDATE alembic_version SET version_num = '0001'", "DROP TABLE alembic_version"):
            told(database_url, change)
            with pytest.raises(SystemExit, match=re.escape(NOT_MIGRATED)):
                require_migrated()
        db.engine.dispose()


def test_the_program_knows_its_migrations() -> None:
    """As alembic reads them, which takes part in no start."""
    scripts = ScriptDirectory(str(PROJECT / "migrations"))
    assert revisions() == (set(scripts.get_heads()), {one.revision for one in scripts.walk_revisions()})


def test_what_serving_has_no_use_for_is_not_loaded(database_url: str) -> None:
    """Each takes memory in every process, and time at every start."""
    look = f"print({SELDOM} & {{name.partition('.')[0] for name in sys.modules}})"
    ask = "[app.test_client().get(path).status_code for path in ('/api/services', '/readyz')]"
    done = start(("-c", f"import sys; from run import app; assert {ask} == [200, 200]; {look}"), database_url)
    assert (done.stderr, done.stdout) == ("", "set()\n")


def test_a_database_that_is_not_there() -> None:
    """The line that the programs end with says so."""
    app = make_application("postgresql://nobody@127.0.0.1:9/none")
    with app.app_context():
        with pytest.raises(SystemExit, match=r"^The database is not there: see DATABASE_URL\.$"):
            require_migrated()
        require_migrated(may_be_away=True)


def told(database_url: str, change: str) -> None:
    """Change what the database says of itself."""
    engine = create_engine(database_url.replace("postgresql:", "postgresql+psycopg2:"))
    with engine.begin() as connection:
        connection.execute(text(change))
    engine.dispose()


@pytest.mark.databases("postgresql")  # on SQLite the turn itself is tried, in tests/demo, and `seed.py` by the README
def test_two_seedings_at_once(database_url: str) -> None:
    """The second waits for the first, and finds its data."""
    command, environment = [sys.executable, *SEED], process_environment(database_url)
    both = [
        subprocess.Popen(
            command, cwd=PROJECT, env=environment, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
        )
        for _ in range(2)
    ]
    ends = [process.communicate(timeout=120) for process in both]
    assert [said for _, said in ends] == ["", ""]
    assert [process.returncode for process in both] == [0, 0]
    first_lines = sorted(out.splitlines()[0] for out, _ in ends)
    assert first_lines == ["Demo data added.", "Demo data is there already."]


@pytest.mark.databases("sqlite")
def test_the_worker_points_out_mail_that_nobody_gets(database_url: str) -> None:
    """In production, once."""
    done = start(WORKER, database_url, FLASK_ENV="production", SECRET_KEY=STRONG)
    assert done.returncode == 0
    assert done.stdout.count("MAIL_SERVER is not set") == 1
