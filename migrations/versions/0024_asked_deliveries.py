"""What an admin asks a webhook for, by a test or a replay, comes before what waits."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
branch_labels = None
depends_on = None

TABLE = "webhook_deliveries"
INDEX = "ix_webhook_deliveries_asked"
ASKED = sa.text("status = 'pending' AND asked_after IS NOT NULL")


def upgrade() -> None:
    """Add the column, which is empty in all that there is, and the index that finds what was asked for."""
    op.execute(
        f"ALTER TABLE {TABLE} ADD COLUMN asked_after INTEGER "
        "CONSTRAINT ck_webhook_deliveries_asked_after CHECK (asked_after BETWEEN 0 AND attempts)"
    )
    columns = ["webhook_id", "next_attempt_at", "id"]
    op.create_index(INDEX, TABLE, columns, unique=False, postgresql_where=ASKED, sqlite_where=ASKED)


def downgrade() -> None:
    """Remove both."""
    op.drop_index(INDEX, TABLE)
    op.execute(f"ALTER TABLE {TABLE} DROP COLUMN asked_after")
