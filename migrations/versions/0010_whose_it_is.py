"""Request ids are forgotten with addresses; an email's domain keeps the letters that only folding makes equal.

A caller may send any text as its request id. The domains are those with a sharp s or a final sigma in them, which are
other domains than those with "ss" or a sigma; `email_key` had one form for both.
"""

import sqlalchemy as sa
from alembic import op

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

STAYING = ("id", "actor_id", "action", "object_type", "object_id", "before", "after", "created_at")

USERS = sa.table(
    "users", sa.column("id", sa.BigInteger), sa.column("email", sa.String), sa.column("email_key", sa.String)
)


def allow_to_forget(*, request_ids: bool) -> None:
    """Let an entry's address be forgotten, with or without the request's id, and nothing be changed."""
    if op.get_bind().dialect.name == "postgresql":
        forgotten = "'{address,request_id}'::text[]" if request_ids else "'{address}'::text[]"
        op.execute(f"""
            CREATE OR REPLACE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'UPDATE' AND NEW.address IS NULL AND NEW.request_id IN ('', OLD.request_id)
                    AND to_jsonb(NEW) - {forgotten} = to_jsonb(OLD) - {forgotten} THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION 'audit_append_only' USING ERRCODE = 'integrity_constraint_violation';
            END $$
        """)
        return
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in STAYING)
    request_id = "NEW.request_id IN ('', OLD.request_id)" if request_ids else "NEW.request_id IS OLD.request_id"
    op.execute("DROP TRIGGER audit_append_only_update")
    op.execute(
        "CREATE TRIGGER audit_append_only_update BEFORE update ON audit_entries"
        f" WHEN NOT (NEW.address IS NULL AND {request_id} AND {same})"
        " BEGIN SELECT RAISE(ABORT, 'audit_append_only'); END"
    )


def upgrade() -> None:
    """Write the keys of those domains anew: nobody else can have them, for the old ones were coarser."""
    allow_to_forget(request_ids=True)
    database = op.get_bind()
    folded = sa.or_(USERS.c.email.like("%@%ß%"), USERS.c.email.like("%@%ς%"))
    for row in database.execute(sa.select(USERS).where(folded)).all():
        key = f"{row.email_key.rpartition('@')[0]}@{row.email.rpartition('@')[2]}"
        database.execute(USERS.update().where(USERS.c.id == row.id).values(email_key=key))


def downgrade() -> None:
    """Let addresses alone be forgotten. The keys stay: folding them might make one of two."""
    allow_to_forget(request_ids=False)
