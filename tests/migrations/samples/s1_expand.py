"""A column that may be empty, and a rule that is not yet held against what is there: each in the wink of an eye."""

import sqlalchemy as sa
from alembic import op

revision = "s1"
down_revision = "HEAD"


def upgrade() -> None:
    """Add both."""
    op.add_column("bookings", sa.Column("origin", sa.String(length=16)))
    op.create_check_constraint(op.f("ck_bookings_origin"), "bookings", "origin IS NOT NULL", postgresql_not_valid=True)
    op.execute("ALTER TABLE bookings ALTER origin SET DEFAULT 'unknown'")


def downgrade() -> None:
    """Drop both."""
    op.drop_column("bookings", "origin")
