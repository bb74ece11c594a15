"""What the files for operators say, read as their programs read it."""

import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import yaml

from tests.databases import PROJECT

DEPLOY = PROJECT / "deploy"
KUBERNETES = DEPLOY / "kubernetes"


def text(*parts: str) -> str:
    """Return a file of the project."""
    return PROJECT.joinpath(*parts).read_text(encoding="utf-8")


def compose() -> dict[str, Any]:
    """Return the services of docker-compose.yml."""
    found: dict[str, Any] = yaml.safe_load(text("docker-compose.yml"))["services"]
    return found


def manifests() -> list[dict[str, Any]]:
    """Return everything that Kubernetes is handed."""
    paths = [path for path in sorted(KUBERNETES.glob("*.yaml")) if path.name != "kustomization.yaml"]
    return [document for path in paths for document in yaml.safe_load_all(path.read_text(encoding="utf-8"))]


def pods() -> dict[str, dict[str, Any]]:
    """Return the description of each kind of pod, by its component's name."""
    templates = [one["spec"]["template"] for one in manifests() if "template" in one.get("spec", {})]
    return {one["metadata"]["labels"]["app.kubernetes.io/component"]: one["spec"] for one in templates}


def workflows() -> Iterator[tuple[Path, dict[str, Any]]]:
    """Yield each step of each job of GitHub's workflows, with its file."""
    for path in sorted((PROJECT / ".github" / "workflows").glob("*.yml")):
        for job in yaml.safe_load(path.read_text(encoding="utf-8"))["jobs"].values():
            for step in job["steps"]:
                yield path, step


def nginx(name: str, *, file: str) -> str:
    """Return the value of nginx' setting, which the file has once."""
    (found,) = re.findall(rf"^\s*{name}\s+([^;]+);", text("deploy", "nginx", file), re.MULTILINE)
    return str(found)


def seconds(duration: str) -> int:
    """Return how long `40s` is."""
    return int(duration.removesuffix("s"))
