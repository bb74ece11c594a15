"""The job: what it finds, that twice is as good as once, that it leaves nobody waiting and nothing behind."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import select, update

from app.extensions import db
from app.jobs.worker import work_off
from app.kit import clock
from app.models import (
    Booking,
    BookingStatus,
    FoundBecause,
    OutboxEvent,
    PopularThing,
    Product,
    RecommendationModel,
    RecommendedThing,
    Service,
    User,
)
from app.recommendations import building, finding, purchase_queries, reading, writing
from app.recommendations.building import build
from app.recommendations.handlers import BUILD
from app.recommendations.model import fit
from app.recommendations.purchases import Purchases
from app.recommendations.ranking import rank_new
from app.transactions import transaction
from tests.conftest import CountStatements
from tests.factories import make_booking, make_user
from tests.recommendations.house import NOW, TODAY, House, bought, build_now, days_ago, found_for, runs, visited


def reasons(client: User) -> dict[tuple[int | None, int | None], FoundBecause]:
    """Return why what is found for a client."""
    with transaction():
        rows = db.session.scalars(select(RecommendedThing).where(RecommendedThing.client_id == client.id))
        return {(row.service_id, row.product_id): row.reason for row in rows}


def test_what_is_found(house: House) -> None:
    """A regular is due for what it has every 28 days; who was here once is told what others had with that."""
    build_now()
    assert reasons(house.regulars[0]) == {
        (house.cut.id, None): FoundBecause.DUE,
        (house.colour.id, None): FoundBecause.SIMILAR_CLIENTS,
        (None, house.shampoo.id): FoundBecause.GOES_WITH_SERVICE,
        (None, house.mask.id): FoundBecause.GOES_WITH_SERVICE,
    }
    assert reasons(house.newcomer) == {
        (house.colour.id, None): FoundBecause.SIMILAR_CLIENTS,
        (None, house.shampoo.id): FoundBecause.GOES_WITH_SERVICE,
        (None, house.mask.id): FoundBecause.GOES_WITH_SERVICE,
    }
    assert reasons(house.stranger) == {}
    with transaction():
        popular = db.session.execute(select(PopularThing.service_id, PopularThing.product_id, PopularThing.score)).all()
    assert {row[:2] for row in popular} == {
        (house.cut.id, None),
        (house.colour.id, None),
        (None, house.shampoo.id),
        (None, house.mask.id),
    }
    assert (
        max(row.score for row in popular if row.service_id) == max(row.score for row in popular if row.product_id) == 1
    )


def test_one_sale_is_no_popularity(house: House) -> None:
    """Nor are two: three clients make it one."""
    for ago, clients, popular in (
        (9, [house.stranger], False),
        (8, house.regulars[:1], False),
        (7, [make_user()], True),
    ):
        for client in clients:
            bought(client, house.seller, ago, house.comb)
        build_now()
        with transaction():
            assert (house.comb.id in db.session.scalars(select(PopularThing.product_id)).all()) is popular


def test_the_business_knows_best_when_one_comes_again(house: House) -> None:
    """Its own word stands in for everybody's rhythm: (2 x 28 + 2 x 40) / 4 days."""
    with transaction():
        db.session.execute(update(Service).where(Service.id == house.cut.id).values(rebook_after_days=40))
    build_now()
    with transaction():
        due = db.session.scalars(select(RecommendedThing).where(RecommendedThing.reason == FoundBecause.DUE)).all()
    assert {(one.usual_interval_days, one.due_on) for one in due} == {(34, TODAY + timedelta(days=6))}
    assert len(due) == len(house.regulars)


@pytest.mark.parametrize("status", [BookingStatus.CANCELLED, BookingStatus.NO_SHOW, BookingStatus.DECLINED])
def test_what_did_not_happen_is_not_learnt_from(house: House, status: BookingStatus) -> None:
    with transaction():
        at = NOW if status is BookingStatus.CANCELLED else None
        db.session.execute(update(Booking).values(status=status, cancelled_at=at))
    build_now()
    assert [reasons(client) for client in house.regulars] == [{}] * len(house.regulars)


@pytest.mark.parametrize("status", [BookingStatus.CANCELLED, BookingStatus.NO_SHOW, BookingStatus.CONFIRMED])
def test_the_rhythm_is_that_of_days_on_which_one_came(house: House, status: BookingStatus) -> None:
    """What was booked and did not happen splits no gap, a second cut on one day is no gap, another service neither."""
    for client in house.regulars:
        at = days_ago(70)
        cancelled = {"cancelled_at": at} if status is BookingStatus.CANCELLED else {}
        make_booking(client, house.cut, house.staff, at, status=status, **cancelled)
        visited(client, house.staff, 28, house.nails, house.cut)
        visited(client, house.staff, 40, house.nails)
    build_now()
    with transaction():
        cuts = (RecommendedThing.service_id == house.cut.id, RecommendedThing.reason == FoundBecause.DUE)
        due = db.session.scalars(select(RecommendedThing).where(*cuts)).all()
    assert [(one.usual_interval_days, one.due_on) for one in due] == [(28, TODAY)] * len(house.regulars)


def test_today_and_later_are_not_known(house: House) -> None:
    """Nor is what lies two years back: of both, nothing is learnt."""
    before = build_now()
    found = [found_for(client) for client in house.regulars]
    later = make_user()
    for ago in (0, -1, 731):
        visited(later, house.staff, ago, house.cut, house.nails)
    bought(later, house.seller, 0, house.comb)
    assert build_now() > before
    assert [found_for(client) for client in house.regulars] == found
    assert found_for(later) == []


def test_what_is_retired_is_not_found(house: House) -> None:
    with transaction():
        db.session.execute(update(Service).where(Service.id.in_([house.cut.id, house.colour.id])).values(active=False))
        db.session.execute(update(Product).where(Product.id == house.mask.id).values(active=False))
    build_now()
    things = {thing for client in (*house.regulars, house.newcomer) for thing in reasons(client)}
    assert things == {(None, house.shampoo.id)}


def test_twice_is_as_good_as_once(house: House) -> None:
    """The same rows, under a new number; nothing is left of the old."""
    first = build_now()
    found = [found_for(client) for client in house.regulars]
    second = build_now()
    assert [found_for(client) for client in house.regulars] == found
    assert (second > first, runs()) == (True, [second])


def test_batches_make_no_difference(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Read by two, written by two, removed by two: the same rows."""
    build_now()
    found = [found_for(client) for client in house.regulars]
    monkeypatch.setattr("app.recommendations.reading.BATCH", 2)
    monkeypatch.setattr(purchase_queries, "BATCH", 2)
    monkeypatch.setattr(building, "CLIENTS_AT_ONCE", 2)
    monkeypatch.setattr(writing, "AT_ONCE", 2)
    reported: list[tuple[int, int]] = []
    built = build(lambda done, of: reported.append((done, of)))
    assert built is not None
    assert [found_for(client) for client in house.regulars] == found
    assert (reported, runs()) == ([(2, 6), (4, 6), (6, 6)], [built.version])


def test_two_at_once(app: Flask, house: House) -> None:
    """Neither fails, and one whole run is left."""

    def run(_nth: int) -> bool:
        with app.app_context():
            return build() is not None

    with ThreadPoolExecutor(3) as pool:
        assert any(pool.map(run, range(3)))
    found = [found_for(client) for client in house.regulars]
    assert len(runs()) == 1
    build_now()
    assert [found_for(client) for client in house.regulars] == found


def between(monkeypatch: pytest.MonkeyPatch, act: Callable[[], object]) -> None:
    """Have something happen once everything is found, before it is written."""
    begin = writing.begin

    def begun(*about: Any) -> int:
        model_id = begin(*about)
        monkeypatch.setattr(writing, "begin", begin)
        act()
        return model_id

    monkeypatch.setattr(writing, "begin", begun)


def test_a_run_that_is_overtaken_stops(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """A later one has finished and removed it: it leaves nothing."""
    later: list[int] = []
    between(monkeypatch, lambda: later.append(build_now()))
    assert build() is None
    assert runs() == later


def test_a_run_that_has_read_earlier_is_not_read(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """It knows less than the one that began while it was at it, however late it writes."""
    read, later = reading.read_purchases, []

    def slowly(day: date) -> Purchases:
        found = read(day)
        monkeypatch.setattr(building, "read_purchases", read)
        visited(house.stranger, house.staff, 5, house.cut)
        later.append(build_now())
        return found

    monkeypatch.setattr(building, "read_purchases", slowly)
    assert build() is None
    assert runs() == later
    assert found_for(house.stranger)


def test_what_is_confirmed_alone_teaches_nothing(house: House) -> None:
    """Nobody has said that the visit took place."""
    make_booking(house.stranger, house.cut, house.staff, days_ago(5), status=BookingStatus.CONFIRMED)
    build_now()
    assert found_for(house.stranger) == []


def test_a_run_that_died_is_removed_by_the_next(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Until then what was found before is read."""
    first = build_now()

    def die(_model_id: int, _clients: int) -> None:
        raise OSError("no power")

    with monkeypatch.context() as patched:
        patched.setattr(writing, "finish", die)
        with pytest.raises(OSError, match="no power"):
            build()
    assert len(runs()) == 2
    assert min(runs()) == first
    third = build_now()
    assert runs() == [third]


def test_who_goes_meanwhile_is_left_out(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Erased after everything was found, and before it was written."""
    gone, *others = house.regulars

    def erase() -> None:
        with transaction():
            db.session.execute(update(User).where(User.id == gone.id).values(erased_at=NOW))

    between(monkeypatch, erase)
    build_now()
    assert found_for(gone) == []
    assert all(found_for(client) for client in others)


def test_no_transaction_is_open_while_it_computes(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody waits for what may take minutes."""
    open_ones: list[bool] = []

    def watched(function: Callable[..., Any]) -> Callable[..., Any]:
        def call(*args: Any, **kwargs: Any) -> Any:
            open_ones.append(db.session.registry().in_transaction())
            return function(*args, **kwargs)

        return call

    monkeypatch.setattr(finding, "fit", watched(fit))
    monkeypatch.setattr(finding, "rank_new", watched(rank_new))
    build_now()
    assert len(open_ones) > len(house.regulars)
    assert not any(open_ones)


def test_it_is_swapped_in_by_one_update(house: House, count_statements: CountStatements) -> None:
    """What is read changes with one statement: nobody sees half of it."""
    build_now()
    with count_statements() as seen:
        build_now()
    updates = [statement for statement in seen if statement.startswith("UPDATE")]
    assert [statement.split()[1] for statement in updates] == ["recommendation_models"]


def test_every_night(house: House) -> None:
    """At the first start, and then when the business's clocks show a quarter past three: 00:15 UTC."""
    tomorrow = NOW.replace(day=8, hour=0, minute=15)
    for at, expected in ((NOW, 1), (tomorrow - timedelta(seconds=1), 1), (tomorrow, 2)):
        with clock.frozen(at):
            work_off()
        with transaction():
            assert len(db.session.scalars(select(OutboxEvent).where(OutboxEvent.topic == BUILD)).all()) == expected
    with transaction():
        (model,) = db.session.scalars(select(RecommendationModel)).all()
    assert (model.day, model.computed_at, model.clients) == (tomorrow.date(), tomorrow, 6)


def test_by_hand(app: Flask, house: House) -> None:
    done = app.test_cli_runner().invoke(args=["recommendations", "build"])
    assert (done.exit_code, done.stdout.splitlines()[-1:]) == (0, [f"Version {runs()[0]}, for 6 clients."])


def test_an_empty_house(app: Flask) -> None:
    """Nothing is found, and that is a result as well."""
    version = build_now()
    assert runs() == [version]
