"""`/healthz` answers everybody."""

import pytest

from tests.api import Api


@pytest.mark.databases("sqlite")
def test_a_living_process_says_so(api: Api) -> None:
    """200, to anybody."""
    answer = api.get("/healthz")
    assert (answer.status_code, answer.json) == (200, {"status": "ok"})
