"""Demo data: `python seed.py` fills an empty database with a salon and its shop.

`--bookings N` adds a large diary to measure on. Running it again changes nothing; a second one at the same time waits
for the first.
"""

import argparse

from app import create_app
from app.database import require_migrated
from app.jobs.events import silent
from app.kit.progress import shown
from config import settings_or_exit
from demo.houses import add_houses
from demo.lapsed import conclude_lapsed
from demo.large import add_large_diary
from demo.regulars import add_regulars
from demo.reviews import add_reviews
from demo.salon import DEMO_LOGINS, PASSWORD, add_salon
from demo.shop import add_shop
from demo.turns import taking_turns


def main() -> None:
    """Seed the configured database and print the demo logins."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--bookings", type=int, default=0, metavar="N", help="about how many more bookings to write")
    count: int = parser.parse_args().bookings
    with create_app(settings_or_exit()).app_context():
        require_migrated()
        with taking_turns():
            print("Demo data added." if add_demo() else "Demo data is there already.")  # a command's output
            if count:
                print(f"{add_large_diary(count):,} bookings added.")
    print("Demo logins (password: " + PASSWORD + ")")
    for role, email in DEMO_LOGINS.items():
        print(f"  {role:<7} {email}")


def add_demo() -> bool:
    """Write what is missing of the demo business; say whether anything was. Nobody is told of what never happened."""
    with silent():
        added = [add() for add in shown((add_salon, add_houses, add_shop, add_reviews, add_regulars), "Demo")]
        if any(added):
            conclude_lapsed()
    return any(added)


if __name__ == "__main__":
    main()
