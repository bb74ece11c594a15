"""What docs/webhooks.md tells receivers to do, done."""

import re
import time
from typing import Any

import pytest

from tests.databases import PROJECT
from tests.integrations.webhooks.receivers import Call, receiving
from tests.webhooks.house import House

PAGE = (PROJECT / "docs" / "webhooks.md").read_text(encoding="utf-8")


def without(call: Call, name: str) -> dict[str, str]:
    """Return the headers of a call but one."""
    return {key: value for key, value in call.headers.items() if key != name}


@pytest.mark.databases("sqlite")
def test_the_example_verifies_what_comes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """And refuses what is forged, and what is old."""
    block = re.search(r"```python\n(.*?)```", PAGE, re.DOTALL)
    assert block
    example: dict[str, Any] = {}
    exec(block[1], example)  # noqa: S102  # our own page
    verified = example["verified"]
    with receiving() as receiver:
        webhook = house.subscribe(receiver.url)
        secrets = [webhook["secret"], house.act(webhook, "rotate-secret").json["secret"]]
        house.happen(offer_id=7)
        house.work()
    (call,) = receiver.calls
    for secret in secrets:
        assert verified(secret, dict(call.headers), call.body)["data"] == {"offer_id": 7}
    with pytest.raises(ValueError, match="not signed"):
        verified(secrets[0], dict(call.headers), call.body.replace(b"7", b"8"))
    with pytest.raises(ValueError, match="not signed"):
        verified("whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD", dict(call.headers), call.body)
    for name, value in (("webhook-signature", "v1,\u00e9"), ("webhook-id", ""), ("webhook-timestamp", "now")):
        for forged in (dict(call.headers) | {name: value}, without(call, name)):
            with pytest.raises(ValueError, match=r"not signed|invalid literal"):
                verified(secrets[0], forged, call.body)
    monkeypatch.setattr(time, "time", lambda: 0.0)
    with pytest.raises(ValueError, match="too old"):
        verified(secrets[0], dict(call.headers), call.body)


@pytest.mark.databases("sqlite")
def test_every_event_is_in_the_catalogue(house: House) -> None:
    names = {event["name"] for event in house.api.get("/api/webhooks/events", token=house.token).json["items"]}
    told = set(re.findall(r"\b(?:booking|waitlist|order|payment|product)\.[a-z_]+", PAGE))
    assert told <= names
