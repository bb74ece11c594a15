"""What tests of M-Pesa, from the request to the books, begin with."""

from collections.abc import Iterator

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.integrations.payments.mpesa import Mpesa
from app.kit import clock
from tests.integrations.payments import daraja_fake as fake
from tests.integrations.payments.mpesa.till import Till
from tests.mailbox import Mailbox
from tests.orders.till import NOW


@pytest.fixture
def daraja(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[fake.Daraja]:
    """Daraja, which the application talks to at nine in the morning of a Monday, in Nairobi."""
    with clock.frozen(NOW), fake.serving(fake.Daraja()) as daraja:
        monkeypatch.setitem(app.extensions["payments"], "mpesa", Mpesa(daraja.account))
        yield daraja


@pytest.fixture
def till(daraja: fake.Daraja, client: FlaskClient, mailbox: Mailbox) -> Till:
    """A client with an order of KES 2,000."""
    return Till(client, mailbox)
