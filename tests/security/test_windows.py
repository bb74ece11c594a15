"""Moving windows: exact, and forgotten when they are over."""

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

from app.kit import clock
from app.security.windows import Windows

NOON = datetime(2030, 1, 7, 12, tzinfo=UTC)


def acquire(windows: Windows, second: float, key: str = "ada") -> bool:
    """Try to be one of three in ten seconds, so many seconds after noon."""
    with clock.frozen(NOON + timedelta(seconds=second)):
        return windows.acquire_entry(key, 3, 10)


def test_at_no_moment_are_there_more_than_the_limit_in_the_window() -> None:
    windows = Windows()
    tried = {second: acquire(windows, second) for second in (0, 4, 8, 9, 9.9, 10, 10.1, 13.9, 14, 18, 19.9, 20)}
    assert [second for second, let in tried.items() if let] == [0, 4, 8, 10, 14, 18, 20]


def test_those_refused_do_not_count() -> None:
    windows = Windows()
    for _ in range(3):
        assert acquire(windows, 0)
    assert not any(acquire(windows, second) for second in range(1, 10))
    assert acquire(windows, 10)


def test_each_key_has_its_own_window() -> None:
    windows = Windows()
    assert [acquire(windows, 0, key) for key in ("ada", "ada", "ada", "ada", "bob")] == [True] * 3 + [False, True]


def test_several_are_taken_together_or_not_at_all() -> None:
    windows = Windows()
    with clock.frozen(NOON):
        assert windows.acquire_entry("ada", 3, 10, amount=2)
        assert not windows.acquire_entry("ada", 3, 10, amount=2)
        assert windows.get_moving_window("ada", 3, 10) == (NOON.timestamp(), 2)


def test_a_window_tells_its_oldest_entry_and_how_many_there_are() -> None:
    windows = Windows()
    acquire(windows, 0)
    acquire(windows, 6)
    for second, expected in ((6, (0, 2)), (10, (6, 1)), (16, (16, 0))):
        with clock.frozen(NOON + timedelta(seconds=second)):
            oldest, count = windows.get_moving_window("ada", 3, 10)
        assert (oldest - NOON.timestamp(), count) == expected
    with clock.frozen(NOON):
        assert windows.get_moving_window("nobody", 3, 10) == (NOON.timestamp(), 0)


def test_what_is_over_takes_no_memory() -> None:
    windows = Windows()
    for number in range(1000):
        acquire(windows, 0, f"caller {number}")
    assert len(windows._windows) == 1000
    acquire(windows, 61)
    assert windows._windows.keys() == {"ada"}


def test_what_was_counted_can_be_forgotten() -> None:
    windows = Windows()
    for key in ("ada", "bob"):
        assert [acquire(windows, 0, key) for _ in range(4)] == [True] * 3 + [False]
    windows.clear("ada")
    assert (acquire(windows, 0, "ada"), acquire(windows, 0, "bob")) == (True, False)
    assert windows.reset() == 2
    assert acquire(windows, 0, "bob")


def test_many_threads_together_get_no_more_than_the_limit() -> None:
    windows = Windows()
    with ThreadPoolExecutor(32) as threads:
        let = list(threads.map(lambda _: windows.acquire_entry("ada", 100, 60), range(2000)))
    assert sum(let) == 100
