"""What services use up; gift cards and packages, with a ledger each.

Movements of both ledgers are only ever added; the database refuses to change or remove one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0015"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
LEDGERS = {"gift_card_movements": "gift_cards", "package_movements": "packages"}
"""Each ledger, and the things whose balances it explains."""


def create_service_consumables() -> None:
    """Create the table of what services use."""
    op.create_table(
        "service_consumables",
        sa.Column("service_id", BIG, nullable=False),
        sa.Column("product_id", BIG, nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.CheckConstraint("quantity BETWEEN 1 AND 10000", name=op.f("ck_service_consumables_quantity")),
        sa.ForeignKeyConstraint(
            ["product_id"], ["products.id"], name=op.f("fk_service_consumables_product_id_products")
        ),
        sa.ForeignKeyConstraint(
            ["service_id"], ["services.id"], name=op.f("fk_service_consumables_service_id_services")
        ),
        sa.PrimaryKeyConstraint("service_id", "product_id", name=op.f("pk_service_consumables")),
    )
    op.create_index("ix_service_consumables_product_id", "service_consumables", ["product_id"], unique=False)


def create_gift_cards() -> None:
    """Create the table of gift cards."""
    create_prepaid(
        "gift_cards",
        sa.Column("client_id", BIG, nullable=True),
        sa.Column("code", sa.String(length=16), nullable=False),
        sa.CheckConstraint("length(code) = 16", name=op.f("ck_gift_cards_code")),
        sa.CheckConstraint("value BETWEEN 1 AND 1000000000000000", name=op.f("ck_gift_cards_value")),
        sa.UniqueConstraint("code", name=op.f("uq_gift_cards_code")),
    )


def create_packages() -> None:
    """Create the table of packages."""
    create_prepaid(
        "packages",
        sa.Column("client_id", BIG, nullable=False),
        sa.Column("service_id", BIG, nullable=False),
        sa.Column("price_amount", BIG, nullable=False),
        sa.CheckConstraint("value BETWEEN 1 AND 1000", name=op.f("ck_packages_value")),
        sa.CheckConstraint("expires_at IS NOT NULL", name=op.f("ck_packages_expires")),
        sa.CheckConstraint("price_amount >= 0", name=op.f("ck_packages_price")),
        sa.ForeignKeyConstraint(["service_id"], ["services.id"], name=op.f("fk_packages_service_id_services")),
    )
    columns = ["client_id", "service_id", "expires_at", "id"]
    op.create_index("ix_packages_service_id", "packages", columns, unique=False)


def create_prepaid(table: str, *own: sa.Column | sa.Constraint) -> None:
    """Create a table of what was paid ahead: what all of them have, and its own columns and rules."""
    op.create_table(
        table,
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("product_id", BIG, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("value", BIG, nullable=False),
        sa.Column("balance", BIG, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("sold_by", BIG, nullable=True),
        sa.Column("voided_at", INSTANT, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        *own,
        sa.CheckConstraint("0 <= balance AND balance <= value", name=op.f(f"ck_{table}_balance")),
        sa.CheckConstraint("voided_at IS NULL OR balance = 0", name=op.f(f"ck_{table}_void")),
        sa.ForeignKeyConstraint(["client_id"], ["users.id"], name=op.f(f"fk_{table}_client_id_users")),
        sa.ForeignKeyConstraint(["sold_by"], ["users.id"], name=op.f(f"fk_{table}_sold_by_users")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f(f"fk_{table}_order_id_orders")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f(f"fk_{table}_product_id_products")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
        sa.UniqueConstraint("order_id", "product_id", "number", name=op.f(f"uq_{table}_order_id_product_id_number")),
    )
    op.create_index(f"ix_{table}_client_id", table, ["client_id", "created_at", "id"], unique=False)
    op.create_index(f"ix_{table}_created_at", table, ["created_at", "id"], unique=False)
    op.create_index(
        f"ix_{table}_expires_at",
        table,
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("balance > 0"),
        sqlite_where=sa.text("balance > 0"),
    )


def create_ledger(table: str, things: str) -> None:
    """Create the ledger of the balances of `things`."""
    kinds = ("issue", "spend", "give_back", "expire", "void")
    op.create_table(
        table,
        sa.Column("id", BIG, nullable=False),
        sa.Column("prepaid_id", BIG, nullable=False),
        sa.Column("spend_id", BIG, nullable=True),
        sa.Column(
            "kind", sa.Enum(*kinds, name="kind", native_enum=False, create_constraint=True, length=32), nullable=False
        ),
        sa.Column("change", BIG, nullable=False),
        sa.Column("balance_after", BIG, nullable=False),
        sa.Column("reference", sa.String(length=64), nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "(kind = 'issue' AND change > 0 AND balance_after = change AND reference = '' AND spend_id IS NULL) OR (kind = 'spend' AND change < 0 AND reference <> '' AND spend_id IS NULL) OR (kind = 'give_back' AND change > 0 AND reference <> '' AND spend_id IS NOT NULL) OR (kind = 'expire' AND change < 0 AND balance_after = 0 AND reference = '' AND spend_id IS NULL) OR (kind = 'void' AND change < 0 AND balance_after = 0 AND reference = '' AND spend_id IS NULL)",
            name=op.f(f"ck_{table}_lawful"),
        ),
        sa.CheckConstraint("balance_after >= 0", name=op.f(f"ck_{table}_balance")),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f(f"fk_{table}_actor_id_users")),
        sa.ForeignKeyConstraint(["prepaid_id"], [f"{things}.id"], name=op.f(f"fk_{table}_prepaid_id_{things}")),
        sa.ForeignKeyConstraint(["spend_id"], [f"{table}.id"], name=op.f(f"fk_{table}_spend_id_{table}")),
        sa.PrimaryKeyConstraint("id", name=op.f(f"pk_{table}")),
    )
    op.create_index(f"ix_{table}_prepaid_id", table, ["prepaid_id", "created_at", "id"], unique=False)
    for name, columns, rule in (
        ("prepaid_id", ["prepaid_id"], "kind = 'issue'"),
        ("reference", ["reference", "kind"], "reference <> ''"),
    ):
        where = sa.text(rule)
        op.create_index(f"uq_{table}_{name}", table, columns, unique=True, postgresql_where=where, sqlite_where=where)


def keep_ledger(table: str) -> None:
    """Refuse changes and removals of movements: on PostgreSQL of whole tables too, on SQLite replacements too."""
    if op.get_bind().dialect.name == "postgresql":
        for verbs, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {table}_kept_{each.lower()} BEFORE {verbs} ON {table}"
                f" FOR EACH {each} EXECUTE FUNCTION prepaid_append_only()"
            )
        return
    replaced = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # noqa: S608  # our own names
    for verb, when in (("UPDATE", ""), ("DELETE", ""), ("INSERT", replaced)):
        op.execute(
            f"CREATE TRIGGER {table}_kept_{verb.lower()} BEFORE {verb} ON {table} {when}"
            " BEGIN SELECT RAISE(ABORT, 'prepaid_append_only'); END"
        )


def upgrade() -> None:
    """Create the tables."""
    create_service_consumables()
    create_gift_cards()
    create_packages()
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION prepaid_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'prepaid_append_only' USING ERRCODE = 'integrity_constraint_violation';
            END $$
        """)
    for ledger, things in LEDGERS.items():
        create_ledger(ledger, things)
        keep_ledger(ledger)


def downgrade() -> None:
    """Drop them all."""
    for table in (*LEDGERS, *LEDGERS.values(), "service_consumables"):
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION prepaid_append_only()")
