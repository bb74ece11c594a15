"""The audit log is not replaced or emptied either; dead tasks have an index.

SQLite's `INSERT OR REPLACE` removes the row in its way without asking the triggers for DELETE; PostgreSQL's TRUNCATE
asks no trigger for rows. Each is refused in its own words.
"""

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

IS_DEAD = sa.text("dead_at IS NOT NULL")


def on_postgresql() -> bool:
    """Say which of the two databases this migration runs on."""
    return op.get_bind().dialect.name == "postgresql"


def upgrade() -> None:
    """Refuse what the triggers of 0002 do not see; let dead tasks be found without reading all that are done."""
    op.create_index(
        "ix_outbox_events_dead_at", "outbox_events", ["dead_at"], postgresql_where=IS_DEAD, sqlite_where=IS_DEAD
    )
    if on_postgresql():
        op.execute("""
            CREATE FUNCTION audit_not_truncated() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'audit_append_only' USING ERRCODE = 'integrity_constraint_violation';
            END $$
        """)
        op.execute(
            "CREATE TRIGGER audit_not_truncated BEFORE TRUNCATE ON audit_entries"
            " FOR EACH STATEMENT EXECUTE FUNCTION audit_not_truncated()"
        )
        return
    op.execute(
        "CREATE TRIGGER audit_append_only_insert BEFORE insert ON audit_entries"
        " WHEN EXISTS (SELECT 1 FROM audit_entries WHERE id = NEW.id)"
        " BEGIN SELECT RAISE(ABORT, 'audit_append_only'); END"
    )


def downgrade() -> None:
    """Refuse changes and removals of rows alone, as before."""
    if on_postgresql():
        op.execute("DROP TRIGGER audit_not_truncated ON audit_entries")
        op.execute("DROP FUNCTION audit_not_truncated()")
    else:
        op.execute("DROP TRIGGER audit_append_only_insert")
    op.drop_index("ix_outbox_events_dead_at", "outbox_events")
