"""Tasks that stand in line by their subject, lists of what is done and dead, what is done again and again; and the
indexes by which what has expired is found."""

import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None

INSTANT = sa.DateTime(timezone=True)
DONE, DEAD = sa.text("done_at IS NOT NULL"), sa.text("dead_at IS NOT NULL")
IN_LINE = sa.text("subject IS NOT NULL AND done_at IS NULL AND dead_at IS NULL")
CLAIMED = sa.text("claimed_until IS NOT NULL AND done_at IS NULL AND dead_at IS NULL")
TABLE = "outbox_events"
EXPIRING = ("auth_sessions", "one_time_tokens")


def index(name: str, columns: list[str], where: sa.TextClause) -> None:
    """Create an index of some rows of the outbox."""
    op.create_index(f"ix_{TABLE}_{name}", TABLE, columns, postgresql_where=where, sqlite_where=where)


def upgrade() -> None:
    """Add the columns by plain SQL, checks and all: so SQLite need not rebuild the table."""
    op.execute(
        f"ALTER TABLE {TABLE} ADD COLUMN subject VARCHAR(100) CONSTRAINT ck_{TABLE}_subject CHECK (length(subject) > 0)"
    )
    op.execute(
        f"ALTER TABLE {TABLE} ADD COLUMN failures INTEGER DEFAULT 0 NOT NULL"
        f" CONSTRAINT ck_{TABLE}_failures CHECK (failures >= 0)"
    )
    op.drop_index(f"ix_{TABLE}_dead_at", TABLE)
    index("dead_at", ["dead_at", "id"], DEAD)
    index("done_at", ["done_at", "id"], DONE)
    index("claimed", ["claimed_until"], CLAIMED)
    index("subject", ["subject", "topic", "id"], IN_LINE)
    for table in EXPIRING:
        op.create_index(f"ix_{table}_expires_at", table, ["expires_at"])
    op.create_table(
        "periodic_tasks",
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_periodic_tasks_name")),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_periodic_tasks")),
    )


def downgrade() -> None:
    """Forget the lines, and what is periodic."""
    op.drop_table("periodic_tasks")
    for table in EXPIRING:
        op.drop_index(f"ix_{table}_expires_at", table)
    for name in ("subject", "claimed", "done_at", "dead_at"):
        op.drop_index(f"ix_{TABLE}_{name}", TABLE)
    index("dead_at", ["dead_at"], DEAD)
    for column in ("failures", "subject"):
        op.execute(f"ALTER TABLE {TABLE} DROP COLUMN {column}")
