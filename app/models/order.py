"""Orders, placed by clients or rung up at the counter: what was sold, at what prices, and how far it has come."""

from datetime import datetime
from typing import TYPE_CHECKING, Final

from sqlalchemy import CheckConstraint, Computed, ForeignKey, Index, Integer, String, UniqueConstraint, text
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.kit.clock import utcnow
from app.kit.columns import Base, word_of
from app.kit.money import Money
from app.models.order_life import (
    HANDED_OVER,
    LEGAL_ORDER_STEPS,
    NEXT_FULFILMENTS,
    Channel,
    Fulfilment,
    FulfilmentStatus,
    OrderStatus,
    OrderStep,
    PaymentStatus,
    SaleMethod,
)
from app.models.product import ProductKind
from app.models.user import User

MOST_LINES: Final = 100
MOST_UNITS: Final = 10_000
"""Units of one product that one order may have."""

MOST_PREPAID: Final = 100
"""Units of one package or gift card that one order may have: each is issued."""

PAYMENT_STATUS = (
    "CASE WHEN refunded_amount > 0 AND refunded_amount >= paid_amount THEN 'refunded'"
    " WHEN refunded_amount > 0 THEN 'partially_refunded'"
    " WHEN paid_amount >= total_amount THEN 'paid'"
    " WHEN paid_amount > 0 THEN 'partially_paid' ELSE 'unpaid' END"
)
"""Where the payment stands follows from the amounts, worked out by the database: the two cannot disagree."""

_WAITING = text("expires_at IS NOT NULL")


class IllegalOrderStep(Exception):
    """An order would go from one status to another that does not follow it; the rooms ask before they try."""


class Order(Base):
    """What one client, or somebody at the counter, buys. A sale is an order of the channel `in_person`.

    Its status, its payment and its fulfilment are three things. `expires_at` is set while it keeps stock for a client
    who has not paid: past it, it is expired for every reader, whatever `status` still says.
    """

    __tablename__ = "orders"
    __table_args__ = (
        UniqueConstraint("reference"),
        CheckConstraint(
            "subtotal_amount >= 0 AND tax_amount >= 0 AND total_amount = subtotal_amount + tax_amount", name="totals"
        ),
        CheckConstraint("0 <= paid_amount AND paid_amount <= total_amount", name="paid"),
        CheckConstraint("0 <= refunded_amount AND refunded_amount <= paid_amount", name="refunded"),
        CheckConstraint("expires_at IS NULL OR (status = 'open' AND channel = 'online')", name="expires"),
        CheckConstraint("channel = 'in_person' OR client_id IS NOT NULL", name="client"),
        CheckConstraint(
            "(channel = 'in_person') = (sale_method IS NOT NULL) AND (channel = 'in_person') = (sold_by IS NOT NULL)",
            name="sale",
        ),
        CheckConstraint("(fulfilment = 'delivery') = (address IS NOT NULL)", name="address"),
        CheckConstraint("tax_rate_millionths BETWEEN 0 AND 1000000", name="tax_rate"),
        CheckConstraint("fulfilment = 'delivery' OR fulfilment_status <> 'shipped'", name="shipped"),
        CheckConstraint("status <> 'completed' OR fulfilment_status = 'fulfilled'", name="completed"),
        Index("ix_orders_client_id", "client_id", "created_at", "id"),
        Index("ix_orders_client_id_total", "client_id", "total_amount", "id"),
        Index("ix_orders_created_at", "created_at", "id"),
        Index("ix_orders_total", "total_amount", "id"),
        Index("ix_orders_status", "status", "created_at", "id"),
        Index("ix_orders_payment_status", "payment_status", "created_at", "id"),
        Index("ix_orders_fulfilment_status", "fulfilment_status", "created_at", "id"),
        Index("ix_orders_booking_id", "booking_id"),
        Index("ix_orders_expires_at", "expires_at", postgresql_where=_WAITING, sqlite_where=_WAITING),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    reference: Mapped[str] = mapped_column(String(16))
    channel: Mapped[Channel] = mapped_column(word_of(Channel, "channel"))
    client_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    booking_id: Mapped[int | None] = mapped_column(ForeignKey("bookings.id"))
    """The visit at which it was sold."""

    status: Mapped[OrderStatus] = mapped_column(word_of(OrderStatus, "status"), default=OrderStatus.OPEN)
    payment_status: Mapped[PaymentStatus] = mapped_column(
        word_of(PaymentStatus, "payment_status"), Computed(PAYMENT_STATUS, persisted=True), nullable=False
    )
    fulfilment_status: Mapped[FulfilmentStatus] = mapped_column(
        word_of(FulfilmentStatus, "fulfilment_status"), default=FulfilmentStatus.UNFULFILLED
    )
    fulfilment: Mapped[Fulfilment] = mapped_column(word_of(Fulfilment, "fulfilment"), default=Fulfilment.PICKUP)
    address: Mapped[str | None] = mapped_column(String(500))
    notes: Mapped[str] = mapped_column(String(2000), default="")
    expires_at: Mapped[datetime | None]
    sale_method: Mapped[SaleMethod | None] = mapped_column(word_of(SaleMethod, "sale_method"))
    sold_by: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    currency: Mapped[str] = mapped_column(String(3))
    tax_rate_millionths: Mapped[int] = mapped_column(Integer, default=0)
    """The rate by which it was taxed: 16 % are 160,000."""

    tax_inclusive: Mapped[bool] = mapped_column(default=True)
    subtotal_amount: Mapped[int] = mapped_column()
    tax_amount: Mapped[int] = mapped_column()
    total_amount: Mapped[int] = mapped_column()
    paid_amount: Mapped[int] = mapped_column(default=0)
    refunded_amount: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(Integer, default=1)
    created_at: Mapped[datetime] = mapped_column(default=utcnow)
    updated_at: Mapped[datetime] = mapped_column(default=utcnow, onupdate=utcnow)

    if TYPE_CHECKING:
        invoice_id: int | None
        """Of its invoice, once it has one: `app.models.invoice` says how it is found."""

    lines: Mapped[list["OrderLine"]] = relationship(lazy="raise_on_sql", order_by="OrderLine.position")
    client: Mapped[User | None] = relationship(foreign_keys=client_id, lazy="raise_on_sql")

    __mapper_args__ = {"version_id_col": version}  # noqa: RUF012  # SQLAlchemy's own protocol

    def status_at(self, now: datetime) -> OrderStatus:
        """Return the status as a reader must see it: an unpaid order past its time is expired."""
        overdue = self.expires_at is not None and self.expires_at <= now
        return OrderStatus.EXPIRED if overdue else self.status

    def may_move_to(self, status: OrderStatus, now: datetime) -> bool:
        """Say whether `status` may follow the one that a reader sees at `now`.

        Only `expired` follows the one in the table: it is written down after it has come about.
        """
        present = self.status if status is OrderStatus.EXPIRED else self.status_at(now)
        return status in LEGAL_ORDER_STEPS.get(present, frozenset())

    def move_to(self, status: OrderStatus, now: datetime) -> None:
        """Give it its final status: it expires no more. Raises `IllegalOrderStep`."""
        if not self.may_move_to(status, now):
            raise IllegalOrderStep(f"from {self.status_at(now)} to {status}")
        self.status, self.expires_at = status, None

    def may_be(self, fulfilment: FulfilmentStatus, now: datetime) -> bool:
        """Say whether it can come so far next: forward only, and while it is open."""
        following = NEXT_FULFILMENTS[self.fulfilment].get(self.fulfilment_status, frozenset())
        return self.status_at(now) is OrderStatus.OPEN and fulfilment in following

    @property
    def current_status(self) -> OrderStatus:
        """The status as a reader must see it at this moment."""
        return self.status_at(utcnow())

    @property
    def current_deadline(self) -> datetime | None:
        """Until when it waits for its payment; null as soon as it does so no more."""
        return self.expires_at if self.current_status is OrderStatus.OPEN else None

    @property
    def is_paid(self) -> bool:
        """Whether all that it costs has been paid; what costs nothing, is."""
        return self.paid_amount >= self.total_amount

    @property
    def is_handed_over(self) -> bool:
        """Whether its goods have left the house."""
        return self.fulfilment_status in HANDED_OVER

    @property
    def has_prepaid(self) -> bool:
        """Whether packages or gift cards are in it."""
        return any(line.kind is not ProductKind.RETAIL for line in self.lines)

    @property
    def goods_amount(self) -> int:
        """What is to be paid for all that is not paid ahead, in minor units, tax included."""
        goods = [line for line in self.lines if line.kind is ProductKind.RETAIL]
        return sum(line.total_amount + (0 if self.tax_inclusive else line.tax_amount) for line in goods)

    @property
    def has_goods(self) -> bool:
        """Whether there is something in it to hand over."""
        return any(line.kind is ProductKind.RETAIL for line in self.lines)

    @property
    def quantities(self) -> dict[int, int]:
        """Its units, by product id."""
        return {line.product_id: line.quantity for line in self.lines}

    @property
    def total(self) -> Money:
        """What is to be paid in all, tax included."""
        return Money(self.total_amount, self.currency)


class OrderLine(Base):
    """So many units of one product; SKU, name and price are copies, made when it was sold.

    `total_amount` is the quantity times the unit price; `tax_amount` is what of it is tax, or comes on top of it. Of a
    gift card and a package the line keeps what each unit holds, too: it is issued later, as it was bought.
    """

    __tablename__ = "order_lines"
    __table_args__ = (
        UniqueConstraint("order_id", "position"),
        UniqueConstraint("order_id", "product_id"),
        CheckConstraint(f"quantity BETWEEN 1 AND {MOST_UNITS}", name="quantity"),
        CheckConstraint("unit_price_amount >= 0 AND total_amount = quantity * unit_price_amount", name="total"),
        CheckConstraint("tax_amount >= 0", name="tax"),
        CheckConstraint(f"kind = 'retail' OR quantity <= {MOST_PREPAID}", name="prepaid"),
        CheckConstraint(
            "(kind = 'gift_card') = (card_amount IS NOT NULL) AND (kind = 'package') = (package_visits IS NOT NULL)"
            " AND (kind = 'package') = (package_service_id IS NOT NULL)",
            name="terms",
        ),
        Index("ix_order_lines_product_id", "product_id"),
    )

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    position: Mapped[int] = mapped_column(Integer, default=0)
    product_id: Mapped[int] = mapped_column(ForeignKey("products.id"))
    kind: Mapped[ProductKind] = mapped_column(word_of(ProductKind, "kind"))
    sku: Mapped[str] = mapped_column(String(64))
    name: Mapped[str] = mapped_column(String(200))
    quantity: Mapped[int] = mapped_column()
    unit_price_amount: Mapped[int] = mapped_column()
    total_amount: Mapped[int] = mapped_column()
    tax_amount: Mapped[int] = mapped_column()
    currency: Mapped[str] = mapped_column(String(3))
    card_amount: Mapped[int | None] = mapped_column()
    package_visits: Mapped[int | None] = mapped_column(Integer)
    package_service_id: Mapped[int | None] = mapped_column(ForeignKey("services.id"))
    valid_days: Mapped[int | None] = mapped_column(Integer)


class OrderHistory(Base):
    """One change of an order: when, by whom (nobody: the system), from what to what, and why."""

    __tablename__ = "order_history"
    __table_args__ = (Index("ix_order_history_order_id", "order_id", "id"),)

    id: Mapped[int] = mapped_column(primary_key=True)
    order_id: Mapped[int] = mapped_column(ForeignKey("orders.id"))
    at: Mapped[datetime] = mapped_column(default=utcnow)
    actor_id: Mapped[int | None] = mapped_column(ForeignKey("users.id"))
    step: Mapped[OrderStep] = mapped_column(word_of(OrderStep, "step"))
    from_status: Mapped[OrderStatus | None] = mapped_column(word_of(OrderStatus, "from_status"))
    to_status: Mapped[OrderStatus] = mapped_column(word_of(OrderStatus, "to_status"))
    fulfilment_status: Mapped[FulfilmentStatus] = mapped_column(word_of(FulfilmentStatus, "fulfilment_status"))
    reason: Mapped[str] = mapped_column(String(500), default="")
