"""Papers that nobody reads, for tests of what happens with money: each takes a third of a second to draw."""

import pytest


def leave_papers_blank(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let invoices and receipts be put together as ever, and their pages stay undrawn: in this process alone."""
    for paper in ("invoice", "receipt"):
        monkeypatch.setattr(f"app.documents.{paper}.draw", lambda _content: b"%PDF-1.7 blank")
