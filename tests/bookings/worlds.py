"""Random salons, each from its seed: written into the database, and into a ledger beside it."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from functools import lru_cache
from random import Random
from typing import Any

from app.diary.closures import Absence, add_closure
from app.extensions import db
from app.models import Closure, DayHours, DepositType, OpeningRule, Resource, Staff, User
from app.transactions import transaction
from tests.bookings.ledger import House, Ledger, Place, Rules, Taken, Work, instant
from tests.bookings.oracle import DAY, HOUR, Hours, Watch, Week, changes_of
from tests.factories import assign, make_service, make_space, make_staff, make_user, token_for

ZONES = (
    "UTC",
    "Africa/Nairobi",
    "America/Havana",
    "America/New_York",
    "America/Santiago",
    "Antarctica/Troll",
    "Asia/Kathmandu",
    "Australia/Lord_Howe",
    "Pacific/Chatham",
)

HOURS: tuple[Sequence[Hours], ...] = (
    [(9 * HOUR, 17 * HOUR)],
    [(9 * HOUR, 17 * HOUR)],
    [(8 * HOUR, 12 * HOUR + 10), (13 * HOUR + 5, 18 * HOUR)],
    [(0, 3 * HOUR), (7 * HOUR, 11 * HOUR), (11 * HOUR, 15 * HOUR + 7), (20 * HOUR, DAY)],
    [(20 * HOUR, 4 * HOUR)],
    [(0, DAY)],
    [(12 * HOUR, 12 * HOUR)],
    [(9 * HOUR + 7, 16 * HOUR + 50)],
    [(HOUR + 30, 2 * HOUR + 45), (10 * HOUR, 14 * HOUR)],
    [],
)

BACK, AHEAD = 4, 23
"""Days before and after the one that a world is about, in which its clocks are watched: alternatives are up to 14 ahead
of what is asked for, and that is up to six."""

MOST_AHEAD = 9
"""Bookings that one client makes: one fewer than the limit."""


@dataclass
class World:
    """A salon with its people, services and spaces, around one day; and its clients."""

    seed: int
    random: Random = field(init=False)
    day: date = field(init=False)
    ledger: Ledger = field(init=False)
    works: list[Work] = field(default_factory=list)
    houses: list[House] = field(default_factory=list)
    holders: dict[int, User] = field(default_factory=dict)
    staff: dict[int, Staff] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Found it."""
        self.random = Random(self.seed)  # noqa: S311  # to be repeated, not to be guessed
        self.zones = self.random.sample(ZONES, self.random.choice([1, 2, 3]))
        self.day = self._some_day()
        self.midnight = (self.day - date(1970, 1, 1)).days * DAY
        self.ledger = Ledger(instant(self.midnight) + timedelta(minutes=self.random.randint(-2 * DAY, 12 * HOUR)))
        self.blocked, self.client, self.booked = make_user(is_blocked=True), make_user(), 0
        self._tokens: dict[int, tuple[datetime, str]] = {}

    def _some_day(self) -> date:
        """Return a day; mostly one on which, or beside which, the clocks of a zone change."""
        changes = [change for zone in self.zones for change in changes_of(zone, 2030, 2030)]
        if not changes or self.random.random() < 0.3:
            return date(2030, 1, 1) + timedelta(days=self.random.randrange(365))
        return instant(self.random.choice(changes).at).date() + timedelta(days=self.random.choice([-1, 0, 0, 1]))

    def populate(self) -> None:
        """Hire, offer, close; the clock must show the ledger's time."""
        for _ in range(self.random.choice([1, 2, 3, 4])):
            self._hire()
        if self.random.random() < 0.3:
            self._hire(active=False)
        for _ in range(self.random.choice([1, 2, 3])):
            self._offer()
        for _ in range(self.random.choice([0, 1, 1])):
            self._let()
        for _ in range(self.random.choice([0, 1, 2, 4])):
            self._close()

    def passes(self, minutes: float) -> None:
        """Let time go by."""
        self.ledger.now += timedelta(minutes=minutes)

    def somebody(self) -> User:
        """Return a client who has bookings left; call it for each that is made."""
        self.booked += 1
        if self.booked % MOST_AHEAD == 0:
            self.client = make_user()
        return self.client

    def token(self, user: User) -> str:
        """Return a token that is good now."""
        if self._tokens.get(user.id, (None, ""))[0] != self.ledger.now:
            self._tokens[user.id] = self.ledger.now, token_for(user)
        return self._tokens[user.id][1]

    def end(self) -> None:
        """Take back what concerns all worlds."""
        with transaction():
            db.session.query(Closure).where(Closure.resource_id.is_(None)).delete()

    def _hire(self, *, active: bool = True) -> None:
        staff = make_staff(timezone=self.random.choice(self.zones), active=active)
        self.staff[staff.id] = staff
        self.ledger.people[staff.id] = Place(staff.id, self._opened(staff), active)

    def _offer(self) -> None:
        """Write a service, which some of the staff perform, perhaps in another time, at another price."""
        some, rules = self.random.choice, self._rules()
        before, after = some([0, 0, 15, 40]), some([0, 0, 10, 45])
        usual = some([15, 20, 45, 60, 60, 90, 240]), 4500
        service = make_service(
            duration_minutes=usual[0],
            buffer_before_minutes=before,
            buffer_after_minutes=after,
            requires_approval=self.random.random() < 0.2,
            deposit_type=some([DepositType.NONE] * 9 + [DepositType.FIXED]),
            deposit_value=500,
            active=self.random.random() < 0.95,
            **_as_columns(rules),
        )
        work = Work(rules.notice_minutes, rules.horizon_days, service.id, before, after, {}, service.active)
        for who in self._those_who_can():
            own_minutes, own_price = some([None, None, 30, 75]), some([None, None, 9000, 4600])
            assign(self.staff[who], service, duration_minutes=own_minutes, price_amount=own_price)
            work.performers[who] = own_minutes or usual[0], usual[1] if own_price is None else own_price
        self.works.append(work)

    def _those_who_can(self) -> list[int]:
        everybody = list(self.ledger.people)
        least = 0 if self.random.random() < 0.1 else 1
        return sorted(self.random.sample(everybody, self.random.randint(least, len(everybody))))

    def _let(self) -> None:
        rules, shortest = self._rules(), self.random.choice([15, 50, 60, 120])
        longest, capacity = shortest + self.random.choice([0, 60, 200, 600]), self.random.choice([1, 4, 10])
        space = make_space(
            timezone=self.random.choice(self.zones),
            capacity=capacity,
            instant_booking=self.random.random() < 0.7,
            active=self.random.random() < 0.95,
            min_minutes=shortest,
            max_minutes=longest,
            **_as_columns(rules),
        )
        place = Place(space.id, self._opened(space), space.active)
        self.houses.append(House(rules.notice_minutes, rules.horizon_days, place, shortest, longest, capacity))

    def _rules(self) -> Rules:
        return Rules(self.random.choice([0, 0, 60, 600]), self.random.choice([2, 3, 365, 365]))

    def _opened(self, resource: Resource) -> list[range]:
        """Give somebody, or something, hours; return when it is open."""
        one, other = self.random.choice(HOURS), self.random.choice(HOURS)
        weekly = {weekday: self.random.choice([one, one, other]) for weekday in range(7)}
        dated = {self.day + timedelta(days=n): self.random.choice(HOURS) for n in self._sample_days()}
        with transaction():
            for weekday, hours in weekly.items():
                for opens, closes in hours:
                    rule = OpeningRule(resource_id=resource.id, weekday=weekday, opens=opens, closes=closes)
                    db.session.add(rule)
            for day, own in dated.items():
                for opens, closes in own:
                    db.session.add(DayHours(resource_id=resource.id, date=day, opens=opens, closes=closes))
                if not own:
                    db.session.add(DayHours(resource_id=resource.id, date=day, opens=None, closes=None))
        begin = self.midnight - BACK * DAY
        return watch(resource.timezone, begin, begin + (BACK + AHEAD) * DAY).openings(Week(weekly, dated))

    def _sample_days(self) -> list[int]:
        return self.random.sample([-1, 0, 1, 2], self.random.choice([0, 0, 1, 2]))

    def _close(self) -> None:
        """Close somebody, some space, or everything for a while."""
        places = [*self.ledger.people, *(house.place.id for house in self.houses), None]
        place, start = self.random.choice(places), self.midnight + self.random.randrange(-DAY, 3 * DAY, 5)
        minutes = range(start, start + self.random.choice([5, 30, 120, 600]))
        interval = instant(minutes.start), instant(minutes.stop)
        with transaction():
            if place is None:
                db.session.add(Closure(resource_id=None, starts_at=interval[0], ends_at=interval[1]))
            else:
                add_closure(resource_id=place, absence=Absence(*interval), force=True, actor_id=None)
        self.ledger.taken.append(Taken(place, minutes))


@lru_cache(maxsize=16)
def watch(timezone: str, begin: int, end: int) -> Watch:
    """Return what the clocks of a zone show in that time."""
    return Watch(timezone, begin, end)


def _as_columns(rules: Rules) -> dict[str, Any]:
    return {"min_notice_minutes": rules.notice_minutes, "max_advance_days": rules.horizon_days}
