"""What tests of conversations share: a salon with two Janes, and somebody who speaks."""

from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from sqlalchemy import select

from app.extensions import db
from app.models import Booking, Service, Space, Staff, User
from tests.api import Api
from tests.factories import assign, make_service, make_space, make_user, make_working_staff, set_hours, token_for

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
"""Nine in the morning of a Monday, in Nairobi."""

SAY, CONFIRM = "/api/voice/booking", "/api/voice/booking/confirm"
NAIROBI = "Africa/Nairobi"


@dataclass
class Client:
    """A client in one conversation after the other."""

    api: Api
    user: User = field(default_factory=make_user)
    session_id: str | None = None
    confirm_token: str = ""

    def __post_init__(self) -> None:
        self.token = token_for(self.user)

    def send(self, **body: Any) -> Any:
        """Send one turn, whatever it says, and return the response."""
        known = {"session_id": self.session_id} if self.session_id else {}
        answer = self.api.post(SAY, known | body, token=self.token)
        if answer.status_code == 200:
            self.session_id = answer.json["session_id"]
            self.confirm_token = answer.json.get("confirm_token", self.confirm_token)
        return answer

    def says(self, text: str, **more: Any) -> dict[str, Any]:
        """Say something that must be understood, or at least answered."""
        answer = self.send(text=text, **more)
        assert answer.status_code == 200, answer.json
        found: dict[str, Any] = answer.json
        return found

    def confirms(self, **options: Any) -> Any:
        """Confirm what was proposed last."""
        return self.api.post(CONFIRM, {"confirm_token": self.confirm_token}, token=self.token, **options)

    def books(self, text: str) -> dict[str, Any]:
        """Book in one sentence, and begin anew."""
        assert self.says(text)["status"] == "proposal"
        answer = self.confirms()
        assert answer.status_code == 201, answer.json
        self.session_id = None
        found: dict[str, Any] = answer.json
        return found


@dataclass
class Parlour:
    """Cuts by Jane Njeri and Joe Otieno, massages by Jane Wanjiru, and a studio; 09:00 to 17:00."""

    cut: Service
    massage: Service
    jane: Staff
    joe: Staff
    wanjiru: Staff
    studio: Space

    @classmethod
    def opened(cls) -> "Parlour":
        """Return one, in Nairobi."""
        cut = make_service(name="Men's cut", duration_minutes=45, price_amount=150_000)
        massage = make_service(name="Massage")
        jane, joe = (make_working_staff(cut, name=name, timezone=NAIROBI) for name in ("Jane Njeri", "Joe Otieno"))
        wanjiru = make_working_staff(massage, name="Jane Wanjiru", timezone=NAIROBI)
        studio = make_space(name="Garden Studio", timezone=NAIROBI)
        set_hours(studio)
        return cls(cut, massage, jane, joe, wanjiru, studio)


def values(answer: dict[str, Any]) -> dict[str, Any]:
    """Return what was understood, by name; of things their names."""
    said = {name: one["value"] for name, one in answer["understood"].items()}
    return {name: value.get("name", value) if isinstance(value, dict) else value for name, value in said.items()}


def starts(answer: dict[str, Any]) -> list[str]:
    """Return when the options begin, in UTC."""
    return [option["starts_at"] for option in answer["options"]]


def booked() -> list[tuple[int, str, datetime]]:
    """Return whose bookings there are, in which status, from when."""
    db.session.rollback()
    found = select(Booking.client_id, Booking.status, Booking.starts_at).order_by(Booking.id)
    rows = [(client_id, status.value, starts_at) for client_id, status, starts_at in db.session.execute(found)]
    db.session.rollback()
    return rows


__all__ = ["CONFIRM", "NOW", "SAY", "Client", "Parlour", "assign", "booked", "starts", "values"]
