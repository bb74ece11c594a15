"""Payments and refunds, what providers said of them, and the cards they keep."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0020"
down_revision = "0019"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
DOCUMENT = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")


def word(name: str, *words: str) -> sa.Enum:
    """Return the type of a column of words; the CHECK `name` refuses all others."""
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def create_payment_customers() -> None:
    """Create the table of under which names providers know accounts."""
    op.create_table(
        "payment_customers",
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("customer", sa.String(length=255), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_payment_customers_user_id_users")),
        sa.PrimaryKeyConstraint("user_id", "provider", name=op.f("pk_payment_customers")),
        sa.UniqueConstraint("provider", "customer", name=op.f("uq_payment_customers_provider_customer")),
    )


def create_payment_methods() -> None:
    """Create the table of stored cards."""
    op.create_table(
        "payment_methods",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("token", sa.String(length=255), nullable=False),
        sa.Column("brand", sa.String(length=32), nullable=False),
        sa.Column("last4", sa.String(length=4), nullable=False),
        sa.Column("exp_month", sa.Integer(), nullable=False),
        sa.Column("exp_year", sa.Integer(), nullable=False),
        sa.Column("detached_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "exp_month BETWEEN 1 AND 12 AND exp_year BETWEEN 2000 AND 2999", name=op.f("ck_payment_methods_expiry")
        ),
        sa.CheckConstraint("length(last4) = 4", name=op.f("ck_payment_methods_last4")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_payment_methods_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payment_methods")),
        sa.UniqueConstraint("provider", "token", name=op.f("uq_payment_methods_provider_token")),
    )
    op.create_index("ix_payment_methods_user_id", "payment_methods", ["user_id", "id"], unique=False)


def create_payments() -> None:
    """Create the table of payments."""
    op.create_table(
        "payments",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("booking_id", BIG, nullable=True),
        sa.Column("order_id", BIG, nullable=True),
        sa.Column("client_id", BIG, nullable=True),
        sa.Column("purpose", word("purpose", "deposit", "balance", "full"), nullable=False),
        sa.Column(
            "method", word("method", "cash", "card_terminal", "card", "mpesa", "gift_card", "package"), nullable=False
        ),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("provider_reference", sa.String(length=255), nullable=True),
        sa.Column(
            "status", word("status", "requires_action", "pending", "succeeded", "failed", "cancelled"), nullable=False
        ),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("captured_amount", BIG, nullable=False),
        sa.Column("refunding_amount", BIG, nullable=False),
        sa.Column("refunded_amount", BIG, nullable=False),
        sa.Column("counted", sa.Boolean(), nullable=False),
        sa.Column("next_action", DOCUMENT, nullable=True),
        sa.Column("failure_code", sa.String(length=64), nullable=True),
        sa.Column("failure_message", sa.String(length=500), nullable=True),
        sa.Column("phone", sa.String(length=20), nullable=True),
        sa.Column("payment_method_id", BIG, nullable=True),
        sa.Column("callback_hash", sa.String(length=64), nullable=True),
        sa.Column("created_by", BIG, nullable=True),
        sa.Column("recorded_by", BIG, nullable=True),
        sa.Column("next_check_at", INSTANT, nullable=True),
        sa.Column("checks", sa.Integer(), nullable=False),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "(next_check_at IS NOT NULL) = (status IN ('pending', 'requires_action'))",
            name=op.f("ck_payments_next_check"),
        ),
        sa.CheckConstraint("(provider = 'cash') = (recorded_by IS NOT NULL)", name=op.f("ck_payments_recorded")),
        sa.CheckConstraint(
            "(provider = 'prepaid') = (method IN ('gift_card', 'package'))", name=op.f("ck_payments_prepaid")
        ),
        sa.CheckConstraint(
            "(status = 'succeeded') = (captured_amount > 0) AND (status = 'succeeded') = (settled_at IS NOT NULL)",
            name=op.f("ck_payments_captured"),
        ),
        sa.CheckConstraint("NOT counted OR status = 'succeeded'", name=op.f("ck_payments_counted")),
        sa.CheckConstraint(
            "method NOT IN ('cash', 'card_terminal') OR provider = 'cash'", name=op.f("ck_payments_cash")
        ),
        sa.CheckConstraint("(booking_id IS NULL) <> (order_id IS NULL)", name=op.f("ck_payments_one_thing")),
        sa.CheckConstraint("(failure_code IS NULL) = (failure_message IS NULL)", name=op.f("ck_payments_failure")),
        sa.CheckConstraint("amount > 0 AND captured_amount <= amount", name=op.f("ck_payments_amounts")),
        sa.CheckConstraint("checks >= 0", name=op.f("ck_payments_checks")),
        sa.CheckConstraint(
            "refunded_amount >= 0 AND refunding_amount >= 0 AND refunded_amount + refunding_amount <= captured_amount",
            name=op.f("ck_payments_refunded"),
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_payments_booking_id_bookings")),
        sa.ForeignKeyConstraint(["client_id"], ["users.id"], name=op.f("fk_payments_client_id_users")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_payments_created_by_users")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_payments_order_id_orders")),
        sa.ForeignKeyConstraint(
            ["payment_method_id"], ["payment_methods.id"], name=op.f("fk_payments_payment_method_id_payment_methods")
        ),
        sa.ForeignKeyConstraint(["recorded_by"], ["users.id"], name=op.f("fk_payments_recorded_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_payments")),
        sa.UniqueConstraint("callback_hash", name=op.f("uq_payments_callback_hash")),
        sa.UniqueConstraint("provider", "provider_reference", name=op.f("uq_payments_provider_provider_reference")),
        sa.UniqueConstraint("reference", name=op.f("uq_payments_reference")),
    )
    op.create_index("ix_payments_booking_id", "payments", ["booking_id", "created_at", "id"], unique=False)
    op.create_index("ix_payments_client_id", "payments", ["client_id", "created_at", "id"], unique=False)
    op.create_index("ix_payments_created_at", "payments", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_payments_next_check_at",
        "payments",
        ["next_check_at"],
        unique=False,
        postgresql_where=sa.text("status IN ('pending', 'requires_action')"),
        sqlite_where=sa.text("status IN ('pending', 'requires_action')"),
    )
    op.create_index("ix_payments_order_id", "payments", ["order_id", "created_at", "id"], unique=False)
    op.create_index("ix_payments_status", "payments", ["status", "created_at", "id"], unique=False)
    op.create_index(
        "uq_payments_booking_id",
        "payments",
        ["booking_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('pending', 'requires_action')"),
        sqlite_where=sa.text("status IN ('pending', 'requires_action')"),
    )
    op.create_index(
        "uq_payments_order_id",
        "payments",
        ["order_id"],
        unique=True,
        postgresql_where=sa.text("status IN ('pending', 'requires_action')"),
        sqlite_where=sa.text("status IN ('pending', 'requires_action')"),
    )


def create_provider_events() -> None:
    """Create the table of providers' messages."""
    op.create_table(
        "provider_events",
        sa.Column("id", BIG, nullable=False),
        sa.Column("provider", sa.String(length=32), nullable=False),
        sa.Column("event_id", sa.String(length=255), nullable=False),
        sa.Column("kind", sa.String(length=100), nullable=False),
        sa.Column("provider_reference", sa.String(length=255), nullable=True),
        sa.Column("payment_reference", sa.String(length=255), nullable=True),
        sa.Column("payment_id", BIG, nullable=True),
        sa.Column("amount", BIG, nullable=True),
        sa.Column("currency", sa.String(length=16), nullable=True),
        sa.Column("proof", DOCUMENT, nullable=False),
        sa.Column("raw", DOCUMENT, nullable=False),
        sa.Column("verdict", word("verdict", "applied", "duplicate", "ignored", "mismatch", "unknown"), nullable=True),
        sa.Column("detail", sa.String(length=500), nullable=False),
        sa.Column("received_at", INSTANT, nullable=False),
        sa.Column("applied_at", INSTANT, nullable=True),
        sa.CheckConstraint("(verdict IS NULL) = (applied_at IS NULL)", name=op.f("ck_provider_events_verdict_at")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_provider_events_payment_id_payments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_provider_events")),
        sa.UniqueConstraint("provider", "event_id", name=op.f("uq_provider_events_provider_event_id")),
    )
    op.create_index("ix_provider_events_payment_id", "provider_events", ["payment_id"], unique=False)
    op.create_index("ix_provider_events_received_at", "provider_events", ["received_at", "id"], unique=False)
    op.create_index(
        "ix_provider_events_unread",
        "provider_events",
        ["received_at", "id"],
        unique=False,
        postgresql_where=sa.text("verdict IS NULL"),
        sqlite_where=sa.text("verdict IS NULL"),
    )
    op.create_index("ix_provider_events_verdict", "provider_events", ["verdict", "received_at", "id"], unique=False)


def create_refunds() -> None:
    """Create the table of refunds."""
    op.create_table(
        "refunds",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("payment_id", BIG, nullable=False),
        sa.Column("status", word("status", "pending", "succeeded", "failed"), nullable=False),
        sa.Column("origin", word("origin", "request", "cancellation", "undue", "provider", "dispute"), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("provider_reference", sa.String(length=255), nullable=True),
        sa.Column("failure_code", sa.String(length=64), nullable=True),
        sa.Column("failure_message", sa.String(length=500), nullable=True),
        sa.Column("created_by", BIG, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("settled_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint("(status = 'pending') = (settled_at IS NULL)", name=op.f("ck_refunds_settled")),
        sa.CheckConstraint("status <> 'failed' OR failure_code IS NOT NULL", name=op.f("ck_refunds_failed")),
        sa.CheckConstraint("(failure_code IS NULL) = (failure_message IS NULL)", name=op.f("ck_refunds_failure")),
        sa.CheckConstraint("amount > 0", name=op.f("ck_refunds_amount")),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_refunds_attempts")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_refunds_created_by_users")),
        sa.ForeignKeyConstraint(["payment_id"], ["payments.id"], name=op.f("fk_refunds_payment_id_payments")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refunds")),
        sa.UniqueConstraint("payment_id", "provider_reference", name=op.f("uq_refunds_payment_id_provider_reference")),
        sa.UniqueConstraint("reference", name=op.f("uq_refunds_reference")),
    )
    op.create_index("ix_refunds_payment_id", "refunds", ["payment_id", "created_at", "id"], unique=False)
    op.create_index(
        "ix_refunds_pending",
        "refunds",
        ["created_at", "id"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
        sqlite_where=sa.text("status = 'pending'"),
    )


def upgrade() -> None:
    """Create the tables."""
    create_payment_customers()
    create_payment_methods()
    create_payments()
    create_provider_events()
    create_refunds()


def downgrade() -> None:
    """Drop them all."""
    for table in ("refunds", "provider_events", "payments", "payment_methods", "payment_customers"):
        op.drop_table(table)
