"""The shop: products, the ledger of their stock, orders and what they consist of.

Movements of stock are only ever added; the database refuses to change or remove one.
"""

import sqlalchemy as sa
from alembic import op

revision = "0014"
down_revision = "0013"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
TABLES = ("stock_movements", "order_lines", "order_history", "orders", "products", "product_categories")


def word(name: str, *words: str) -> sa.Enum:
    """Return the type of a column that holds one of `words`."""
    return sa.Enum(*words, name=name, native_enum=False, create_constraint=True, length=32)


def create_product_categories() -> None:
    """Create the table of product categories."""
    op.create_table(
        "product_categories",
        sa.Column("id", BIG, nullable=False),
        sa.Column("name", sa.String(length=100), nullable=False),
        sa.Column("description", sa.String(length=1000), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_product_categories_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_product_categories")),
        sa.UniqueConstraint("name", name=op.f("uq_product_categories_name")),
    )


def create_products() -> None:
    """Create the table of products."""
    op.create_table(
        "products",
        sa.Column("id", BIG, nullable=False),
        sa.Column("kind", word("kind", "retail", "package", "gift_card"), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("sku_key", sa.String(length=192), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("description", sa.String(length=5000), nullable=False),
        sa.Column("category_id", BIG, nullable=True),
        sa.Column("price_amount", BIG, nullable=False),
        sa.Column("cost_amount", BIG, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("package_service_id", BIG, nullable=True),
        sa.Column("package_visits", sa.Integer(), nullable=True),
        sa.Column("card_amount", BIG, nullable=True),
        sa.Column("valid_days", sa.Integer(), nullable=True),
        sa.Column("tracked", sa.Boolean(), nullable=False),
        sa.Column("on_hand", BIG, nullable=False),
        sa.Column("reserved", BIG, nullable=False),
        sa.Column("reorder_level", BIG, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint("(kind = 'gift_card') = (card_amount IS NOT NULL)", name=op.f("ck_products_gift_card")),
        sa.CheckConstraint(
            "(kind = 'package') = (package_service_id IS NOT NULL) AND (kind = 'package') = (package_visits IS NOT NULL) AND (kind = 'package') = (valid_days IS NOT NULL AND card_amount IS NULL)",
            name=op.f("ck_products_package"),
        ),
        sa.CheckConstraint(
            "0 <= reserved AND reserved <= on_hand AND on_hand <= 1000000000", name=op.f("ck_products_stock")
        ),
        sa.CheckConstraint("card_amount BETWEEN 1 AND 1000000000000000", name=op.f("ck_products_card_amount")),
        sa.CheckConstraint("length(name) > 0", name=op.f("ck_products_name")),
        sa.CheckConstraint("length(sku) > 0 AND length(sku_key) > 0", name=op.f("ck_products_sku")),
        sa.CheckConstraint("package_visits BETWEEN 1 AND 1000", name=op.f("ck_products_package_visits")),
        sa.CheckConstraint(
            "price_amount BETWEEN 0 AND 1000000000000000 AND (cost_amount IS NULL OR cost_amount >= 0)",
            name=op.f("ck_products_amounts"),
        ),
        sa.CheckConstraint("reorder_level >= 0", name=op.f("ck_products_reorder_level")),
        sa.CheckConstraint("tracked OR on_hand = 0", name=op.f("ck_products_tracked")),
        sa.CheckConstraint("valid_days BETWEEN 1 AND 3660", name=op.f("ck_products_valid_days")),
        sa.ForeignKeyConstraint(
            ["category_id"], ["product_categories.id"], name=op.f("fk_products_category_id_product_categories")
        ),
        sa.ForeignKeyConstraint(
            ["package_service_id"], ["services.id"], name=op.f("fk_products_package_service_id_services")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_products")),
        sa.UniqueConstraint("sku_key", name=op.f("uq_products_sku_key")),
    )
    op.create_index("ix_products_category_id", "products", ["category_id"], unique=False)
    op.create_index("ix_products_created_at", "products", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_products_low_stock",
        "products",
        ["sku_key", "id"],
        unique=False,
        postgresql_where=sa.text("tracked AND active AND reorder_level >= on_hand - reserved"),
        sqlite_where=sa.text("tracked AND active AND reorder_level >= on_hand - reserved"),
    )
    op.create_index("ix_products_name", "products", ["name", "id"], unique=False)
    op.create_index("ix_products_package_service_id", "products", ["package_service_id"], unique=False)
    op.create_index("ix_products_price", "products", ["price_amount", "id"], unique=False)
    op.create_index(
        "ix_products_sold_out",
        "products",
        ["name", "id"],
        unique=False,
        postgresql_where=sa.text("tracked AND on_hand <= reserved"),
        sqlite_where=sa.text("tracked AND on_hand <= reserved"),
    )


def create_orders() -> None:
    """Create the table of orders."""
    op.create_table(
        "orders",
        sa.Column("id", BIG, nullable=False),
        sa.Column("reference", sa.String(length=16), nullable=False),
        sa.Column("channel", word("channel", "online", "in_person"), nullable=False),
        sa.Column("client_id", BIG, nullable=True),
        sa.Column("booking_id", BIG, nullable=True),
        sa.Column("status", word("status", "open", "completed", "cancelled", "expired"), nullable=False),
        sa.Column(
            "payment_status",
            word("payment_status", "unpaid", "partially_paid", "paid", "partially_refunded", "refunded"),
            sa.Computed(
                "CASE WHEN refunded_amount > 0 AND refunded_amount >= paid_amount THEN 'refunded' WHEN refunded_amount > 0 THEN 'partially_refunded' WHEN paid_amount >= total_amount THEN 'paid' WHEN paid_amount > 0 THEN 'partially_paid' ELSE 'unpaid' END",
                persisted=True,
            ),
            nullable=False,
        ),
        sa.Column(
            "fulfilment_status",
            word("fulfilment_status", "unfulfilled", "ready", "shipped", "fulfilled"),
            nullable=False,
        ),
        sa.Column("fulfilment", word("fulfilment", "pickup", "delivery"), nullable=False),
        sa.Column("address", sa.String(length=500), nullable=True),
        sa.Column("notes", sa.String(length=2000), nullable=False),
        sa.Column("expires_at", INSTANT, nullable=True),
        sa.Column("sale_method", word("sale_method", "cash", "card_terminal", "mpesa"), nullable=True),
        sa.Column("sold_by", BIG, nullable=True),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("tax_rate_millionths", sa.Integer(), nullable=False),
        sa.Column("tax_inclusive", sa.Boolean(), nullable=False),
        sa.Column("subtotal_amount", BIG, nullable=False),
        sa.Column("tax_amount", BIG, nullable=False),
        sa.Column("total_amount", BIG, nullable=False),
        sa.Column("paid_amount", BIG, nullable=False),
        sa.Column("refunded_amount", BIG, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "(channel = 'in_person') = (sale_method IS NOT NULL) AND (channel = 'in_person') = (sold_by IS NOT NULL)",
            name=op.f("ck_orders_sale"),
        ),
        sa.CheckConstraint("(fulfilment = 'delivery') = (address IS NOT NULL)", name=op.f("ck_orders_address")),
        sa.CheckConstraint("tax_rate_millionths BETWEEN 0 AND 1000000", name=op.f("ck_orders_tax_rate")),
        sa.CheckConstraint("channel = 'in_person' OR client_id IS NOT NULL", name=op.f("ck_orders_client")),
        sa.CheckConstraint(
            "expires_at IS NULL OR (status = 'open' AND channel = 'online')", name=op.f("ck_orders_expires")
        ),
        sa.CheckConstraint("fulfilment = 'delivery' OR fulfilment_status <> 'shipped'", name=op.f("ck_orders_shipped")),
        sa.CheckConstraint(
            "status <> 'completed' OR fulfilment_status = 'fulfilled'", name=op.f("ck_orders_completed")
        ),
        sa.CheckConstraint("0 <= paid_amount AND paid_amount <= total_amount", name=op.f("ck_orders_paid")),
        sa.CheckConstraint("0 <= refunded_amount AND refunded_amount <= paid_amount", name=op.f("ck_orders_refunded")),
        sa.CheckConstraint(
            "subtotal_amount >= 0 AND tax_amount >= 0 AND total_amount = subtotal_amount + tax_amount",
            name=op.f("ck_orders_totals"),
        ),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_orders_booking_id_bookings")),
        sa.ForeignKeyConstraint(["client_id"], ["users.id"], name=op.f("fk_orders_client_id_users")),
        sa.ForeignKeyConstraint(["sold_by"], ["users.id"], name=op.f("fk_orders_sold_by_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_orders")),
        sa.UniqueConstraint("reference", name=op.f("uq_orders_reference")),
    )
    op.create_index("ix_orders_booking_id", "orders", ["booking_id"], unique=False)
    op.create_index("ix_orders_client_id", "orders", ["client_id", "created_at", "id"], unique=False)
    op.create_index("ix_orders_client_id_total", "orders", ["client_id", "total_amount", "id"], unique=False)
    op.create_index("ix_orders_created_at", "orders", ["created_at", "id"], unique=False)
    op.create_index(
        "ix_orders_expires_at",
        "orders",
        ["expires_at"],
        unique=False,
        postgresql_where=sa.text("expires_at IS NOT NULL"),
        sqlite_where=sa.text("expires_at IS NOT NULL"),
    )
    op.create_index("ix_orders_fulfilment_status", "orders", ["fulfilment_status", "created_at", "id"], unique=False)
    op.create_index("ix_orders_payment_status", "orders", ["payment_status", "created_at", "id"], unique=False)
    op.create_index("ix_orders_status", "orders", ["status", "created_at", "id"], unique=False)
    op.create_index("ix_orders_total", "orders", ["total_amount", "id"], unique=False)


def create_order_history() -> None:
    """Create the table of order history."""
    op.create_table(
        "order_history",
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("at", INSTANT, nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column(
            "step",
            word("step", "create", "sell", "pay", "fulfil", "cancel", "expire", "return"),
            nullable=False,
        ),
        sa.Column("from_status", word("from_status", "open", "completed", "cancelled", "expired"), nullable=True),
        sa.Column("to_status", word("to_status", "open", "completed", "cancelled", "expired"), nullable=False),
        sa.Column(
            "fulfilment_status",
            word("fulfilment_status", "unfulfilled", "ready", "shipped", "fulfilled"),
            nullable=False,
        ),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_order_history_actor_id_users")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_history_order_id_orders")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_history")),
    )
    op.create_index("ix_order_history_order_id", "order_history", ["order_id", "id"], unique=False)


def create_order_lines() -> None:
    """Create the table of order lines."""
    op.create_table(
        "order_lines",
        sa.Column("id", BIG, nullable=False),
        sa.Column("order_id", BIG, nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("product_id", BIG, nullable=False),
        sa.Column("kind", word("kind", "retail", "package", "gift_card"), nullable=False),
        sa.Column("sku", sa.String(length=64), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("quantity", BIG, nullable=False),
        sa.Column("unit_price_amount", BIG, nullable=False),
        sa.Column("total_amount", BIG, nullable=False),
        sa.Column("tax_amount", BIG, nullable=False),
        sa.Column("currency", sa.String(length=3), nullable=False),
        sa.Column("card_amount", BIG, nullable=True),
        sa.Column("package_visits", sa.Integer(), nullable=True),
        sa.Column("package_service_id", BIG, nullable=True),
        sa.Column("valid_days", sa.Integer(), nullable=True),
        sa.CheckConstraint("kind = 'retail' OR quantity <= 100", name=op.f("ck_order_lines_prepaid")),
        sa.CheckConstraint(
            "(kind = 'gift_card') = (card_amount IS NOT NULL) AND (kind = 'package') = (package_visits IS NOT NULL) AND (kind = 'package') = (package_service_id IS NOT NULL)",
            name=op.f("ck_order_lines_terms"),
        ),
        sa.ForeignKeyConstraint(
            ["package_service_id"], ["services.id"], name=op.f("fk_order_lines_package_service_id_services")
        ),
        sa.CheckConstraint("quantity BETWEEN 1 AND 10000", name=op.f("ck_order_lines_quantity")),
        sa.CheckConstraint("tax_amount >= 0", name=op.f("ck_order_lines_tax")),
        sa.CheckConstraint(
            "unit_price_amount >= 0 AND total_amount = quantity * unit_price_amount", name=op.f("ck_order_lines_total")
        ),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_order_lines_order_id_orders")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_order_lines_product_id_products")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_order_lines")),
        sa.UniqueConstraint("order_id", "position", name=op.f("uq_order_lines_order_id_position")),
        sa.UniqueConstraint("order_id", "product_id", name=op.f("uq_order_lines_order_id_product_id")),
    )
    op.create_index("ix_order_lines_product_id", "order_lines", ["product_id"], unique=False)


def create_stock_movements() -> None:
    """Create the table of stock movements."""
    op.create_table(
        "stock_movements",
        sa.Column("id", BIG, nullable=False),
        sa.Column("product_id", BIG, nullable=False),
        sa.Column(
            "kind",
            word("kind", "receipt", "sale", "reservation", "release", "consumption", "correction", "return"),
            nullable=False,
        ),
        sa.Column("on_hand_change", BIG, nullable=False),
        sa.Column("reserved_change", BIG, nullable=False),
        sa.Column("on_hand_after", BIG, nullable=False),
        sa.Column("reserved_after", BIG, nullable=False),
        sa.Column("shortfall", BIG, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("order_id", BIG, nullable=True),
        sa.Column("booking_id", BIG, nullable=True),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.CheckConstraint(
            "(kind = 'receipt' AND on_hand_change > 0 AND reserved_change = 0) OR (kind = 'sale' AND on_hand_change < 0 AND reserved_change IN (0, on_hand_change) AND order_id IS NOT NULL) OR (kind = 'reservation' AND on_hand_change = 0 AND reserved_change > 0 AND order_id IS NOT NULL) OR (kind = 'release' AND on_hand_change = 0 AND reserved_change < 0 AND order_id IS NOT NULL) OR (kind = 'consumption' AND on_hand_change <= 0 AND reserved_change = 0 AND shortfall - on_hand_change > 0 AND booking_id IS NOT NULL) OR (kind = 'correction' AND on_hand_change <> 0 AND reserved_change = 0) OR (kind = 'return' AND on_hand_change > 0 AND reserved_change = 0 AND order_id IS NOT NULL)",
            name=op.f("ck_stock_movements_lawful"),
        ),
        sa.CheckConstraint(
            "shortfall = 0 OR (shortfall > 0 AND kind = 'consumption')", name=op.f("ck_stock_movements_shortfall")
        ),
        sa.CheckConstraint(
            "0 <= reserved_after AND reserved_after <= on_hand_after", name=op.f("ck_stock_movements_after")
        ),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_stock_movements_actor_id_users")),
        sa.ForeignKeyConstraint(["booking_id"], ["bookings.id"], name=op.f("fk_stock_movements_booking_id_bookings")),
        sa.ForeignKeyConstraint(["order_id"], ["orders.id"], name=op.f("fk_stock_movements_order_id_orders")),
        sa.ForeignKeyConstraint(["product_id"], ["products.id"], name=op.f("fk_stock_movements_product_id_products")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_stock_movements")),
    )
    op.create_index("ix_stock_movements_order_id", "stock_movements", ["order_id"], unique=False)
    op.create_index("ix_stock_movements_product_id", "stock_movements", ["product_id", "id"], unique=False)
    op.create_index(
        "uq_stock_movements_booking_id",
        "stock_movements",
        ["booking_id", "product_id"],
        unique=True,
        postgresql_where=sa.text("kind = 'consumption'"),
        sqlite_where=sa.text("kind = 'consumption'"),
    )
    op.create_index(
        "uq_stock_movements_order_id",
        "stock_movements",
        ["order_id", "product_id", "kind"],
        unique=True,
        postgresql_where=sa.text("kind IN ('reservation', 'release', 'sale')"),
        sqlite_where=sa.text("kind IN ('reservation', 'release', 'sale')"),
    )


def keep_movements() -> None:
    """Refuse changes and removals of movements: on PostgreSQL of whole tables too, on SQLite replacements too."""
    if op.get_bind().dialect.name == "postgresql":
        op.execute("""
            CREATE FUNCTION stock_movements_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                RAISE EXCEPTION 'stock_movements_append_only' USING ERRCODE = 'integrity_constraint_violation';
            END $$
        """)
        for verbs, each in (("UPDATE OR DELETE", "ROW"), ("TRUNCATE", "STATEMENT")):
            op.execute(
                f"CREATE TRIGGER stock_movements_kept_{each.lower()} BEFORE {verbs} ON stock_movements"
                f" FOR EACH {each} EXECUTE FUNCTION stock_movements_append_only()"
            )
        return
    replaced = "WHEN EXISTS (SELECT 1 FROM stock_movements WHERE id = NEW.id)"
    for verb, when in (("UPDATE", ""), ("DELETE", ""), ("INSERT", replaced)):
        op.execute(
            f"CREATE TRIGGER stock_movements_kept_{verb.lower()} BEFORE {verb} ON stock_movements {when}"
            " BEGIN SELECT RAISE(ABORT, 'stock_movements_append_only'); END"
        )


def upgrade() -> None:
    """Create the tables."""
    create_product_categories()
    create_products()
    create_orders()
    create_order_history()
    create_order_lines()
    create_stock_movements()
    keep_movements()


def downgrade() -> None:
    """Drop them all."""
    for table in TABLES:
        op.drop_table(table)
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP FUNCTION stock_movements_append_only()")
