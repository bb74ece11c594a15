"""Pictures. Addresses of pictures elsewhere, which nothing could ever write, make room for them."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
SUBJECTS = {"resource_id": "resources", "service_id": "services", "user_id": "users"}
ONE_SUBJECT = " + ".join(f"(CASE WHEN {name} IS NULL THEN 0 ELSE 1 END)" for name in SUBJECTS) + " = 1"
COVER = sa.text("is_cover")
MEDIA_TYPE = sa.Enum(
    "image/jpeg", "image/png", "image/webp", name="media_type", native_enum=False, create_constraint=True, length=32
)


def upgrade() -> None:
    """Create the table; drop the columns."""
    op.create_table(
        "images",
        sa.Column("id", BIG, nullable=False),
        *(sa.Column(name, BIG, nullable=True) for name in SUBJECTS),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("alt", sa.String(length=300), nullable=False),
        sa.Column("is_cover", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("media_type", MEDIA_TYPE, nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(ONE_SUBJECT, name=op.f("ck_images_one_subject")),
        sa.CheckConstraint("number BETWEEN 1 AND 20", name=op.f("ck_images_number")),
        sa.CheckConstraint("user_id IS NULL OR number = 1", name=op.f("ck_images_avatar")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_images_position")),
        sa.CheckConstraint("width BETWEEN 1 AND 800 AND height BETWEEN 1 AND 800", name=op.f("ck_images_size")),
        *(
            sa.ForeignKeyConstraint([name], [f"{table}.id"], name=op.f(f"fk_images_{name}_{table}"))
            for name, table in SUBJECTS.items()
        ),
        *(sa.UniqueConstraint(name, "number", name=op.f(f"uq_images_{name}_number")) for name in SUBJECTS),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_images")),
        sa.UniqueConstraint("key", name=op.f("uq_images_key")),
    )
    for name in SUBJECTS:
        op.create_index(
            f"uq_images_cover_{name}", "images", [name], unique=True, postgresql_where=COVER, sqlite_where=COVER
        )
    for table in ("users", "staff"):
        op.execute(f"ALTER TABLE {table} DROP COLUMN avatar_url")


def downgrade() -> None:
    """Drop the table; the columns come back empty."""
    for table in ("users", "staff"):
        op.execute(f"ALTER TABLE {table} ADD COLUMN avatar_url VARCHAR(500)")
    op.drop_table("images")
