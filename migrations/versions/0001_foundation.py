"""The foundation: people, resources, services, diaries, bookings, the outbox.

Written by hand where the two databases differ: the lawful interval, and the rule that nothing is taken twice.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

OVERLAP = """
    EXISTS (
        SELECT 1 FROM allocations AS later
        WHERE later.resource_id = NEW.resource_id AND later.id IS NOT NEW.id
        AND later.starts_at >= NEW.starts_at AND later.starts_at < NEW.ends_at
    ) OR NEW.starts_at < (
        SELECT earlier.ends_at FROM allocations AS earlier
        WHERE earlier.resource_id = NEW.resource_id AND earlier.id IS NOT NEW.id
        AND earlier.starts_at < NEW.starts_at
        ORDER BY earlier.starts_at DESC LIMIT 1
    )
"""


def on_postgresql() -> bool:
    """Say which of the two databases this migration runs on."""
    return op.get_bind().dialect.name == "postgresql"


def lawful_interval(name: str) -> sa.CheckConstraint:
    """Return the dialect's CHECK against empty, endless and over-long intervals."""
    rule = (
        "isfinite(starts_at) AND isfinite(ends_at) AND starts_at < ends_at"
        " AND ends_at - starts_at <= interval '366 days'"
        if on_postgresql()
        else "length(starts_at) = 26 AND length(ends_at) = 26 AND starts_at < ends_at"
        " AND julianday(ends_at) - julianday(starts_at) <= 366"
    )
    return sa.CheckConstraint(rule, name=op.f(name))


def no_overlap() -> tuple[postgresql.ExcludeConstraint, ...]:
    """Return PostgreSQL's exclusion constraint; SQLite gets triggers instead."""
    if not on_postgresql():
        return ()
    return (
        postgresql.ExcludeConstraint(
            (sa.text("int8range(resource_id, resource_id, '[]')"), "&&"),
            (sa.text("tstzrange(starts_at, ends_at)"), "&&"),
            name="allocation_no_overlap",
            using="gist",
        ),
    )


def create_overlap_triggers() -> None:
    """Make SQLite refuse the second taker, on insert and on update."""
    for name, verb in (("insert", "INSERT"), ("update", "UPDATE OF resource_id, starts_at, ends_at")):
        op.execute(
            f"CREATE TRIGGER allocation_no_overlap_{name} BEFORE {verb} ON allocations WHEN {OVERLAP}"
            " BEGIN SELECT RAISE(ABORT, 'allocation_no_overlap'); END"
        )


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "outbox_events",
        sa.Column("id", BIG, nullable=False),
        sa.Column("topic", sa.String(length=100), nullable=False),
        sa.Column("payload", JSON, nullable=False),
        sa.Column("due_at", INSTANT, nullable=False),
        sa.Column("claimed_until", INSTANT, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("done_at", INSTANT, nullable=True),
        sa.Column("dead_at", INSTANT, nullable=True),
        sa.Column("last_error", sa.Text(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("attempts >= 0", name=op.f("ck_outbox_events_attempts")),
        sa.CheckConstraint("done_at IS NULL OR dead_at IS NULL", name=op.f("ck_outbox_events_one_end")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_events")),
    )
    op.create_index(
        "ix_outbox_events_due_at",
        "outbox_events",
        ["due_at", "id"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL AND dead_at IS NULL"),
        sqlite_where=sa.text("done_at IS NULL AND dead_at IS NULL"),
    )
    op.create_table(
        "resources",
        sa.Column("id", BIG, nullable=False),
        sa.Column(
            "kind",
            sa.Enum("staff", "space", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_resources_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_resources")),
    )
    op.create_index("ix_resources_kind_created_at", "resources", ["kind", "created_at", "id"], unique=False)
    op.create_index("ix_resources_kind_name", "resources", ["kind", "name", "id"], unique=False)
    op.create_table(
        "service_categories",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.String(length=1000), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_service_categories_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_categories")),
        sa.UniqueConstraint("name", name=op.f("uq_service_categories_name")),
    )
    op.create_table(
        "users",
        sa.Column("id", BIG, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_key", sa.String(length=320), nullable=True),
        sa.Column("password_hash", sa.String(length=100), nullable=True),
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("last_name", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.Column("bio", sa.String(length=2000), nullable=False),
        sa.Column("avatar_url", sa.String(length=500), nullable=True),
        sa.Column(
            "role",
            sa.Enum(
                "client",
                "staff",
                "owner",
                "admin",
                name="role",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_blocked", sa.Boolean(), nullable=False),
        sa.Column("email_verified", sa.Boolean(), nullable=False),
        sa.Column("token_version", BIG, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint("(email IS NULL) = (email_key IS NULL)", name=op.f("ck_users_email_key")),
        sa.CheckConstraint("length(first_name) > 0", name=op.f("ck_users_first_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email_key", name=op.f("uq_users_email_key")),
    )
    op.create_index("ix_users_role_created_at", "users", ["role", "created_at", "id"], unique=False)
    op.create_table(
        "closures",
        sa.Column("id", BIG, nullable=False),
        sa.Column("resource_id", BIG, nullable=True),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("created_by", BIG, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        lawful_interval("ck_closures_interval"),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_closures_created_by_users")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_closures_resource_id_resources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_closures")),
    )
    op.create_index("ix_closures_resource_id", "closures", ["resource_id", "starts_at"], unique=False)
    op.create_table(
        "day_hours",
        sa.Column("id", BIG, nullable=False),
        sa.Column("resource_id", BIG, nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=True),
        sa.Column("closes", sa.Integer(), nullable=True),
        sa.CheckConstraint("(opens IS NULL) = (closes IS NULL)", name=op.f("ck_day_hours_both")),
        sa.CheckConstraint("opens BETWEEN 0 AND 1439 AND closes BETWEEN 0 AND 1440", name=op.f("ck_day_hours_hours")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_day_hours_resource_id_resources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_day_hours")),
    )
    op.create_index("ix_day_hours_resource_id", "day_hours", ["resource_id", "date", "opens"], unique=False)
    op.create_table(
        "holds",
        sa.Column("id", BIG, nullable=False),
        sa.Column("client_id", BIG, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["client_id"], ["users.id"], name=op.f("fk_holds_client_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_holds")),
    )
    op.create_index("ix_holds_client_id", "holds", ["client_id", "expires_at"], unique=False)
    op.create_table(
        "opening_rules",
        sa.Column("id", BIG, nullable=False),
        sa.Column("resource_id", BIG, nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=False),
        sa.Column("opens", sa.Integer(), nullable=False),
        sa.Column("closes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "opens BETWEEN 0 AND 1439 AND closes BETWEEN 0 AND 1440", name=op.f("ck_opening_rules_hours")
        ),
        sa.CheckConstraint("weekday BETWEEN 0 AND 6", name=op.f("ck_opening_rules_weekday")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_opening_rules_resource_id_resources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_opening_rules")),
    )
    op.create_index("ix_opening_rules_resource_id", "opening_rules", ["resource_id", "weekday", "opens"], unique=False)
    op.create_table(
        "services",
        sa.Column("id", BIG, nullable=False),
        sa.Column("category_id", BIG, nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=5000), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_before_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_after_minutes", sa.Integer(), nullable=False),
        sa.Column("price_amount", BIG, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column(
            "deposit_type",
            sa.Enum(
                "none",
                "fixed",
                "percent",
                name="deposit_type",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("deposit_value", BIG, nullable=False),
        sa.Column("requires_approval", sa.Boolean(), nullable=False),
        sa.Column("min_notice_minutes", sa.Integer(), nullable=False),
        sa.Column("max_advance_days", sa.Integer(), nullable=False),
        sa.Column("cancellation_window_minutes", sa.Integer(), nullable=False),
        sa.Column("rebook_after_days", sa.Integer(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "deposit_value >= 0 AND (deposit_type <> 'percent' OR deposit_value <= 100)",
            name=op.f("ck_services_deposit"),
        ),
        sa.CheckConstraint("buffer_after_minutes BETWEEN 0 AND 1440", name=op.f("ck_services_buffer_after")),
        sa.CheckConstraint("buffer_before_minutes BETWEEN 0 AND 1440", name=op.f("ck_services_buffer_before")),
        sa.CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name=op.f("ck_services_duration")),
        sa.CheckConstraint(
            "min_notice_minutes >= 0 AND max_advance_days > 0 AND cancellation_window_minutes >= 0",
            name=op.f("ck_services_limits"),
        ),
        sa.CheckConstraint("price_amount >= 0", name=op.f("ck_services_price")),
        sa.ForeignKeyConstraint(
            ["category_id"],
            ["service_categories.id"],
            name=op.f("fk_services_category_id_service_categories"),
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_services")),
    )
    op.create_index("ix_services_category_id", "services", ["category_id"], unique=False)
    op.create_index("ix_services_created_at", "services", ["created_at", "id"], unique=False)
    op.create_index("ix_services_name", "services", ["name", "id"], unique=False)
    op.create_index("ix_services_price", "services", ["price_amount", "id"], unique=False)
    op.create_table(
        "spaces",
        sa.Column("id", BIG, nullable=False),
        sa.Column("owner_id", BIG, nullable=False),
        sa.Column("description", sa.String(length=5000), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=False),
        sa.Column("city", sa.String(length=100), nullable=False),
        sa.Column("country", sa.String(length=2), nullable=False),
        sa.Column("latitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("longitude", sa.Numeric(precision=9, scale=6), nullable=True),
        sa.Column("capacity", sa.Integer(), nullable=False),
        sa.Column("amenities", JSON, nullable=False),
        sa.Column("price_per_hour_amount", BIG, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("min_minutes", sa.Integer(), nullable=False),
        sa.Column("max_minutes", sa.Integer(), nullable=False),
        sa.Column("instant_booking", sa.Boolean(), nullable=False),
        sa.Column(
            "deposit_type",
            sa.Enum(
                "none",
                "fixed",
                "percent",
                name="deposit_type",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("deposit_value", BIG, nullable=False),
        sa.Column("min_notice_minutes", sa.Integer(), nullable=False),
        sa.Column("max_advance_days", sa.Integer(), nullable=False),
        sa.Column("cancellation_window_minutes", sa.Integer(), nullable=False),
        sa.CheckConstraint(
            "deposit_value >= 0 AND (deposit_type <> 'percent' OR deposit_value <= 100)",
            name=op.f("ck_spaces_deposit"),
        ),
        sa.CheckConstraint("0 < min_minutes AND min_minutes <= max_minutes", name=op.f("ck_spaces_minutes")),
        sa.CheckConstraint("capacity > 0", name=op.f("ck_spaces_capacity")),
        sa.CheckConstraint(
            "min_notice_minutes >= 0 AND max_advance_days > 0 AND cancellation_window_minutes >= 0",
            name=op.f("ck_spaces_limits"),
        ),
        sa.CheckConstraint("price_per_hour_amount >= 0", name=op.f("ck_spaces_price_per_hour")),
        sa.ForeignKeyConstraint(["id"], ["resources.id"], name=op.f("fk_spaces_id_resources")),
        sa.ForeignKeyConstraint(["owner_id"], ["users.id"], name=op.f("fk_spaces_owner_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_spaces")),
    )
    op.create_index("ix_spaces_owner_id", "spaces", ["owner_id"], unique=False)
    op.create_table(
        "staff",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=True),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("phone", sa.String(length=32), nullable=True),
        sa.Column("bio", sa.String(length=2000), nullable=False),
        sa.Column("avatar_url", sa.String(length=500), nullable=True),
        sa.ForeignKeyConstraint(["id"], ["resources.id"], name=op.f("fk_staff_id_resources")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_staff_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_staff")),
        sa.UniqueConstraint("user_id", name=op.f("uq_staff_user_id")),
    )
    op.create_table(
        "assignments",
        sa.Column("id", BIG, nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("service_id", BIG, nullable=False),
        sa.Column("price_amount", BIG, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("duration_minutes", sa.Integer(), nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("duration_minutes BETWEEN 1 AND 1440", name=op.f("ck_assignments_duration")),
        sa.CheckConstraint("price_amount >= 0", name=op.f("ck_assignments_price")),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_assignments_service_id_services")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_assignments_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_assignments")),
        sa.UniqueConstraint("staff_id", "service_id", name=op.f("uq_assignments_staff_id_service_id")),
    )
    op.create_index("ix_assignments_service_id", "assignments", ["service_id", "staff_id"], unique=False)
    op.create_table(
        "bookings",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column(
            "kind",
            sa.Enum("service", "space", name="kind", native_enum=False, create_constraint=True, length=32),
            nullable=False,
        ),
        sa.Column(
            "status",
            sa.Enum(
                "pending",
                "confirmed",
                "declined",
                "expired",
                "cancelled",
                "completed",
                "no_show",
                name="status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "pending_reason",
            sa.Enum(
                "approval",
                "deposit",
                name="pending_reason_word",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("client_id", BIG, nullable=False),
        sa.Column("created_by", BIG, nullable=True),
        sa.Column("space_id", BIG, nullable=True),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("party_size", sa.Integer(), nullable=False),
        sa.Column("notes", sa.String(length=2000), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("total_amount", BIG, nullable=False),
        sa.Column("deposit_amount", BIG, nullable=False),
        sa.Column("paid_amount", BIG, nullable=False),
        sa.Column("cancel_free_until", INSTANT, nullable=False),
        sa.Column("late_cancel_fee_amount", BIG, nullable=False),
        sa.Column("no_show_fee_amount", BIG, nullable=False),
        sa.Column("cancelled_at", INSTANT, nullable=True),
        sa.Column("cancelled_by", BIG, nullable=True),
        sa.Column("cancel_reason", sa.String(length=500), nullable=True),
        sa.Column("cancel_fee_amount", BIG, nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint("(kind = 'space') = (space_id IS NOT NULL)", name=op.f("ck_bookings_space")),
        sa.CheckConstraint("(status = 'cancelled') = (cancelled_at IS NOT NULL)", name=op.f("ck_bookings_cancelled")),
        sa.CheckConstraint("(status = 'pending') = (expires_at IS NOT NULL)", name=op.f("ck_bookings_pending_expires")),
        sa.CheckConstraint(
            "(status = 'pending') = (pending_reason IS NOT NULL)", name=op.f("ck_bookings_pending_reason")
        ),
        lawful_interval("ck_bookings_interval"),
        sa.CheckConstraint("party_size > 0", name=op.f("ck_bookings_party_size")),
        sa.CheckConstraint(
            "total_amount >= 0 AND paid_amount >= 0 AND late_cancel_fee_amount >= 0 AND no_show_fee_amount >= 0 AND deposit_amount >= 0 AND deposit_amount <= total_amount AND (cancel_fee_amount IS NULL OR cancel_fee_amount >= 0)",
            name=op.f("ck_bookings_amounts"),
        ),
        sa.ForeignKeyConstraint(["cancelled_by"], ["users.id"], name=op.f("fk_bookings_cancelled_by_users")),
        sa.ForeignKeyConstraint(["client_id"], ["users.id"], name=op.f("fk_bookings_client_id_users")),
        sa.ForeignKeyConstraint(["created_by"], ["users.id"], name=op.f("fk_bookings_created_by_users")),
        sa.ForeignKeyConstraint(["space_id"], ["spaces.id"], name=op.f("fk_bookings_space_id_spaces")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_bookings")),
        sa.UniqueConstraint("reference", name=op.f("uq_bookings_reference")),
    )
    op.create_index("ix_bookings_client_id", "bookings", ["client_id", "starts_at", "id"], unique=False)
    op.create_index("ix_bookings_client_id_created_at", "bookings", ["client_id", "created_at", "id"], unique=False)
    op.create_index("ix_bookings_created_at", "bookings", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_bookings_expires_at",
        "bookings",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("status = 'pending'"),
        sqlite_where=sa.text("status = 'pending'"),
    )
    op.create_index("ix_bookings_space_id", "bookings", ["space_id", "starts_at"], unique=False)
    op.create_index("ix_bookings_starts_at", "bookings", ["starts_at", "id"], unique=False)
    op.create_table(
        "allocations",
        sa.Column("id", BIG, nullable=False),
        sa.Column("resource_id", BIG, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("booking_id", BIG, nullable=True),
        sa.Column("hold_id", BIG, nullable=True),
        sa.Column("closure_id", BIG, nullable=True),
        sa.Column("expires_at", INSTANT, nullable=True),
        *no_overlap(),
        lawful_interval("ck_allocations_interval"),
        sa.CheckConstraint(
            "(CASE WHEN booking_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN hold_id IS NULL THEN 0 ELSE 1 END) + (CASE WHEN closure_id IS NULL THEN 0 ELSE 1 END) = 1",
            name=op.f("ck_allocations_one_cause"),
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_allocations_booking_id_bookings")),
        sa.ForeignKeyConstraint(["closure_id"], ["closures.id"], name=op.f("fk_allocations_closure_id_closures")),
        sa.ForeignKeyConstraint(["hold_id"], ["holds.id"], name=op.f("fk_allocations_hold_id_holds")),
        sa.ForeignKeyConstraint(["resource_id"], ["resources.id"], name=op.f("fk_allocations_resource_id_resources")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_allocations")),
    )
    op.create_index(
        "ix_allocations_expires_at",
        "allocations",
        ["resource_id", "expires_at"],
        unique=False,
        postgresql_where=sa.text("expires_at IS NOT NULL"),
        sqlite_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index("ix_allocations_booking_id", "allocations", ["booking_id"], unique=False)
    op.create_index("ix_allocations_closure_id", "allocations", ["closure_id"], unique=False)
    op.create_index("ix_allocations_hold_id", "allocations", ["hold_id"], unique=False)
    op.create_index(
        "ix_allocations_resource_id",
        "allocations",
        ["resource_id", "starts_at"],
        unique=False,
        postgresql_include=["ends_at"],
    )
    op.create_table(
        "booking_history",
        sa.Column("id", BIG, nullable=False),
        sa.Column("booking_id", BIG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column(
            "step",
            sa.Enum(
                "create",
                "approve",
                "decline",
                "cancel",
                "complete",
                "no_show",
                "expire",
                "reassign",
                name="step",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column(
            "from_status",
            sa.Enum(
                "pending",
                "confirmed",
                "declined",
                "expired",
                "cancelled",
                "completed",
                "no_show",
                name="from_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=True,
        ),
        sa.Column(
            "to_status",
            sa.Enum(
                "pending",
                "confirmed",
                "declined",
                "expired",
                "cancelled",
                "completed",
                "no_show",
                name="to_status",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_booking_history_actor_id_users")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_booking_history_booking_id_bookings")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_history")),
    )
    op.create_index("ix_booking_history_booking_id", "booking_history", ["booking_id", "id"], unique=False)
    op.create_table(
        "booking_items",
        sa.Column("id", BIG, nullable=False),
        sa.Column("booking_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("service_id", BIG, nullable=True),
        sa.Column("service_name", sa.String(length=200), nullable=True),
        sa.Column("staff_id", BIG, nullable=True),
        sa.Column("staff_name", sa.String(length=200), nullable=True),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("buffer_before_minutes", sa.Integer(), nullable=False),
        sa.Column("buffer_after_minutes", sa.Integer(), nullable=False),
        sa.Column("price_amount", BIG, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        lawful_interval("ck_booking_items_interval"),
        sa.CheckConstraint(
            "(service_id IS NULL) = (staff_id IS NULL)", name=op.f("ck_booking_items_service_and_staff")
        ),
        sa.CheckConstraint(
            "buffer_before_minutes >= 0 AND buffer_after_minutes >= 0", name=op.f("ck_booking_items_buffers")
        ),
        sa.CheckConstraint("price_amount >= 0", name=op.f("ck_booking_items_price")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_booking_items_booking_id_bookings")),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_booking_items_service_id_services")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_booking_items_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_booking_items")),
        sa.UniqueConstraint("booking_id", "position", name=op.f("uq_booking_items_booking_id_position")),
    )
    op.create_index("ix_booking_items_service_id", "booking_items", ["service_id", "starts_at"], unique=False)
    op.create_index("ix_booking_items_staff_id", "booking_items", ["staff_id", "starts_at"], unique=False)
    if not on_postgresql():
        create_overlap_triggers()


def downgrade() -> None:
    """Drop every table, children first."""
    for table in (
        "booking_items",
        "booking_history",
        "allocations",
        "bookings",
        "assignments",
        "staff",
        "spaces",
        "services",
        "opening_rules",
        "holds",
        "day_hours",
        "closures",
        "users",
        "service_categories",
        "resources",
        "outbox_events",
    ):
        op.drop_table(table)
