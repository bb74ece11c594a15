"""Reviews and what they are about, the counts of what they rate, and testimonials.

Columns are added by plain SQL: both databases take their checks in one statement, and SQLite need not rebuild the
tables. PostgreSQL works the score out when a count changes, SQLite when it is read or indexed.
"""

import sqlalchemy as sa
from alembic import op

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
RATED = ("services", "resources")
STARS = (1, 2, 3, 4, 5)
COUNTED = " + ".join(f"rating_{stars}" for stars in STARS)
ADDED_UP = " + ".join(f"{stars} * rating_{stars}" for stars in STARS)
SCORE = f"1000 * (15 + {ADDED_UP}) / (5 + {COUNTED})"
PUBLISHED, HIDDEN = sa.text("status = 'published'"), sa.text("status = 'hidden'")


def word(*words: str) -> sa.Enum:
    """Return the type of a column `status` that holds one of `words`."""
    return sa.Enum(*words, name="status", native_enum=False, create_constraint=True, length=32)


def count_reviews_of(table: str) -> None:
    """Add the counts of reviews to a table, and the score that follows from them."""
    dialect = op.get_bind().dialect
    kind = BIG.compile(dialect=dialect)
    for stars in STARS:
        check = f"CONSTRAINT ck_{table}_rating_{stars} CHECK (rating_{stars} >= 0)"
        op.execute(f"ALTER TABLE {table} ADD COLUMN rating_{stars} {kind} DEFAULT 0 NOT NULL {check}")
    when = "STORED" if dialect.name == "postgresql" else "VIRTUAL"
    op.execute(f"ALTER TABLE {table} ADD COLUMN rating_score {kind} GENERATED ALWAYS AS ({SCORE}) {when}")


def create_reviews() -> None:
    """Create the table of reviews."""
    op.create_table(
        "reviews",
        sa.Column("id", BIG, nullable=False),
        sa.Column("booking_id", BIG, nullable=False),
        sa.Column("author_id", BIG, nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("comment", sa.String(length=2000), nullable=False),
        sa.Column("status", word("published", "hidden"), nullable=False),
        sa.Column("status_reason", sa.String(length=500), nullable=False),
        sa.Column("reply_text", sa.String(length=2000), nullable=True),
        sa.Column("replied_by", BIG, nullable=True),
        sa.Column("replied_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_reviews_rating")),
        sa.CheckConstraint(
            "(reply_text IS NULL) = (replied_at IS NULL) AND (reply_text IS NULL) = (replied_by IS NULL)",
            name=op.f("ck_reviews_reply"),
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_reviews_booking_id_bookings")),
        sa.ForeignKeyConstraint(["author_id"], ["users.id"], name=op.f("fk_reviews_author_id_users")),
        sa.ForeignKeyConstraint(["replied_by"], ["users.id"], name=op.f("fk_reviews_replied_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reviews")),
        sa.UniqueConstraint("id", "rating", "created_at", name=op.f("uq_reviews_copied")),
    )
    op.create_index("uq_reviews_booking_id", "reviews", ["booking_id"], unique=True)
    op.create_index("ix_reviews_author_id", "reviews", ["author_id", "created_at", "id"], unique=False)
    op.create_index("ix_reviews_created_at", "reviews", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_reviews_rating",
        "reviews",
        ["rating", "id"],
        unique=False,
        postgresql_where=PUBLISHED,
        sqlite_where=PUBLISHED,
    )
    op.create_index(
        "ix_reviews_hidden",
        "reviews",
        ["created_at", "id"],
        unique=False,
        postgresql_where=HIDDEN,
        sqlite_where=HIDDEN,
    )


def create_subjects() -> None:
    """Create the table of what they are about."""
    op.create_table(
        "review_subjects",
        sa.Column("id", BIG, nullable=False),
        sa.Column("review_id", BIG, nullable=False),
        sa.Column("service_id", BIG, nullable=True),
        sa.Column("resource_id", BIG, nullable=True),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "(service_id IS NULL) <> (resource_id IS NULL)", name=op.f("ck_review_subjects_one_subject")
        ),
        sa.ForeignKeyConstraint(
            ["review_id", "rating", "created_at"],
            ["reviews.id", "reviews.rating", "reviews.created_at"],
            name=op.f("fk_review_subjects_review_id_reviews"),
            onupdate="CASCADE",
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_review_subjects_service_id_services")),
        sa.ForeignKeyConstraint(
            ["resource_id"], ["resources.id"], name=op.f("fk_review_subjects_resource_id_resources")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_review_subjects")),
        sa.UniqueConstraint("review_id", "service_id", name=op.f("uq_review_subjects_review_id_service_id")),
        sa.UniqueConstraint("review_id", "resource_id", name=op.f("uq_review_subjects_review_id_resource_id")),
    )
    for column in ("service_id", "resource_id"):
        name = f"ix_review_subjects_{column}"
        op.create_index(name, "review_subjects", [column, "created_at", "review_id"], unique=False)
        op.create_index(f"{name}_rating", "review_subjects", [column, "rating", "review_id"], unique=False)


def create_testimonials() -> None:
    """Create the table of testimonials."""
    op.create_table(
        "testimonials",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("content", sa.String(length=2000), nullable=False),
        sa.Column("rating", sa.Integer(), nullable=False),
        sa.Column("status", word("pending", "published", "hidden"), nullable=False),
        sa.Column("status_reason", sa.String(length=500), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint("rating BETWEEN 1 AND 5", name=op.f("ck_testimonials_rating")),
        sa.CheckConstraint("length(content) > 0", name=op.f("ck_testimonials_content")),
        sa.CheckConstraint("number BETWEEN 1 AND 5", name=op.f("ck_testimonials_number")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_testimonials_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_testimonials")),
    )
    op.create_index("uq_testimonials_user_id", "testimonials", ["user_id", "number"], unique=True)
    op.create_index("ix_testimonials_created_at", "testimonials", ["status", "created_at", "id"], unique=False)
    op.create_index("ix_testimonials_rating", "testimonials", ["status", "rating", "id"], unique=False)


def upgrade() -> None:
    """Create the tables, and count from nought."""
    for table in RATED:
        count_reviews_of(table)
    op.create_index("ix_resources_kind_rating", "resources", ["kind", "rating_score", "id"], unique=False)
    create_reviews()
    create_subjects()
    create_testimonials()


def downgrade() -> None:
    """Drop them all."""
    for table in ("testimonials", "review_subjects", "reviews"):
        op.drop_table(table)
    op.drop_index("ix_resources_kind_rating", "resources")
    for table in RATED:
        for column in ("rating_score", *(f"rating_{stars}" for stars in STARS)):
            op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
