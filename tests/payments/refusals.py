"""How tests look at refusals."""

from typing import Any


def refused(answer: Any, status: int, code: str) -> bool:
    """Say whether it was refused so."""
    return bool((answer.status_code, answer.json["code"]) == (status, code))
