"""Keys to private calendar feeds."""

import sqlalchemy as sa
from alembic import op

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
OWN = sa.text("staff_id IS NULL")


def upgrade() -> None:
    """Create the table."""
    op.create_table(
        "calendar_tokens",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("staff_id", BIG, nullable=True),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("user_id IS NOT NULL OR staff_id IS NOT NULL", name=op.f("ck_calendar_tokens_subject")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_calendar_tokens_staff_id_staff")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_calendar_tokens_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_calendar_tokens")),
        sa.UniqueConstraint("staff_id", name=op.f("uq_calendar_tokens_staff_id")),
    )
    op.create_index(
        "uq_calendar_tokens_own", "calendar_tokens", ["user_id"], unique=True, postgresql_where=OWN, sqlite_where=OWN
    )
    op.create_index("ix_calendar_tokens_user_id", "calendar_tokens", ["user_id"], unique=False)


def downgrade() -> None:
    """Drop it."""
    op.drop_table("calendar_tokens")
