"""The files for operators agree with the programs, and with each other. Schemas are `make manifests`' to check."""

import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
import yaml

from config import SILENT_SECONDS
from run import app
from tests.databases import PROJECT
from tests.deploy.files import DEPLOY, compose, manifests, nginx, pods, seconds, text, workflows
from tests.deploy.settings import asked_for
from tests.settings import process_environment

PORT = 5000
NO_SETTINGS = {"FLASK_SKIP_DOTENV", "GUNICORN_CMD_ARGS", "PATH", "PYTHONDONTWRITEBYTECODE", "PYTHONUNBUFFERED"}
SECRET = re.compile(r"KEY|PASSWORD|TOKEN|SECRET|DATABASE_URL|REDIS_URL")
PINNED = re.compile(r"\S+:\d+\.\d+(\.\d+)?(-[a-z]+)*(@sha256:[0-9a-f]{64})?")
PROGRAMS = ("web", "worker", "beat", "migrate")


def named() -> dict[str, set[str]]:
    """Return the settings that each file names."""
    config, secret = (one for one in manifests() if one["kind"] in {"ConfigMap", "Secret"})
    units = "".join(path.read_text(encoding="utf-8") for path in (DEPLOY / "systemd").iterdir())
    image = re.search(r"^ENV PATH.*?[^\\]$", text("Dockerfile"), re.MULTILINE | re.DOTALL)
    assert image
    assignment = re.compile(r"\b([A-Z][A-Z0-9_]+)=")
    return {
        "docker-compose.yml": set(compose()["web"]["environment"]),
        "deploy/kubernetes": {*config["data"], *secret["stringData"]},
        "deploy/systemd": set(assignment.findall("\n".join(re.findall(r"^Environment=.*", units, re.MULTILINE)))),
        "Dockerfile": set(assignment.findall(image[0])),
        "deploy/with-settings": set(assignment.findall(text("deploy", "with-settings"))),
        "docs/operations.md": set(re.findall(r"^([A-Z][A-Z_]+)=", text("docs", "operations.md"), re.MULTILINE)),
    }


@pytest.mark.parametrize("file", sorted(named()))
def test_every_setting_that_is_named_exists(file: str) -> None:
    assert named()[file]
    assert named()[file] - NO_SETTINGS <= set(asked_for())


def test_no_secret_is_in_any_of_them() -> None:
    """Compose takes them from .env, or has one for development; Kubernetes from a Secret that is in no file."""
    environments = [service.get("environment", {}) for service in compose().values()]
    given = {name: value for one in environments for name, value in one.items() if SECRET.search(name)}
    assert {"DB_PASSWORD", "POSTGRES_PASSWORD"} <= set(given)
    assert set(given.values()) <= {"${DB_PASSWORD:-for-development-only}", "", "redis://redis:6379/0"}
    config, secret = (one for one in manifests() if one["kind"] in {"ConfigMap", "Secret"})
    assert set(secret["stringData"].values()) == {""}
    assert [name for name in config["data"] if SECRET.search(name)] == []


def test_images_are_pinned() -> None:
    bases = re.findall(r"^FROM (\S+)", text("Dockerfile"), re.MULTILINE)
    assert len(set(bases)) == 1
    images = {service["image"] for service in compose().values()} - {"parlour:local"}
    assert [image for image in (*bases, *images) if not PINNED.fullmatch(image)] == []


def test_the_manifests_run_this_version() -> None:
    version = re.search(r'^version = "(.+)"', text("pyproject.toml"), re.MULTILINE)
    assert version
    (image,) = yaml.safe_load(text("deploy", "kubernetes", "kustomization.yaml"))["images"]
    assert image["newTag"] == version[1]
    assert pods()["migrate"]["containers"][0]["image"] == f"{image['newName']}:{version[1]}"


def test_ports_agree() -> None:
    assert compose()["web"]["environment"]["PORT"] == str(PORT)
    assert re.search(rf"^    PORT={PORT} \\$", text("Dockerfile"), re.MULTILINE)
    assert re.search(rf"^EXPOSE {PORT}$", text("Dockerfile"), re.MULTILINE)
    assert f"    server web:{PORT} " in text("deploy", "nginx", "compose.conf")
    assert compose()["nginx"]["ports"] == [f"80:{nginx('listen', file='compose.conf')}"]
    assert pods()["web"]["containers"][0]["ports"][0]["containerPort"] == PORT
    on_one_machine = re.findall(r"server 127\.0\.0\.1:(\d+) ", text("deploy", "nginx", "parlour", "upstream.conf"))
    assert re.findall(r"parlour-web@(\d+)", text("docs", "operations.md"))[:2] == on_one_machine


def test_the_database_alone_can_be_started() -> None:
    """For development: it waits for nobody, needs no setting, and is reached from this machine only."""
    database = compose()["db"]
    assert "depends_on" not in database
    assert database["ports"] == ["127.0.0.1:5432:5432"]
    assert ":?" not in text("docker-compose.yml")


@pytest.mark.parametrize("name", PROGRAMS)
def test_programs_write_nothing_and_are_nobody(name: str) -> None:
    service, pod = compose()[name], pods()[name]
    assert (service["read_only"], service["tmpfs"], service["cap_drop"]) == (True, "/tmp", ["ALL"])  # noqa: S108  # a path inside the container
    (container,) = pod["containers"]
    assert container["securityContext"]["readOnlyRootFilesystem"]
    assert not container["securityContext"]["allowPrivilegeEscalation"]
    assert container["securityContext"]["capabilities"] == {"drop": ["ALL"]}
    assert pod["securityContext"]["runAsNonRoot"]
    assert f"USER {pod['securityContext']['runAsUser']}:{pod['securityContext']['runAsGroup']}" in text("Dockerfile")


@pytest.mark.parametrize("name", PROGRAMS[1:])
def test_compose_and_kubernetes_run_the_same_programs(name: str) -> None:
    (container,) = pods()[name]["containers"]
    assert compose()[name]["command"].split() == container["args"]


@pytest.mark.parametrize(("unit", "name"), [("celery", "worker"), ("beat", "beat")])
def test_systemd_runs_the_same_programs(unit: str, name: str) -> None:
    """Each on its own: a beat inside of a worker is not started again where it dies alone."""
    lines = text("deploy", "systemd", f"parlour-{unit}.service").splitlines()
    assert f"ExecStart=/opt/parlour/current/.venv/bin/{compose()[name]['command']}" in lines
    assert "Restart=always" in lines


def test_an_update_migrates_before_any_process_can_start_the_newer_program() -> None:
    """The units start what the link names; the page moves it after the migrations, and restarts the processes then."""
    units = [path.read_text(encoding="utf-8") for path in (DEPLOY / "systemd").iterdir()]
    assert all(re.search(r"^WorkingDirectory=/opt/parlour/current$", unit, re.MULTILINE) for unit in units)
    assert all(re.findall(r"/opt/parlour(/\S+?)/\.venv", unit) == ["/current"] for unit in units)
    update = text("docs", "operations.md").partition("## Updates without downtime")[2]
    steps = (
        "git clone",
        "pip install",
        "deploy/with-settings .venv/bin/flask --app run db upgrade",
        "mv -T",
        "restart",
    )
    places = [update.index(step) for step in steps]
    assert places == sorted(places)
    assert '--working-directory="$PWD"' in text("deploy", "with-settings")


def test_pages_that_are_asked_for_health_exist() -> None:
    (container,) = pods()["web"]["containers"]
    asked = {container[f"{kind}Probe"]["httpGet"]["path"] for kind in ("startup", "liveness", "readiness")}
    asked |= set(re.findall(r"\}(/\w+)'", text("Dockerfile")))
    assert asked <= {rule.rule for rule in app.url_map.iter_rules()}


def test_nobody_is_ended_before_gunicorns_patience_is() -> None:
    """What is under way has 30 seconds; every way to end a process leaves it those."""
    patience = gunicorn("graceful_timeout")
    pod = pods()["web"]
    pause = int(pod["containers"][0]["lifecycle"]["preStop"]["exec"]["command"][-1])
    assert pod["terminationGracePeriodSeconds"] > pause + patience
    assert seconds(compose()["web"]["stop_grace_period"]) > patience
    stop = re.search(r"^TimeoutStopSec=(\d+)", text("deploy", "systemd", "parlour-web@.service"), re.MULTILINE)
    assert stop
    assert int(stop[1]) > patience


def test_nginx_keeps_no_connection_and_outwaits_gunicorn() -> None:
    """Whoever keeps one longest sends a request into it as it closes."""
    assert gunicorn("keepalive") >= SILENT_SECONDS
    assert nginx("proxy_set_header Connection", file="parlour/proxy.conf") == "close"
    for file in ("compose.conf", "parlour/upstream.conf"):
        assert "keepalive" not in text("deploy", "nginx", file)
    assert seconds(nginx("proxy_read_timeout", file="parlour/proxy.conf")) > gunicorn("timeout")


def test_the_ingress_does_as_nginx_does() -> None:
    """It cannot tell methods apart: so nothing is repeated."""
    (ingress,) = (one for one in manifests() if one["kind"] == "Ingress")
    wishes = {name.rpartition("/")[2]: value for name, value in ingress["metadata"]["annotations"].items()}
    assert (wishes["connection-proxy-header"], wishes["proxy-next-upstream"]) == ("close", "off")
    assert wishes["proxy-body-size"] == nginx("client_max_body_size", file="parlour/proxy.conf")


def test_actions_are_pinned_to_a_commit() -> None:
    """A tag can be moved; a commit cannot."""
    used = [step["uses"] for _, step in workflows() if "uses" in step]
    assert used
    assert [one for one in used if not re.fullmatch(r"[\w./-]+@[0-9a-f]{40}", one)] == []


def test_what_is_asked_of_make_is_there() -> None:
    called = {target for _, step in workflows() for target in re.findall(r"\bmake (\w+)", step.get("run", ""))}
    called |= set(re.findall(r"entry: make --no-print-directory (\w+)", text(".pre-commit-config.yaml")))
    assert called == {"lint", "manifests"}
    assert called <= set(re.findall(r"^(\w+):", text("Makefile"), re.MULTILINE))


def test_what_the_image_copies_suffices(tmp_path: Path) -> None:
    """The programs start from it, and nothing of it is kept from the builder by .dockerignore."""
    copied = {
        name for line in re.findall(r"^COPY (?!--)(.+) \S+$", text("Dockerfile"), re.MULTILINE) for name in line.split()
    }
    let_through = {line[1:] for line in text(".dockerignore").splitlines() if line.startswith("!")}
    assert copied == let_through
    for name in copied:
        here = PROJECT / name
        (shutil.copytree if here.is_dir() else shutil.copy)(here, tmp_path / name)
    environment = process_environment("sqlite://") | {"PYTHONDONTWRITEBYTECODE": "1"}
    loaded = "import run, create_admin; assert run.app.url_map"
    subprocess.run([sys.executable, "-c", loaded], cwd=tmp_path, env=environment, check=True)


def gunicorn(name: str) -> int:
    """Return a number of gunicorn.conf.py."""
    found = re.search(rf"^{name} = (\d+)", text("gunicorn.conf.py"), re.MULTILINE)
    assert found
    return int(found[1])
