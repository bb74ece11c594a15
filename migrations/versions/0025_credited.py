"""What credit notes have taken off the price of a booking: nobody owes it any more."""

from alembic import op

revision = "0025"
down_revision = "0024"
branch_labels = None
depends_on = None

CREDITED = (
    "SELECT coalesce(sum(invoices.total_amount), 0) FROM invoices"
    " WHERE invoices.booking_id = bookings.id AND invoices.kind = 'credit_note'"
)


def upgrade() -> None:
    """Add the column, and what has been credited so far."""
    rule = "CONSTRAINT ck_bookings_credited CHECK (credited_amount >= 0)"
    op.execute(f"ALTER TABLE bookings ADD COLUMN credited_amount BIGINT NOT NULL DEFAULT 0 {rule}")
    noted = "SELECT booking_id FROM invoices WHERE kind = 'credit_note' AND booking_id IS NOT NULL"
    op.execute(f"UPDATE bookings SET credited_amount = ({CREDITED}) WHERE id IN ({noted})")  # noqa: S608  # no input


def downgrade() -> None:
    """Remove it."""
    op.drop_column("bookings", "credited_amount")
