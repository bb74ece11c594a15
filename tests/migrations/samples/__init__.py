"""Migrations as they are to be written, one after the other, and one as it is not; for PostgreSQL alone."""
