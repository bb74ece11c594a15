"""Products have pictures.

PostgreSQL changes the table where it is. SQLite cannot take back a CHECK: there the table is written anew.
"""

from collections.abc import Collection

import sqlalchemy as sa
from alembic import op

revision = "0015"
down_revision = "0014"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
TABLES = {"resource_id": "resources", "service_id": "services", "user_id": "users", "product_id": "products"}
BEFORE = ("resource_id", "service_id", "user_id")
KEPT = (
    "id, resource_id, service_id, user_id, number, position, alt, is_cover, key, media_type, width, height, created_at"
)
COVER = sa.text("is_cover")


def one_subject(subjects: Collection[str]) -> str:
    """Return the rule that exactly one of these columns is filled."""
    return " + ".join(f"(CASE WHEN {name} IS NULL THEN 0 ELSE 1 END)" for name in subjects) + " = 1"


def index_covers(subjects: Collection[str]) -> None:
    """Let each of these have one cover at most."""
    for name in subjects:
        op.create_index(
            f"uq_images_cover_{name}", "images", [name], unique=True, postgresql_where=COVER, sqlite_where=COVER
        )


def write_anew(subjects: Collection[str]) -> None:
    """Put a table of pictures of these subjects in the place of the present one, with all pictures that it may have."""
    op.create_table(
        "images_anew",
        sa.Column("id", BIG, nullable=False),
        *(sa.Column(name, BIG, nullable=True) for name in subjects),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("alt", sa.String(length=300), nullable=False),
        sa.Column("is_cover", sa.Boolean(), nullable=False),
        sa.Column("key", sa.String(length=100), nullable=False),
        sa.Column("media_type", sa.String(length=32), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(one_subject(subjects), name=op.f("ck_images_one_subject")),
        sa.CheckConstraint(
            "media_type IN ('image/jpeg', 'image/png', 'image/webp')", name=op.f("ck_images_media_type")
        ),
        sa.CheckConstraint("number BETWEEN 1 AND 20", name=op.f("ck_images_number")),
        sa.CheckConstraint("user_id IS NULL OR number = 1", name=op.f("ck_images_avatar")),
        sa.CheckConstraint("position >= 0", name=op.f("ck_images_position")),
        sa.CheckConstraint("width BETWEEN 1 AND 800 AND height BETWEEN 1 AND 800", name=op.f("ck_images_size")),
        *(
            sa.ForeignKeyConstraint([name], [f"{TABLES[name]}.id"], name=op.f(f"fk_images_{name}_{TABLES[name]}"))
            for name in subjects
        ),
        *(sa.UniqueConstraint(name, "number", name=op.f(f"uq_images_{name}_number")) for name in subjects),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_images")),
        sa.UniqueConstraint("key", name=op.f("uq_images_key")),
    )
    op.execute(f"INSERT INTO images_anew ({KEPT}) SELECT {KEPT} FROM images")  # noqa: S608  # our own words
    op.drop_table("images")
    op.rename_table("images_anew", "images")
    index_covers(subjects)


def change_rule(subjects: Collection[str]) -> None:
    """Let exactly one of these columns be filled, and no other (PostgreSQL)."""
    op.drop_constraint(op.f("ck_images_one_subject"), "images", type_="check")
    op.create_check_constraint(op.f("ck_images_one_subject"), "images", one_subject(subjects))


def upgrade() -> None:
    """Add the column, and what makes an album of a product's pictures."""
    if op.get_bind().dialect.name == "sqlite":
        write_anew(TABLES)
        return
    op.add_column("images", sa.Column("product_id", BIG, nullable=True))
    op.create_foreign_key(op.f("fk_images_product_id_products"), "images", "products", ["product_id"], ["id"])
    op.create_unique_constraint(op.f("uq_images_product_id_number"), "images", ["product_id", "number"])
    index_covers(["product_id"])
    change_rule(TABLES)


def downgrade() -> None:
    """Drop the column, and with it the rows of products' pictures; their files stay."""
    op.execute("DELETE FROM images WHERE product_id IS NOT NULL")
    if op.get_bind().dialect.name == "sqlite":
        write_anew(BEFORE)
        return
    change_rule(BEFORE)
    op.drop_column("images", "product_id")
