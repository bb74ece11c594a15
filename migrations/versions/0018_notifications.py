"""What people were told, what they wish not to be told, and in which language."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
REMINDER = sa.text("concerns_at IS NOT NULL")


def word(name: str, *words: str) -> sa.Enum:
    """Return the type of a column `name` that holds one of `words`."""
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def create_notifications() -> None:
    """Create the table of what was sent, and what was not."""
    op.create_table(
        "notifications",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("channel", word("channel", "email", "sms"), nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("address", sa.String(length=320), nullable=True),
        sa.Column("about_type", sa.String(length=32), nullable=False),
        sa.Column("about_id", BIG, nullable=True),
        sa.Column("concerns_at", INSTANT, nullable=True),
        sa.Column("status", word("status", "queued", "sent", "failed", "suppressed"), nullable=False),
        sa.Column("reason", sa.String(length=64), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("task_id", BIG, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("sent_at", INSTANT, nullable=True),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_notifications_attempts")),
        sa.CheckConstraint("(status = 'sent') = (sent_at IS NOT NULL)", name=op.f("ck_notifications_sent")),
        sa.CheckConstraint(
            "status NOT IN ('suppressed', 'failed') OR reason <> ''", name=op.f("ck_notifications_reason")
        ),
        sa.CheckConstraint("(about_type = '') = (about_id IS NULL)", name=op.f("ck_notifications_about")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_notifications_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notifications")),
        sa.UniqueConstraint("task_id", name=op.f("uq_notifications_task_id")),
    )
    op.create_index(
        "uq_notifications_reminder",
        "notifications",
        ["about_id", "kind", "channel", "concerns_at"],
        unique=True,
        postgresql_where=REMINDER,
        sqlite_where=REMINDER,
    )
    op.create_index("ix_notifications_created_at", "notifications", ["created_at", "id"], unique=False)
    op.create_index("ix_notifications_status", "notifications", ["status", "created_at", "id"], unique=False)
    op.create_index("ix_notifications_user_id", "notifications", ["user_id", "created_at", "id"], unique=False)
    op.create_index("ix_notifications_about_id", "notifications", ["about_id", "about_type", "kind"], unique=False)


def create_muted_notices() -> None:
    """Create the table of what people wish not to be told."""
    op.create_table(
        "muted_notices",
        sa.Column("user_id", BIG, autoincrement=False, nullable=False),
        sa.Column("kind", sa.String(length=40), nullable=False),
        sa.Column("channel", word("channel", "email", "sms"), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_muted_notices_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "kind", "channel", name=op.f("pk_muted_notices")),
    )


def upgrade() -> None:
    """Create both tables; nobody has said which language they read."""
    op.execute("ALTER TABLE users ADD COLUMN locale VARCHAR(16)")
    create_notifications()
    create_muted_notices()


def downgrade() -> None:
    """Drop them: what was sent, stays sent."""
    op.drop_table("muted_notices")
    op.drop_table("notifications")
    op.execute("ALTER TABLE users DROP COLUMN locale")
