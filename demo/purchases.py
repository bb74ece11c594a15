"""What clients of the demo business ordered: each order has come as far as its steps say."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from functools import partial

from app.kit.money import Money
from app.models import Fulfilment, FulfilmentStatus
from app.orders import service as orders
from app.orders.basket import Item
from app.orders.service.expiry import expire_order
from app.security.actor import Actor
from demo.takings import CASH, TERMINAL, give_back, take_for_order, take_gift_card

ADDRESS = "14 Acacia Lane, Nairobi"
PICKUP, DELIVERY = Fulfilment.PICKUP, Fulfilment.DELIVERY
PAY, PAY_BY_GIFT_CARD, RETURN, CANCEL, EXPIRE = "pay", "pay by gift card", "return", "cancel", "expire"
READY, SHIPPED, FULFILLED = FulfilmentStatus.READY, FulfilmentStatus.SHIPPED, FulfilmentStatus.FULFILLED
STEP = timedelta(hours=3)
"""How long after each other the steps of an order are taken."""

SOON = timedelta(minutes=4)
"""How long after its placing an order takes its first step, unless it waits in vain."""


@dataclass(frozen=True, slots=True)
class Plan:
    """How long ago it was ordered, what, how it comes, and what happened then."""

    ago: timedelta
    basket: tuple[tuple[str, int], ...]
    fulfilment: Fulfilment
    steps: tuple[str, ...]


PURCHASES = (
    Plan(timedelta(days=16), (("MASK-SHEA-200", 1), ("OIL-ARGAN-50", 1)), PICKUP, (PAY, READY, FULFILLED, RETURN)),
    Plan(timedelta(days=12), (("CANDLE-LAVENDER", 1), ("BODY-BUTTER-200", 2)), DELIVERY, (PAY, SHIPPED, FULFILLED)),
    Plan(timedelta(days=9), (("BRUSH-PADDLE", 1),), PICKUP, (CANCEL,)),
    Plan(timedelta(days=7), (("SCALP-SERUM-30", 2),), DELIVERY, (EXPIRE,)),
    Plan(timedelta(days=5), (("PACK-HAIRCUT-5", 1), ("GIFT-5000", 1)), PICKUP, (PAY,)),
    Plan(timedelta(days=3), (("CURL-CREAM-250", 2), ("BONNET-SATIN", 1)), DELIVERY, (PAY, SHIPPED)),
    Plan(timedelta(days=2), (("POMADE-100", 1),), PICKUP, (READY,)),
    Plan(timedelta(days=2), (("CUTICLE-OIL-15", 1), ("FILE-SET", 1)), PICKUP, (PAY_BY_GIFT_CARD, READY)),
    Plan(timedelta(days=1), (("SHAMPOO-DAILY-500", 2), ("COMB-WIDE", 1)), PICKUP, (PAY,)),
    Plan(timedelta(minutes=5), (("HEAT-SPRAY-200", 1),), PICKUP, ()),
)


@dataclass(slots=True)
class Purchase:
    """One order, as it is placed and moved on."""

    plan: Plan
    client: Actor
    admin: Actor
    order_id: int = field(default=0, init=False)

    def events(self, now: datetime) -> Iterator[tuple[datetime, Callable[[], object]]]:
        """Yield when what is done, in order."""
        placed = now - self.plan.ago
        yield placed, self.place
        acts = {
            PAY: self.pay,
            PAY_BY_GIFT_CARD: self.pay_by_gift_card,
            RETURN: self.bring_back,
            CANCEL: self.cancel,
            EXPIRE: self.expire,
        }
        for number, step in enumerate(self.plan.steps):
            later = STEP * (number + 1) if number or step == EXPIRE else SOON
            yield placed + later, acts.get(step) or partial(self.come, FulfilmentStatus(step))

    def place(self) -> None:
        """Order."""
        items = [Item(sku, quantity) for sku, quantity in self.plan.basket]
        address = ADDRESS if self.plan.fulfilment is DELIVERY else None
        wanted = orders.Wanted(items, fulfilment=self.plan.fulfilment, address=address)
        self.order_id = orders.place_order(actor=self.client, wanted=wanted).id

    def pay(self) -> None:
        """Pay all of it."""
        take_for_order(self.order_id, TERMINAL if self.order_id % 2 else CASH)

    def pay_by_gift_card(self) -> None:
        """Pay with a card that was given."""
        take_gift_card(self.order_id)

    def bring_back(self) -> None:
        """Bring the last thing of it back, and get its price."""
        line = orders.get_order(self.admin, self.order_id).lines[-1]
        price = Money(line.total_amount, line.currency)
        give_back(self.order_id, price, {line.product_id: line.quantity}, "Brought back unopened.")

    def cancel(self) -> None:
        """Think better of it."""
        orders.cancel(self.client, self.order_id, reason="Found one at home.")

    def expire(self) -> None:
        """Let the time for paying pass."""
        expire_order(self.order_id)

    def come(self, step: FulfilmentStatus) -> None:
        """Come so far on its way."""
        orders.fulfil(self.admin, self.order_id, step)
