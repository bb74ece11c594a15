"""Bookings that repeat.

The column is added by plain SQL: what a reference in it needs, both databases take in one statement, and SQLite need
not rebuild the table.
"""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
REFERENCE = "CONSTRAINT fk_bookings_series_id_booking_series REFERENCES booking_series (id)"


def upgrade() -> None:
    """Create the table, and let bookings point to it."""
    op.create_table(
        "booking_series",
        sa.Column("id", BIG, nullable=False),
        sa.Column("client_id", BIG, nullable=False),
        sa.Column("created_by", BIG, nullable=True),
        sa.Column("every_weeks", sa.Integer(), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("every_weeks BETWEEN 1 AND 52", name=op.f("ck_booking_series_every_weeks")),
        sa.ForeignKeyConstraint(["client_id"], ["users.id"], name=op.f("fk_booking_series_client_id_users")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_booking_series_created_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_series")),
    )
    op.create_index("ix_booking_series_client_id", "booking_series", ["client_id"], unique=False)
    kind = BIG.compile(dialect=op.get_bind().dialect)
    op.execute(f"ALTER TABLE bookings ADD COLUMN series_id {kind} {REFERENCE}")
    op.create_index("ix_bookings_series_id", "bookings", ["series_id"], unique=False)


def downgrade() -> None:
    """Drop both: the bookings stay, each alone."""
    op.drop_index("ix_bookings_series_id", table_name="bookings")
    op.execute("ALTER TABLE bookings DROP COLUMN series_id")
    op.drop_table("booking_series")
