"""Who waits for time to be freed, and what they have been offered of it."""

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
OPEN, WAITING = sa.text("state = 'open'"), sa.text("state = 'waiting'")


def lawful_interval(name: str) -> sa.CheckConstraint:
    """Return the dialect's CHECK against empty, endless and over-long intervals."""
    rule = (
        "isfinite(starts_at) AND isfinite(ends_at) AND starts_at < ends_at"
        " AND ends_at - starts_at <= interval '366 days'"
        if op.get_bind().dialect.name == "postgresql"
        else "length(starts_at) = 26 AND length(ends_at) = 26 AND starts_at < ends_at"
        " AND julianday(ends_at) - julianday(starts_at) <= 366"
    )
    return sa.CheckConstraint(rule, name=op.f(name))


def word(*words: str) -> sa.Enum:
    """Return the type of a column `state` that holds one of `words`."""
    return sa.Enum(*words, name="state", native_enum=False, create_constraint=True, length=32)


def create_entries() -> None:
    """Create the table of those who wait."""
    op.create_table(
        "waitlist_entries",
        sa.Column("id", BIG, nullable=False),
        sa.Column("client_id", BIG, nullable=False),
        sa.Column("service_id", BIG, nullable=False),
        sa.Column("staff_id", BIG, nullable=True),
        sa.Column("first_day", sa.Date(), nullable=False),
        sa.Column("last_day", sa.Date(), nullable=False),
        sa.Column("days", sa.Integer(), nullable=False),
        sa.Column("times", sa.String(length=200), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("state", word("waiting", "booked", "withdrawn"), nullable=False),
        sa.Column("booking_id", BIG, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        lawful_interval("ck_waitlist_entries_interval"),
        sa.CheckConstraint("first_day <= last_day", name=op.f("ck_waitlist_entries_dates")),
        sa.CheckConstraint("days BETWEEN 1 AND 127", name=op.f("ck_waitlist_entries_days")),
        sa.CheckConstraint("(state = 'booked') = (booking_id IS NOT NULL)", name=op.f("ck_waitlist_entries_booked")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_waitlist_entries_booking_id_bookings")),
        sa.ForeignKeyConstraint(["client_id"], ["users.id"], name=op.f("fk_waitlist_entries_client_id_users")),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_waitlist_entries_service_id_services")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_waitlist_entries_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_entries")),
    )
    for column in ("client_id", "service_id", "state"):
        op.create_index(f"ix_waitlist_entries_{column}", "waitlist_entries", [column, "created_at", "id"], unique=False)
    op.create_index("ix_waitlist_entries_created_at", "waitlist_entries", ["created_at", "id"], unique=False)
    op.create_index("ix_waitlist_entries_booking_id", "waitlist_entries", ["booking_id"], unique=False)
    op.create_index(
        "ix_waitlist_entries_waiting",
        "waitlist_entries",
        ["service_id", "ends_at"],
        unique=False,
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )
    op.create_index(
        "uq_waitlist_entries_wish",
        "waitlist_entries",
        ["client_id", "service_id", sa.text("coalesce(staff_id, 0)"), "first_day", "last_day", "days", "times"],
        unique=True,
        postgresql_where=WAITING,
        sqlite_where=WAITING,
    )


def create_offers() -> None:
    """Create the table of what they have been offered."""
    op.create_table(
        "waitlist_offers",
        sa.Column("id", BIG, nullable=False),
        sa.Column("entry_id", BIG, nullable=False),
        sa.Column("hold_id", BIG, nullable=False),
        sa.Column("staff_id", BIG, nullable=False),
        sa.Column("starts_at", INSTANT, nullable=False),
        sa.Column("ends_at", INSTANT, nullable=False),
        sa.Column("state", word("open", "accepted", "declined", "lapsed"), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        lawful_interval("ck_waitlist_offers_interval"),
        sa.ForeignKeyConstraint(
            ["entry_id"], ["waitlist_entries.id"], name=op.f("fk_waitlist_offers_entry_id_waitlist_entries")
        ),
        sa.ForeignKeyConstraint(["hold_id"], ["holds.id"], name=op.f("fk_waitlist_offers_hold_id_holds")),
        sa.ForeignKeyConstraint(["staff_id"], ["staff.id"], name=op.f("fk_waitlist_offers_staff_id_staff")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_waitlist_offers")),
        sa.UniqueConstraint(
            "entry_id", "staff_id", "starts_at", name=op.f("uq_waitlist_offers_entry_id_staff_id_starts_at")
        ),
        sa.UniqueConstraint("hold_id", name=op.f("uq_waitlist_offers_hold_id")),
    )
    op.create_index(
        "uq_waitlist_offers_open",
        "waitlist_offers",
        ["entry_id"],
        unique=True,
        postgresql_where=OPEN,
        sqlite_where=OPEN,
    )
    op.create_index("ix_waitlist_offers_staff_id", "waitlist_offers", ["staff_id", "starts_at"], unique=False)


def upgrade() -> None:
    """Create the tables."""
    create_entries()
    create_offers()


def downgrade() -> None:
    """Drop them."""
    op.drop_table("waitlist_offers")
    op.drop_table("waitlist_entries")
