"""One seeding at a time."""

from concurrent.futures import ThreadPoolExecutor, wait

from flask import Flask

from demo.turns import taking_turns


def test_who_comes_second_waits(app: Flask) -> None:
    """However long the first takes; then it is its turn."""

    def come_second() -> str:
        with app.app_context(), taking_turns():
            return " ".join([*done, "second"])

    done: list[str] = []
    with ThreadPoolExecutor(1) as pool:
        with taking_turns():
            second = pool.submit(come_second)
            assert not wait([second], timeout=0.5).done
            done.append("first")
        assert second.result(timeout=60) == "first second"
