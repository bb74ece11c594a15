"""What clients may need next: what the nightly job finds, what the business links itself, and who wants none of it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0022"
down_revision = "0021"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")
REASONS = ("due", "similar_clients", "bought_together", "goes_with_service")
THINGS = ("service", "product")


def reason() -> sa.Enum:
    """Return the type of the column that says why."""
    return sa.Enum(*REASONS, name="reason", native_enum=False, create_constraint=True, length=32)


def refers(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    """Return the reference of a column to the ids of another table."""
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=op.f(f"fk_{table}_{column}_{other}"))


def names_one_thing(table: str) -> tuple[sa.Constraint, ...]:
    """Return what holds of each table whose rows name a service or a product, in order and with a score."""
    return (
        sa.CheckConstraint("(service_id IS NULL) <> (product_id IS NULL)", name=op.f(f"ck_{table}_one_thing")),
        sa.CheckConstraint("position >= 0", name=op.f(f"ck_{table}_position")),
        sa.CheckConstraint("score BETWEEN 0 AND 1", name=op.f(f"ck_{table}_score")),
        refers(table, "model_id", "recommendation_models"),
        refers(table, "service_id", "services"),
        refers(table, "product_id", "products"),
    )


def create_models() -> None:
    """Create the table of the job's runs."""
    op.create_table(
        "recommendation_models",
        sa.Column("id", BIG, nullable=False),
        sa.Column("day", sa.Date(), nullable=False),
        sa.Column("started_at", INSTANT, nullable=False),
        sa.Column("computed_at", INSTANT, nullable=True),
        sa.Column("clients", sa.Integer(), nullable=False),
        sa.CheckConstraint("clients >= 0", name=op.f("ck_recommendation_models_clients")),
        sa.CheckConstraint(
            "computed_at IS NULL OR computed_at >= started_at", name=op.f("ck_recommendation_models_computed")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_recommendation_models")),
    )


def create_recommended() -> None:
    """Create the table of what it found for each client."""
    table = "recommended_things"
    op.create_table(
        table,
        sa.Column("model_id", BIG, autoincrement=False, nullable=False),
        sa.Column("client_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("service_id", BIG, nullable=True),
        sa.Column("product_id", BIG, nullable=True),
        sa.Column("score", sa.Float(), nullable=False),
        sa.Column("reason", reason(), nullable=False),
        sa.Column("because", JSON, nullable=False),
        sa.Column("due_on", sa.Date(), nullable=True),
        sa.Column("usual_interval_days", sa.Integer(), nullable=True),
        sa.CheckConstraint(
            "(reason IN ('due', 'similar_clients')) = (service_id IS NOT NULL)", name=op.f(f"ck_{table}_reason_kind")
        ),
        sa.CheckConstraint(
            "(reason = 'due') = (due_on IS NOT NULL) AND (reason = 'due') = (usual_interval_days IS NOT NULL)",
            name=op.f(f"ck_{table}_due"),
        ),
        sa.CheckConstraint("usual_interval_days > 0", name=op.f(f"ck_{table}_usual_interval")),
        *names_one_thing(table),
        refers(table, "client_id", "users"),
        sa.PrimaryKeyConstraint("model_id", "client_id", "position", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_client_id", table, ["client_id"], unique=False)


def create_popular() -> None:
    """Create the table of what many take."""
    table = "popular_things"
    op.create_table(
        table,
        sa.Column("model_id", BIG, autoincrement=False, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("service_id", BIG, nullable=True),
        sa.Column("product_id", BIG, nullable=True),
        sa.Column("score", sa.Float(), nullable=False),
        *names_one_thing(table),
        sa.PrimaryKeyConstraint("model_id", "position", name=op.f(f"pk_{table}")),
    )


def create_links() -> None:
    """Create the table of what the business links, each pair of things once."""
    table = "curated_links"
    op.create_table(
        table,
        sa.Column("id", BIG, nullable=False),
        *(sa.Column(f"{end}_{thing}_id", BIG, nullable=True) for end in ("from", "to") for thing in THINGS),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint("(from_service_id IS NULL) <> (from_product_id IS NULL)", name=op.f(f"ck_{table}_from")),
        sa.CheckConstraint("(to_service_id IS NULL) <> (to_product_id IS NULL)", name=op.f(f"ck_{table}_to")),
        sa.CheckConstraint(
            "from_service_id <> to_service_id AND from_product_id <> to_product_id", name=op.f(f"ck_{table}_itself")
        ),
        sa.CheckConstraint("position BETWEEN 0 AND 10000", name=op.f(f"ck_{table}_position")),
        *(refers(table, f"{end}_{thing}_id", f"{thing}s") for end in ("from", "to") for thing in THINGS),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_position", table, ["position", "id"], unique=False)
    op.create_index(f"ix_{table}_created_at", table, ["created_at", "id"], unique=False)
    for thing in THINGS:
        op.create_index(f"ix_{table}_from_{thing}_id", table, [f"from_{thing}_id"], unique=False)
    for source in THINGS:
        for target in THINGS:
            columns = [f"from_{source}_id", f"to_{target}_id"]
            both = sa.text(" AND ".join(f"{column} IS NOT NULL" for column in columns))
            name = f"uq_{table}_{source}_{target}"
            op.create_index(name, table, columns, unique=True, postgresql_where=both, sqlite_where=both)


def create_opt_outs() -> None:
    """Create the table of who wants none of it."""
    table = "recommendation_opt_outs"
    op.create_table(
        table,
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        refers(table, "user_id", "users"),
        sa.PrimaryKeyConstraint("user_id", name=op.f(f"pk_{table}")),
    )


def upgrade() -> None:
    """Create the five tables."""
    create_models()
    create_recommended()
    create_popular()
    create_links()
    create_opt_outs()


def downgrade() -> None:
    """Drop them."""
    for table in ("recommendation_opt_outs", "curated_links", "popular_things", "recommended_things"):
        op.drop_table(table)
    op.drop_table("recommendation_models")
