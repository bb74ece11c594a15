"""The API from outside, as its clients see it: see `__main__.py`."""
