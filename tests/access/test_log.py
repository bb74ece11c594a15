"""The log of requests: whoever reads it, may not do what links with a token let their owners do."""

import pytest
from flask import Flask

TOKEN = "17-" + "Sec_-" * 6

pytestmark = pytest.mark.databases("sqlite")  # none is asked


@pytest.mark.parametrize(
    "path",
    [
        "/api/bookings/manage/{}",
        "/api/bookings/manage/{}/cancel",
        "/api/bookings/manage/{}/nowhere",
        "/bookings/manage/{}",
        "/Bookings/manage//{}.",
        "/parlour/api/orders/manage/{}/",
        "/orders/manage/{}",
        "/unsubscribe/{}",
        "/api/payments/webhooks/mpesa/{}",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT"])
def test_no_token(app: Flask, caplog: pytest.LogCaptureFixture, path: str, method: str) -> None:
    """Wherever the path leads, and if it leads nowhere."""
    with caplog.at_level("INFO"):
        app.test_client().open(path.format(TOKEN), method=method)
    assert "request_id" in caplog.text
    assert "Sec_" not in caplog.text
