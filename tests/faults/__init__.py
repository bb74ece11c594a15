"""Faults while 32 writers write, and what came of it: `make faults`. README.md says what happens, with figures."""
