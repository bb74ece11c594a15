"""The pages that mailed links lead to where there is no frontend."""

import re

import pytest

from tests.api import Api

pytestmark = pytest.mark.databases("sqlite")  # none is asked


@pytest.mark.parametrize(
    ("path", "posts_to"), [("/reset-password", "/api/auth/password/reset"), ("/verify-email", "/api/auth/email/verify")]
)
def test_a_page_needs_nothing_else(api: Api, path: str, posts_to: str) -> None:
    """One answer, its script and style allowed by a nonce of this answer; nothing of the query is in it."""
    answers = [api.get(f"{path}?token=%22%3E%3Cscript%3Ealert(1)%3C/script%3E") for _ in range(2)]
    nonces = [re.findall(r'nonce="([\w-]+)"', answer.text) for answer in answers]
    assert nonces[0] != nonces[1]
    for answer, (nonce, *others) in zip(answers, nonces, strict=True):
        assert (answer.status_code, answer.content_type) == (200, "text/html; charset=utf-8")
        assert set(others) == {nonce}
        policy = answer.headers["Content-Security-Policy"]
        assert f"script-src 'nonce-{nonce}'" in policy
        assert ("default-src 'none'" in policy, "frame-ancestors 'none'" in policy) == (True, True)
        assert (answer.headers["Referrer-Policy"], answer.headers["Cache-Control"]) == ("no-referrer", "no-store")
        assert f'data-path="{posts_to}"' in answer.text
        assert "alert(1)" not in answer.text
        assert "Test Parlour" in answer.text
        assert not re.search(r"(src|href)=", answer.text)
