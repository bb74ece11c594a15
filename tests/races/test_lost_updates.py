"""Two who change one thing at the same moment: the version counter refuses the second, and nobody sees a 500."""

import threading
from typing import Any

from flask import Flask

from app.extensions import db
from app.models import Role, Service
from app.services import service as services
from tests.api import Api
from tests.factories import make_service, make_user, token_for


def test_a_change_under_ones_hands_is_told(app: Flask, api: Api, monkeypatch: Any) -> None:
    """The service changes between reading and writing: 412, and the first change stays."""
    wanted, admin = make_service(name="Old"), token_for(make_user(Role.ADMIN))
    real = services.get_service

    def read_then_be_overtaken(service_id: int) -> Service:
        found = real(service_id)
        if db.engine.dialect.name == "postgresql":
            overtaking = threading.Thread(target=rename, args=(app, service_id, "First"))
            overtaking.start()
            overtaking.join()
        return found

    monkeypatch.setattr(services, "get_service", read_then_be_overtaken)
    answer = api.patch(f"/api/services/{wanted.id}", json={"name": "Second"}, token=admin)
    monkeypatch.undo()
    name = api.get(f"/api/services/{wanted.id}").json["name"]
    if db.engine.dialect.name == "postgresql":
        assert (answer.status_code, answer.json["code"], name) == (412, "version_conflict", "First")
    else:  # its writers stand in line from the start: nobody can overtake
        assert (answer.status_code, name) == (200, "Second")


def rename(app: Flask, service_id: int, name: str) -> None:
    """Rename a service in a transaction of another thread."""
    with app.app_context():
        db.session.get_one(Service, service_id).name = name
        db.session.commit()
