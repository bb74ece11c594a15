"""The environment that settings are read from, and the error that names what is wrong in it."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from environs import EnvError, EnvValidationError, FileAwareEnv
from marshmallow import ValidationError


class SettingsError(Exception):
    """A setting is wrong; the message is one line that begins with its name."""


class Environment(FileAwareEnv):
    """environs over a given mapping, where an empty text means not set; `NAME_FILE` may stand for any `NAME`."""

    def __init__(self, given: Mapping[str, str | None]) -> None:
        """Read `given` and nothing else."""
        super().__init__()
        self._given = {name: value for name, value in given.items() if value}
        self._asked = ""

    def is_set(self, name: str) -> bool:
        """Say whether `name` is there, or a file in its place."""
        return bool({name, f"{name}_FILE"} & self._given.keys())

    def explain(self, error: EnvError) -> str:
        """Return what is wrong, on one line: beginning with the name, never quoting the value."""
        if isinstance(error, EnvValidationError) and isinstance(error.__cause__, ValidationError):
            return f"{self._asked}: {' '.join(map(str, error.__cause__.messages))}"
        return str(error)

    def _get_value(self, env_key: str, default: Any) -> Any:
        self._asked = env_key
        path = self._given.get(f"{env_key}_FILE")
        if path is None:
            return self._given.get(env_key, default)
        if env_key in self._given:
            raise EnvError(f"{env_key} and {env_key}_FILE are both set.")
        try:
            return Path(path).read_text(encoding="utf-8").strip()
        except (OSError, UnicodeDecodeError) as error:
            raise EnvError(f"{env_key}_FILE names no readable text file.") from error
