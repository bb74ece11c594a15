import contextlib
from datetime import UTC, datetime, timedelta, timezone
from threading import Thread

from app.kit.clock import frozen, utcnow

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC)


def test_the_present_is_aware_and_in_utc() -> None:
    before = datetime.now(UTC)
    now = utcnow()
    assert now.utcoffset() == timedelta(0)
    assert before <= now <= datetime.now(UTC)


def test_a_frozen_clock_answers_one_instant_in_utc() -> None:
    with frozen(datetime(2026, 3, 1, 15, tzinfo=timezone(timedelta(hours=3)))):
        assert utcnow() == NOON
        assert utcnow().tzinfo is UTC
    assert utcnow() != NOON


def test_freezing_nests_and_ends_with_an_error() -> None:
    with frozen(NOON):
        with contextlib.suppress(LookupError), frozen(NOON + timedelta(days=1)):
            assert utcnow() == NOON + timedelta(days=1)
            raise LookupError
        assert utcnow() == NOON


def test_every_thread_sees_the_frozen_instant() -> None:
    seen: list[datetime] = []
    with frozen(NOON):
        thread = Thread(target=lambda: seen.append(utcnow()))
        thread.start()
        thread.join()
    assert seen == [NOON]
