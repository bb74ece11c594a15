"""Requests of the booking desk as they are sent, and slots as they are answered."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from tests.bookings.ledger import Letting, Outcome, Visit, instant, minute_of

Asked = Visit | Letting
Json = dict[str, Any]


@dataclass(frozen=True)
class Days:
    """Which days are searched."""

    first: date
    last: date
    timezone: str | None

    def as_query(self) -> dict[str, str]:
        """Return them as they are sent."""
        zone = {} if self.timezone is None else {"timezone": self.timezone}
        return {"from": self.first.isoformat(), "to": self.last.isoformat()} | zone


def teams_of(slot: Json) -> list[list[int]]:
    """Return who can do each part of a slot."""
    return [part["staff_ids"] for part in slot.get("items", [slot])]


def is_as_listed(made: Json, slot: Json) -> bool:
    """Say whether what was made is what a slot promised: when, by whom, and at which price."""
    same = all(made[name] == slot[name] for name in ("starts_at", "ends_at")) and made["total"] == slot["price"]
    who = [item["staff_id"] for item in made["items"]]
    return same and all(one in team for one, team in zip(who, teams_of(slot), strict=True))


def as_json(asked: Asked) -> Json:
    """Return a request as it is sent; one service now as itself, now as a list of one."""
    starts_at = {"starts_at": f"{instant(asked.start):%Y-%m-%dT%H:%M:%SZ}"}
    if isinstance(asked, Letting):
        end = f"{instant(asked.end):%Y-%m-%dT%H:%M:%SZ}"
        return starts_at | {"space_id": asked.house.place.id, "ends_at": end, "party_size": asked.party}
    parts = [{"service_id": work.id} | ({"staff_id": staff} if staff else {}) for work, staff in asked.parts]
    return starts_at | ({"items": parts} if len(parts) > 1 or asked.start % 2 else parts[0])


@dataclass(frozen=True)
class Listed:
    """A slot as it is listed."""

    slot: Json

    @property
    def start(self) -> int:
        """The minute it starts in."""
        return minute_of(datetime.fromisoformat(self.slot["starts_at"]))

    @property
    def outcome(self) -> Outcome:
        """Its minutes and its price."""
        return minute_of(datetime.fromisoformat(self.slot["ends_at"])) - self.start, self.slot["price"]["amount"]

    @property
    def teams(self) -> list[list[int]]:
        """Who can do each part."""
        return teams_of(self.slot)

    def has(self, team: Sequence[int]) -> bool:
        """Say whether all of a team are shown."""
        return all(one in some for one, some in zip(team, self.teams, strict=True))
