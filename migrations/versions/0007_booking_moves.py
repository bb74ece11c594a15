"""Bookings move, change and are paid: three more words for the steps of their history.

SQLite rebuilds the table, and reflection forgets its checks: it is written out, as revision 0001 made it.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

STATUSES = ("pending", "confirmed", "declined", "expired", "cancelled", "completed", "no_show")
STEPS_BEFORE = ("create", "approve", "decline", "cancel", "complete", "no_show", "expire", "reassign")
STEPS = (*STEPS_BEFORE, "reschedule", "change", "pay")
RULE = "ck_booking_history_step"


def words(name: str, *those: str) -> sa.Enum:
    """Return the type of a column that holds one of `those` words."""
    return sa.Enum(*those, name=name, native_enum=False, create_constraint=True, length=32)


def history(steps: tuple[str, ...]) -> sa.Table:
    """Return `booking_history` with the CHECK for `steps`."""
    return sa.Table(
        "booking_history",
        sa.MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s"}),
        sa.Column("id", BIG, nullable=False),
        sa.Column("booking_id", BIG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("step", words("step", *steps), nullable=False),
        sa.Column("from_status", words("from_status", *STATUSES), nullable=True),
        sa.Column("to_status", words("to_status", *STATUSES), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("details", JSON, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name="fk_booking_history_actor_id_users"),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name="fk_booking_history_booking_id_bookings"),
        sa.PrimaryKeyConstraint("id", name="pk_booking_history"),
        sa.Index("ix_booking_history_booking_id", "booking_id", "id"),
    )


def allow(steps: tuple[str, ...]) -> None:
    """Let the history hold these steps and no others."""
    if op.get_bind().dialect.name == "postgresql":
        op.drop_constraint(op.f(RULE), "booking_history", type_="check")
        listed = ", ".join(f"'{step}'" for step in steps)
        op.create_check_constraint(op.f(RULE), "booking_history", f"step IN ({listed})")
        return
    with op.batch_alter_table("booking_history", copy_from=history(steps), recreate="always"):
        pass


def upgrade() -> None:
    """Allow the new words."""
    allow(STEPS)


def downgrade() -> None:
    """Allow them no more; what they told is told as the oldest word for a change."""
    op.execute("UPDATE booking_history SET step = 'reassign' WHERE step IN ('reschedule', 'change', 'pay')")
    allow(STEPS_BEFORE)
