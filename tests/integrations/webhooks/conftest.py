"""Fixtures: who signs the receivers' certificates."""

from collections.abc import Iterator
from pathlib import Path

import pytest
import trustme

from app.integrations.wire import trust


@pytest.fixture(scope="session")
def authority() -> trustme.CA:
    """A certificate authority that nobody knows."""
    return trustme.CA()


@pytest.fixture
def trusted(authority: trustme.CA, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[trustme.CA]:
    """The same, trusted by this process as by one that was started with SSL_CERT_FILE."""
    path = tmp_path / "authority.pem"
    authority.cert_pem.write_to_path(str(path))
    monkeypatch.setenv("SSL_CERT_FILE", str(path))
    trust.cache_clear()
    yield authority
    trust.cache_clear()
