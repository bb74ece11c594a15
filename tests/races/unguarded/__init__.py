"""The control: the application as rivals build it. Each request says which guard it goes without.

Everything else is the real application; the database's own rule is dropped by the tests.
"""

from app import create_app
from tests.races.unguarded import conversations, counters, diaries, limits, money, repeats, shop

__all__ = ["app", "conversations", "counters", "diaries", "limits", "money", "repeats", "shop"]

app = create_app()
