"""Migrations beside programs that go on working: what each does, read and measured."""
