"""Endpoints that are told what happens, and what each was told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0019"
down_revision = "0018"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
PENDING = sa.text("status = 'pending'")


def word(name: str, *words: str) -> sa.Enum:
    """Return the type of a column `name` that holds one of `words`."""
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def create_webhooks() -> None:
    """Create the table of endpoints."""
    op.create_table(
        "webhooks",
        sa.Column("id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("url", sa.String(length=2048), nullable=False),
        sa.Column("description", sa.String(length=200), nullable=False),
        sa.Column("events", JSON, nullable=False),
        sa.Column("secret", sa.Text(), nullable=False),
        sa.Column("old_secret", sa.Text(), nullable=True),
        sa.Column("old_secret_until", INSTANT, nullable=True),
        sa.Column("disabled_by", word("disabled_by", "admin", "gone", "failing"), nullable=True),
        sa.Column("disabled_at", INSTANT, nullable=True),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("failing_since", INSTANT, nullable=True),
        sa.Column("free_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint("number BETWEEN 1 AND 20", name=op.f("ck_webhooks_number")),
        sa.CheckConstraint("url LIKE 'http%://%'", name=op.f("ck_webhooks_url")),
        sa.CheckConstraint("length(secret) > 0", name=op.f("ck_webhooks_secret")),
        sa.CheckConstraint("(old_secret IS NULL) = (old_secret_until IS NULL)", name=op.f("ck_webhooks_old_secret")),
        sa.CheckConstraint("(disabled_at IS NULL) = (disabled_by IS NULL)", name=op.f("ck_webhooks_disabled")),
        sa.CheckConstraint(
            "failures >= 0 AND (failures = 0) = (failing_since IS NULL)", name=op.f("ck_webhooks_failures")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_webhooks")),
        sa.UniqueConstraint("number", name=op.f("uq_webhooks_number")),
    )


def create_deliveries() -> None:
    """Create the table of what is told to them."""
    table = "webhook_deliveries"
    op.create_table(
        table,
        sa.Column("id", BIG, nullable=False),
        sa.Column("webhook_id", BIG, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("event", sa.String(length=64), nullable=False),
        sa.Column("event_key", sa.String(length=64), nullable=True),
        sa.Column("about", JSON, nullable=False),
        sa.Column("happened_at", INSTANT, nullable=False),
        sa.Column("status", word("status", "pending", "delivered", "failed"), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("next_attempt_at", INSTANT, nullable=True),
        sa.Column("give_up_at", INSTANT, nullable=False),
        sa.Column("last_attempt_at", INSTANT, nullable=True),
        sa.Column("last_status", sa.Integer(), nullable=True),
        sa.Column("last_error", sa.String(length=200), nullable=False),
        sa.Column("last_ms", sa.Integer(), nullable=True),
        sa.Column("delivered_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("attempts >= 0", name=op.f(f"ck_{table}_attempts")),
        sa.CheckConstraint(
            "(status = 'pending') = (next_attempt_at IS NOT NULL)", name=op.f(f"ck_{table}_next_attempt")
        ),
        sa.CheckConstraint("(status = 'delivered') = (delivered_at IS NOT NULL)", name=op.f(f"ck_{table}_delivered")),
        sa.CheckConstraint(
            "last_status IS NULL OR last_status BETWEEN 100 AND 999", name=op.f(f"ck_{table}_last_status")
        ),
        sa.CheckConstraint("last_ms >= 0", name=op.f(f"ck_{table}_last_ms")),
        sa.ForeignKeyConstraint(
            ["webhook_id"], ["webhooks.id"], name=op.f(f"fk_{table}_webhook_id_webhooks"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("key", name=op.f(f"uq_{table}_key")),
        sa.UniqueConstraint("webhook_id", "event_key", name=op.f(f"uq_{table}_webhook_id_event_key")),
    )
    op.create_index(f"ix_{table}_created_at", table, ["webhook_id", "created_at", "id"], unique=False)
    op.create_index(f"ix_{table}_status", table, ["webhook_id", "status", "created_at", "id"], unique=False)
    op.create_index(f"ix_{table}_give_up_at", table, ["give_up_at", "id"], unique=False)
    op.create_index(
        f"ix_{table}_due",
        table,
        ["webhook_id", "next_attempt_at", "id"],
        unique=False,
        postgresql_where=PENDING,
        sqlite_where=PENDING,
    )


def upgrade() -> None:
    """Create both tables."""
    create_webhooks()
    create_deliveries()


def downgrade() -> None:
    """Drop them."""
    op.drop_table("webhook_deliveries")
    op.drop_table("webhooks")
