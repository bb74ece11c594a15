"""The project's migrations with the samples after the newest of them, in a folder of their own."""

import shutil
from pathlib import Path

from tests.databases import PROJECT

SAMPLES = ("s1", "s2", "s3", "s4")
CARELESS = "s4"


def with_samples(folder: Path, newest: str) -> Path:
    """Return the folder of migrations, made in `folder`."""
    copy = folder / "migrations"
    shutil.copytree(PROJECT / "migrations", copy)
    for sample in Path(__file__).parent.glob("s?_*.py"):
        text = sample.read_text(encoding="utf-8").replace('"HEAD"', f'"{newest}"')
        (copy / "versions" / sample.name).write_text(text, encoding="utf-8")
    return copy
