"""Serving by gunicorn: threads that take connections by themselves, and answers that go out in one piece."""
