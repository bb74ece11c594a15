"""The books: the ledger, and invoices with their lines and numbers.

Rows of the ledger, invoices and their lines are only ever added; the database refuses to change or remove one, and to
add a line to an invoice that has all of its lines. What gift cards and packages hold already opens the ledger.
"""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
DOCUMENTS = ("invoice", "credit_note", "refund_receipt")
ACCOUNTS = (
    "cash",
    "card_terminal",
    "stripe",
    "mpesa",
    "receivable",
    "gift_cards",
    "packages",
    "tax",
    "revenue",
    "fees_kept",
    "breakage",
    "opening",
)
ENTRIES = ("payment", "refund", "invoice", "credit_note", "fee", "issue", "expiry", "void", "opening")
CAUSES = {
    "payment_id": "payments",
    "refund_id": "refunds",
    "invoice_id": "invoices",
    "gift_card_movement_id": "gift_card_movements",
    "package_movement_id": "package_movements",
}
KEPT = ("ledger_entries", "invoice_lines", "invoices")
"""The tables that are only added to, those first that refer to others."""

LEDGER_LAWFUL = (
    "(kind = 'payment' AND payment_id IS NOT NULL) OR (kind = 'refund' AND refund_id IS NOT NULL)"
    " OR (kind = 'invoice' AND invoice_id IS NOT NULL) OR (kind = 'credit_note' AND invoice_id IS NOT NULL)"
    " OR (kind = 'fee' AND booking_id IS NOT NULL)"
    " OR (kind = 'issue' AND (gift_card_movement_id IS NOT NULL OR package_movement_id IS NOT NULL))"
    " OR (kind = 'expiry' AND (gift_card_movement_id IS NOT NULL OR package_movement_id IS NOT NULL))"
    " OR (kind = 'void' AND (gift_card_movement_id IS NOT NULL OR package_movement_id IS NOT NULL))"
    " OR (kind = 'opening' AND (gift_card_movement_id IS NOT NULL OR package_movement_id IS NOT NULL))"
)
HOW_MANY = " + ".join(f"CASE WHEN {cause} IS NULL THEN 0 ELSE 1 END" for cause in CAUSES)
OPENING = """
    INSERT INTO ledger_entries (posted_at, kind, debit, credit, amount, currency, {cause})
    SELECT CURRENT_TIMESTAMP, 'opening', 'opening', '{things}', {worth}, thing.currency, movement.id
    FROM {things} thing JOIN {movements} movement ON movement.prepaid_id = thing.id AND movement.kind = 'issue'
    WHERE {worth} > 0
"""
WORTH = {
    "gift_cards": ("gift_card_movement_id", "gift_card_movements", "thing.balance"),
    "packages": (
        "package_movement_id",
        "package_movements",
        "(thing.price_amount - thing.price_amount * (thing.value - thing.balance) / thing.value)",
    ),
}
"""What is held in cards and packages: of a package, the part of its price that is for the visits left."""


def on_postgresql() -> bool:
    """Say which of the two databases this migration runs on."""
    return op.get_bind().dialect.name == "postgresql"


def word(name: str, words: tuple[str, ...]) -> sa.Enum:
    """Return the type of a column of one of these words."""
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def partial_index(name: str, table: str, columns: list[str], rule: str) -> None:
    """Create a unique index over the rows that a rule selects."""
    where = sa.text(rule)
    op.create_index(name, table, columns, unique=True, postgresql_where=where, sqlite_where=where)


def create_invoices() -> None:
    """Create the table of documents."""
    op.create_table(
        "invoices",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", word("kind", DOCUMENTS), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("sequence", BIG, nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("booking_id", BIG, nullable=True),
        sa.Column("order_id", BIG, nullable=True),
        sa.Column("refund_id", BIG, nullable=True),
        sa.Column("corrects_id", BIG, nullable=True),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("seller_name", sa.String(length=200), nullable=False),
        sa.Column("seller_address", sa.String(length=500), nullable=False),
        sa.Column("seller_country", sa.String(length=2), nullable=False),
        sa.Column("seller_tax_number", sa.String(length=64), nullable=False),
        sa.Column("client_name", sa.String(length=401), nullable=False),
        sa.Column("timezone", sa.String(length=64), nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("tax_inclusive", sa.Boolean(), nullable=False),
        sa.Column("subtotal_amount", BIG, nullable=False),
        sa.Column("tax_amount", BIG, nullable=False),
        sa.Column("total_amount", BIG, nullable=False),
        sa.Column("paid_amount", BIG, nullable=False),
        sa.Column("line_count", sa.Integer(), nullable=False),
        sa.CheckConstraint("sequence > 0", name=op.f("ck_invoices_sequence")),
        sa.CheckConstraint("year BETWEEN 1970 AND 9999", name=op.f("ck_invoices_year")),
        sa.CheckConstraint(
            "subtotal_amount >= 0 AND tax_amount >= 0 AND total_amount = subtotal_amount + tax_amount",
            name=op.f("ck_invoices_totals"),
        ),
        sa.CheckConstraint("paid_amount >= 0", name=op.f("ck_invoices_paid")),
        sa.CheckConstraint("line_count > 0", name=op.f("ck_invoices_line_count")),
        sa.CheckConstraint("(booking_id IS NULL) <> (order_id IS NULL)", name=op.f("ck_invoices_about")),
        sa.CheckConstraint(
            "(kind = 'invoice' AND refund_id IS NULL AND corrects_id IS NULL) OR (kind = 'credit_note' AND refund_id IS NOT NULL AND corrects_id IS NOT NULL) OR (kind = 'refund_receipt' AND refund_id IS NOT NULL AND corrects_id IS NULL)",
            name=op.f("ck_invoices_lawful"),
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_invoices_booking_id_bookings")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_invoices_order_id_orders")),
        sa.ForeignKeyConstraint(["refund_id"], ["refunds.id"], name=op.f("fk_invoices_refund_id_refunds")),
        sa.ForeignKeyConstraint(["corrects_id"], ["invoices.id"], name=op.f("fk_invoices_corrects_id_invoices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoices")),
        sa.UniqueConstraint("kind", "year", "sequence", name=op.f("uq_invoices_kind_year_sequence")),
        sa.UniqueConstraint("refund_id", name=op.f("uq_invoices_refund_id")),
    )
    for column in ("booking_id", "order_id"):
        partial_index(f"uq_invoices_{column}", "invoices", [column], "kind = 'invoice'")
        op.create_index(f"ix_invoices_{column}", "invoices", [column, "issued_at", "id"], unique=False)
    op.create_index("ix_invoices_corrects_id", "invoices", ["corrects_id"], unique=False)
    op.create_index("ix_invoices_issued_at", "invoices", ["issued_at", "id"], unique=False)


def create_lines() -> None:
    """Create the table of the documents' lines."""
    op.create_table(
        "invoice_lines",
        sa.Column("id", BIG, nullable=False),
        sa.Column("invoice_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("description", sa.String(length=500), nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.Column("unit_price_amount", BIG, nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("tax_rate_millionths", sa.Integer(), nullable=False),
        sa.Column("tax_amount", BIG, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.CheckConstraint("position >= 0", name=op.f("ck_invoice_lines_position")),
        sa.CheckConstraint("quantity > 0 AND unit_price_amount >= 0", name=op.f("ck_invoice_lines_quantity")),
        sa.CheckConstraint("amount = quantity * unit_price_amount", name=op.f("ck_invoice_lines_amount")),
        sa.CheckConstraint(
            "tax_amount >= 0 AND tax_rate_millionths BETWEEN 0 AND 1000000", name=op.f("ck_invoice_lines_tax")
        ),
        sa.ForeignKeyConstraint(["invoice_id"], ["invoices.id"], name=op.f("fk_invoice_lines_invoice_id_invoices")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invoice_lines")),
        sa.UniqueConstraint("invoice_id", "position", name=op.f("uq_invoice_lines_invoice_id_position")),
    )


def create_series() -> None:
    """Create the table of the last numbers."""
    op.create_table(
        "invoice_series",
        sa.Column("kind", word("kind", DOCUMENTS), nullable=False),
        sa.Column("year", sa.Integer(), nullable=False),
        sa.Column("last", BIG, nullable=False),
        sa.CheckConstraint("last >= 0", name=op.f("ck_invoice_series_last")),
        sa.PrimaryKeyConstraint("kind", "year", name=op.f("pk_invoice_series")),
    )


def create_ledger() -> None:
    """Create the table of entries."""
    op.create_table(
        "ledger_entries",
        sa.Column("id", BIG, nullable=False),
        sa.Column("posted_at", INSTANT, nullable=False),
        sa.Column("kind", word("kind", ENTRIES), nullable=False),
        sa.Column("debit", word("debit", ACCOUNTS), nullable=False),
        sa.Column("credit", word("credit", ACCOUNTS), nullable=False),
        sa.Column("amount", BIG, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("booking_id", BIG, nullable=True),
        sa.Column("order_id", BIG, nullable=True),
        *(sa.Column(cause, BIG, nullable=True) for cause in CAUSES),
        sa.CheckConstraint("amount BETWEEN 1 AND 1000000000000000", name=op.f("ck_ledger_entries_amount")),
        sa.CheckConstraint("debit <> credit", name=op.f("ck_ledger_entries_sides")),
        sa.CheckConstraint(LEDGER_LAWFUL, name=op.f("ck_ledger_entries_lawful")),
        sa.CheckConstraint(
            f"{HOW_MANY} = CASE WHEN kind = 'fee' THEN 0 ELSE 1 END", name=op.f("ck_ledger_entries_cause")
        ),
        sa.CheckConstraint("booking_id IS NULL OR order_id IS NULL", name=op.f("ck_ledger_entries_about")),
        sa.CheckConstraint(
            "(debit <> 'receivable' AND credit <> 'receivable') OR booking_id IS NOT NULL OR order_id IS NOT NULL",
            name=op.f("ck_ledger_entries_receivable"),
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_ledger_entries_booking_id_bookings")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_ledger_entries_order_id_orders")),
        *(
            sa.ForeignKeyConstraint([cause], [f"{table}.id"], name=op.f(f"fk_ledger_entries_{cause}_{table}"))
            for cause, table in CAUSES.items()
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_ledger_entries")),
    )
    for cause in CAUSES:
        columns = [cause, "kind", "debit", "credit"]
        partial_index(f"uq_ledger_entries_{cause}", "ledger_entries", columns, f"{cause} IS NOT NULL")
    columns = ["booking_id", "kind", "debit", "credit"]
    partial_index("uq_ledger_entries_booking_id", "ledger_entries", columns, "kind = 'fee'")
    op.create_index("ix_ledger_entries_posted_at", "ledger_entries", ["posted_at", "id"], unique=False)
    op.create_index("ix_ledger_entries_booking_id", "ledger_entries", ["booking_id"], unique=False)
    op.create_index("ix_ledger_entries_order_id", "ledger_entries", ["order_id"], unique=False)


def open_ledger() -> None:
    """Write down what cards and packages hold that were sold before there was a ledger."""
    for things, (cause, movements, worth) in WORTH.items():
        statement = OPENING.format(cause=cause, things=things, movements=movements, worth=worth)
        if not on_postgresql():  # instants are text there, with microseconds
            statement = statement.replace("CURRENT_TIMESTAMP", "strftime('%Y-%m-%d %H:%M:%S.000000', 'now')")
        op.execute(statement)


def keep(table: str) -> None:
    """Refuse changes and removals of rows: on PostgreSQL of whole tables too, on SQLite replacements too."""
    if on_postgresql():
        for verbs, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER {table}_kept_{each.lower()} BEFORE {verbs} ON {table}"
                f" FOR EACH {each} EXECUTE FUNCTION books_append_only()"
            )
        return
    replaced = f"WHEN EXISTS (SELECT 1 FROM {table} WHERE id = NEW.id)"  # noqa: S608  # our own names
    for verb, when in (("UPDATE", ""), ("DELETE", ""), ("INSERT", replaced)):
        op.execute(
            f"CREATE TRIGGER {table}_kept_{verb.lower()} BEFORE {verb} ON {table} {when}"
            " BEGIN SELECT RAISE(ABORT, 'books_append_only'); END"
        )


def close_invoices() -> None:
    """Refuse a line beyond those that a document says it has."""
    if on_postgresql():
        op.execute("""
            CREATE FUNCTION invoice_is_whole() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF NEW.position >= (SELECT line_count FROM invoices WHERE id = NEW.invoice_id) THEN
                    RAISE EXCEPTION 'invoice_is_whole' USING ERRCODE = 'integrity_constraint_violation';
                END IF;
                RETURN NEW;
            END $$
        """)
        op.execute(
            "CREATE TRIGGER invoice_is_whole BEFORE INSERT ON invoice_lines"
            " FOR EACH ROW EXECUTE FUNCTION invoice_is_whole()"
        )
        return
    op.execute(
        "CREATE TRIGGER invoice_is_whole BEFORE INSERT ON invoice_lines"
        " WHEN NEW.position >= (SELECT line_count FROM invoices WHERE id = NEW.invoice_id)"
        " BEGIN SELECT RAISE(ABORT, 'invoice_is_whole'); END"
    )


def upgrade() -> None:
    """Create the tables, and open the books."""
    create_invoices()
    create_lines()
    create_series()
    create_ledger()
    open_ledger()
    if on_postgresql():
        op.execute("""
            CREATE FUNCTION books_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'books_append_only' USING ERRCODE = 'integrity_constraint_violation';
            END $$
        """)
    for table in KEPT:
        keep(table)
    close_invoices()


def downgrade() -> None:
    """Drop them all."""
    for table in (*KEPT, "invoice_series"):
        op.drop_table(table)
    if on_postgresql():
        op.execute("DROP FUNCTION books_append_only()")
        op.execute("DROP FUNCTION invoice_is_whole()")
