"""What no migration may do: the whole table is written anew, and nobody may use it meanwhile."""

import sqlalchemy as sa
from alembic import op

revision = "s4"
down_revision = "s3"


def upgrade() -> None:
    """Change a type."""
    op.alter_column("bookings", "total_amount", type_=sa.Numeric())


def downgrade() -> None:
    """Change it back."""
    op.alter_column("bookings", "total_amount", type_=sa.BigInteger())
