"""What is there is filled a few rows at a time, each time for good: run again, it goes on; then the rule is checked."""

import sqlalchemy as sa
from alembic import op

revision = "s2"
down_revision = "s1"

AT_ONCE = 2000


def upgrade() -> None:
    """Fill the column, and then let the rule hold of all rows."""
    with op.get_context().autocommit_block():
        last = op.get_bind().scalar(sa.text("SELECT coalesce(max(id), 0) FROM bookings"))
        for first in range(0, last + 1, AT_ONCE):
            op.execute(
                "UPDATE bookings SET origin = 'unknown' WHERE origin IS NULL"  # noqa: S608  # whole numbers
                f" AND id BETWEEN {first} AND {first + AT_ONCE - 1}"
            )
        op.execute("ALTER TABLE bookings VALIDATE CONSTRAINT ck_bookings_origin")


def downgrade() -> None:
    """Nothing: what is filled may stay."""
