"""Lists of bookings by kind and by status, each in the order of their starts."""

from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


INDEXES = {"ix_bookings_kind": ["kind", "starts_at", "id"], "ix_bookings_status": ["status", "starts_at", "id"]}
INCLUDED = {"ix_bookings_kind": ["ends_at"]}


def upgrade() -> None:
    """Create the indexes, while others write; what an attempt that failed has left goes first."""
    with op.get_context().autocommit_block():
        if op.get_bind().dialect.name == "postgresql":
            op.execute("SET lock_timeout = 0")  # it waits for others, and nobody waits for it
        drop()
        for name, columns in INDEXES.items():
            op.create_index(
                name,
                "bookings",
                columns,
                unique=False,
                postgresql_include=INCLUDED.get(name, []),
                postgresql_concurrently=True,
            )


def downgrade() -> None:
    """Drop them."""
    with op.get_context().autocommit_block():
        drop()


def drop() -> None:
    """Drop those that are there."""
    for name in INDEXES:
        op.drop_index(name, "bookings", if_exists=True, postgresql_concurrently=True)
