"""Pictures in a folder: whole or not at all, and there for good."""

import os
from pathlib import Path

import pytest

from app.integrations.images.folder import Folder
from app.integrations.images.store import StoreDown

NAME = "3k8v0q5m2x7c9z4b1n6h8j0f2d.jpg"


@pytest.fixture
def store(tmp_path: Path) -> Folder:
    return Folder(tmp_path / "a" / "b", "http://127.0.0.1:5000")


def test_a_file_is_kept_and_removed(store: Folder, tmp_path: Path) -> None:
    """The folder is made when it is needed; nothing is left beside."""
    assert store.read(NAME) is None
    store.put(NAME, b"x")
    assert store.read(NAME) == b"x"
    assert store.url(NAME) == f"http://127.0.0.1:5000/uploads/{NAME}"
    assert [file.name for file in (tmp_path / "a" / "b").iterdir()] == [NAME]
    for _ in range(2):
        store.delete(NAME)
    assert list((tmp_path / "a" / "b").iterdir()) == []


def test_it_is_on_the_disk_before_it_has_its_name(store: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    """First the content, then the name, then the folder."""
    steps: list[str] = []
    fsync, rename = os.fsync, Path.replace

    def note_fsync(descriptor: int) -> None:
        steps.append("folder" if Path(f"/proc/self/fd/{descriptor}").resolve().is_dir() else "content")
        fsync(descriptor)

    def note_rename(draft: Path, target: Path) -> Path:
        steps.append("name")
        return rename(draft, target)

    monkeypatch.setattr(os, "fsync", note_fsync)
    monkeypatch.setattr(Path, "replace", note_rename)
    store.put(NAME, b"x")
    assert steps == ["content", "name", "folder"]


def test_a_draft_goes_with_its_file(store: Folder, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(_draft: Path, _target: Path) -> Path:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(Path, "replace", fail)
    with pytest.raises(StoreDown):
        store.put(NAME, b"x")
    assert store.read(NAME) is None
    store.delete(NAME)
    assert list(Path(store._path).iterdir()) == []


def test_a_folder_that_is_none(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    store = Folder(tmp_path / "file", "")
    with pytest.raises(StoreDown):
        store.put(NAME, b"x")
    with pytest.raises(StoreDown):
        store.delete(NAME)
