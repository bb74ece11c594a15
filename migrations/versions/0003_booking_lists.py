"""Lists of bookings by kind and by status, each in the order of their starts."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the indexes."""
    op.create_index(
        "ix_bookings_kind", "bookings", ["kind", "starts_at", "id"], unique=False, postgresql_include=["ends_at"]
    )
    op.create_index("ix_bookings_status", "bookings", ["status", "starts_at", "id"], unique=False)


def downgrade() -> None:
    """Drop them."""
    op.drop_index("ix_bookings_status", "bookings")
    op.drop_index("ix_bookings_kind", "bookings")
