"""Conversations about bookings, and other names of what can be booked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0023"
down_revision = "0022"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
KIND = sa.Enum("service", "staff", "space", name="kind", native_enum=False, create_constraint=True, length=32)
THING = "(kind = 'service') = (service_id IS NOT NULL) AND (kind = 'service') = (resource_id IS NULL)"


def create_sessions() -> None:
    """Create the table of conversations."""
    table = "voice_sessions"
    op.create_table(
        table,
        sa.Column("id", BIG, nullable=False),
        sa.Column("key", sa.String(length=64), nullable=False),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("state", JSON, nullable=False),
        sa.Column("confirm_hash", sa.String(length=64), nullable=True),
        sa.Column("hold_id", BIG, nullable=True),
        sa.Column("booking_id", BIG, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.CheckConstraint("created_at < expires_at", name=op.f(f"ck_{table}_lifetime")),
        sa.CheckConstraint("length(key) > 0", name=op.f(f"ck_{table}_key")),
        sa.CheckConstraint("confirm_hash IS NULL OR user_id IS NOT NULL", name=op.f(f"ck_{table}_owner")),
        sa.CheckConstraint("hold_id IS NULL OR confirm_hash IS NOT NULL", name=op.f(f"ck_{table}_hold")),
        sa.CheckConstraint("booking_id IS NULL OR confirm_hash IS NOT NULL", name=op.f(f"ck_{table}_booking")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f(f"fk_{table}_user_id_users")),
        sa.ForeignKeyConstraint(["hold_id"], ["holds.id"], name=op.f(f"fk_{table}_hold_id_holds")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f(f"fk_{table}_booking_id_bookings")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("key", name=op.f(f"uq_{table}_key")),
        sa.UniqueConstraint("confirm_hash", name=op.f(f"uq_{table}_confirm_hash")),
        sa.UniqueConstraint("hold_id", name=op.f(f"uq_{table}_hold_id")),
    )
    op.create_index(f"ix_{table}_user_id", table, ["user_id", "created_at"], unique=False)
    op.create_index(f"ix_{table}_booking_id", table, ["booking_id"], unique=False)
    op.create_index(f"ix_{table}_expires_at", table, ["expires_at", "id"], unique=False)


def create_aliases() -> None:
    """Create the table of other names."""
    table = "voice_aliases"
    op.create_table(
        table,
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", KIND, nullable=False),
        sa.Column("service_id", BIG, nullable=True),
        sa.Column("resource_id", BIG, nullable=True),
        sa.Column("text", sa.String(length=100), nullable=False),
        sa.Column("text_key", sa.String(length=100), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("length(text) > 0", name=op.f(f"ck_{table}_text")),
        sa.CheckConstraint("length(text_key) > 0", name=op.f(f"ck_{table}_text_key")),
        sa.CheckConstraint(THING, name=op.f(f"ck_{table}_thing")),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f(f"fk_{table}_service_id_services")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f(f"fk_{table}_resource_id_resources")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("kind", "text_key", name=op.f(f"uq_{table}_kind_text_key")),
    )
    op.create_index(f"ix_{table}_service_id", table, ["service_id"], unique=False)
    op.create_index(f"ix_{table}_resource_id", table, ["resource_id"], unique=False)
    op.create_index(f"ix_{table}_created_at", table, ["created_at", "id"], unique=False)


def upgrade() -> None:
    """Create both tables."""
    create_sessions()
    create_aliases()


def downgrade() -> None:
    """Drop them."""
    op.drop_table("voice_aliases")
    op.drop_table("voice_sessions")
