"""The keys that sign: given and strong, or derived from one that is, or in development of our own making."""

import os
import re
import secrets
from collections.abc import Mapping
from pathlib import Path
from typing import Final

from app.kit.keys import derive_key
from app.settings.environment import Environment, SettingsError

SECRET_NAMES: Final = ("SECRET_KEY", "JWT_SECRET_KEY", "JWT_REFRESH_SECRET_KEY")
SHORTEST_SECRET: Final = 32
FEWEST_CHARACTERS: Final = 10
FEWEST_TRIPLES: Final = 20
"""Different characters, and different runs of three, of which a random secret has many and a repeated word few."""

WELL_KNOWN: Final = re.compile(
    r"change.?(me|this)|your.{0,12}(secret|key)|(super|top|bit).?secret|secret.?key|dev.?key"
    r"|example|insecure|password|qwerty"
)
"""What the secrets of tutorials and sample files have in common."""

Keys = tuple[str, ...]


def read_secret_keys(env: Environment, environment: str, folder: Path) -> list[Keys]:
    """Return the keys of each of `SECRET_NAMES`, deriving those left out from the first that is given.

    Of several keys the first one signs, and all verify. Without any, one of our own making is used: in development
    kept in `folder`, in tests new each time.
    """
    given = {name: _listed(env.str(name, "")) for name in SECRET_NAMES}
    known = {name: keys for name, keys in given.items() if keys}
    if environment == "production":
        _refuse_weak_ones(known)
    roots = next(iter(known.values()), None) or (_own_secret(environment, folder),)
    return [known.get(name) or tuple(derive_key(root, name).hex() for root in roots) for name in SECRET_NAMES]


def _listed(text: str) -> Keys:
    """Read one key, or several with commas between them while keys are being changed."""
    return tuple(key.strip() for key in text.split(",") if key.strip())


def _refuse_weak_ones(known: Mapping[str, Keys]) -> None:
    if not known:
        raise SettingsError("SECRET_KEY is missing; make one with: openssl rand -hex 32")
    for name, keys in known.items():
        for key in keys:
            refuse_weak(name, key)
    everything = [key for keys in known.values() for key in keys]
    if len(set(everything)) != len(everything):
        raise SettingsError(f"{' and '.join(known)} must differ; leave the others out to have them derived.")


def refuse_weak(name: str, key: str) -> None:
    """Refuse a secret that is short or easily guessed. Raises `SettingsError`, which begins with its name."""
    if len(key.encode()) < SHORTEST_SECRET:
        raise SettingsError(f"{name} is shorter than {SHORTEST_SECRET} bytes.")
    if _is_guessable(key):
        raise SettingsError(f"{name} is well known or easily guessed; make one with: openssl rand -hex 32")


def _is_guessable(key: str) -> bool:
    triples = {key[at : at + 3] for at in range(len(key) - 2)}
    return bool(WELL_KNOWN.search(key.lower())) or len(set(key)) < FEWEST_CHARACTERS or len(triples) < FEWEST_TRIPLES


def _own_secret(environment: str, folder: Path) -> str:
    """Return a secret of our own making; in development the same at every start, so that tokens live on."""
    fresh = secrets.token_hex(SHORTEST_SECRET)
    if environment == "testing":
        return fresh
    path = folder / "secret_key"
    folder.mkdir(exist_ok=True)
    draft = folder / f".secret_key.{os.getpid()}"
    draft.touch(mode=0o600)
    draft.write_text(fresh, encoding="utf-8")
    try:
        path.hardlink_to(draft)  # atomic: of several processes that start at once, all read the first one's
    except FileExistsError:
        return path.read_text(encoding="utf-8").strip()
    finally:
        draft.unlink()
    return fresh
