"""Hostile input at scale: `make fuzz`. See `__main__.py`, and README.md for figures."""
