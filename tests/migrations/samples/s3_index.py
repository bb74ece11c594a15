"""An index that is built while others write; it waits for the transactions of before, but nobody waits for it."""

from alembic import op

revision = "s3"
down_revision = "s2"

INDEX = "ix_bookings_origin"


def upgrade() -> None:
    """Create it; what an attempt that failed has left goes first."""
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.drop_index(INDEX, "bookings", if_exists=True, postgresql_concurrently=True)
        op.create_index(INDEX, "bookings", ["origin", "id"], postgresql_concurrently=True)


def downgrade() -> None:
    """Drop it."""
    with op.get_context().autocommit_block():
        op.execute("SET lock_timeout = 0")
        op.drop_index(INDEX, "bookings", if_exists=True, postgresql_concurrently=True)
