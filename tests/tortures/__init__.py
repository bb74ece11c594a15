"""Work in the background under torture: workers killed again and again, a mail server that fails, Redis that forgets.

`TORTURE_EVENTS=5000 pytest -s tests/tortures` is the full torture; without the variable a small one takes seconds.
"""
