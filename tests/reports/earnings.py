"""A house that taxes by 16 % in Berlin, and what may come of its days: for tests of what was earned."""

import random
from collections import Counter
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import select

from app.bookings.service.read import load_booking
from app.extensions import business, db
from app.kit.money import Money
from app.ledger import posting
from app.models import (
    Booking,
    GiftCard,
    LedgerEntry,
    Order,
    Payment,
    PaymentMethod,
    Product,
    ProductKind,
    Role,
    Service,
    Space,
    Staff,
    User,
)
from app.prepaid import service as prepaid
from app.prepaid.expiry import expire_overdue
from app.prepaid.service import Because
from app.transactions import reading, transaction
from tests.api import Api
from tests.factories import (
    make_letting,
    make_product,
    make_service,
    make_space,
    make_staff,
    make_user,
    make_visit,
)
from tests.ledger.money import bill, give_back, pay
from tests.orders.till import sell
from tests.prepaid.bought import make_gift_card, make_package, make_paid_order

ACCOUNTS = {"revenue": "net", "tax": "tax", "fees_kept": "fees_kept", "breakage": "breakage"}
"""What each account is called in a report."""

Amounts = Counter[tuple[str, str]]
"""Minor units by (currency, what of it)."""


@dataclass
class House:
    """Who works in it, and what it sells."""

    api: Api
    client: User = field(default_factory=make_user)
    clerk: User = field(default_factory=lambda: make_user(Role.STAFF))
    staff: list[Staff] = field(default_factory=lambda: [make_staff(), make_staff()])
    services: list[Service] = field(default_factory=lambda: [make_service(price_amount=n) for n in (3333, 10_001, 7)])
    space: Space = field(default_factory=make_space)
    goods: list[Product] = field(
        default_factory=lambda: [make_product(100_000, price_amount=n) for n in (199, 1, 4999)]
    )

    def __post_init__(self) -> None:
        """Sell what is paid ahead, too."""
        self.card = make_product(kind=ProductKind.GIFT_CARD, card_amount=5000, price_amount=5000, valid_days=20)
        self.package = make_product(
            kind=ProductKind.PACKAGE,
            price_amount=10_000,
            package_visits=3,
            package_service_id=self.services[0].id,
            valid_days=20,
        )

    def sale(self, *wishes: tuple[Product, int]) -> Order:
        """Ring something up."""
        answer = sell(self.api, self.clerk, *wishes, client_id=self.client.id)
        assert answer.status_code == 201, answer.json
        with reading():
            return db.session.get_one(Order, answer.json["id"])

    def visit(self, *services: Service, **fields: Any) -> Booking:
        """Let a client be served by the first of the staff; each service at its price."""
        booking = make_visit(self.client, *services, staff=self.staff[0])
        price_anew(booking, [service.price_amount for service in services], **fields)
        return booking

    def letting(self) -> Booking:
        """Let the space."""
        return make_letting(self.client, self.space)


def price_anew(booking: Booking, prices: list[int], **fields: Any) -> None:
    """Let each part of a booking have a price, and the whole what they come to."""
    db.session.expire_all()
    with transaction():
        found = load_booking(booking.id)
        assert found is not None
        for item, price in zip(found.items, prices, strict=True):
            item.price_amount = price
        found.total_amount = fields.get("total_amount", sum(prices))


def payments() -> list[Payment]:
    """Return those of which something is left."""
    with reading():
        return [one for one in db.session.scalars(select(Payment)) if one.captured_amount > one.refunded_amount]


def something_happens(house: House, random_: random.Random) -> None:
    """Let something happen to the money, now."""
    random_.choice([_sell, _serve, _let, _miss, _refund, _refund, _spend_card, _spend_visit, _void])(house, random_)
    with transaction():
        expire_overdue()


def _sell(house: House, random_: random.Random) -> None:
    products = random_.sample([*house.goods, house.card, house.package], k=random_.randint(1, 4))
    house.sale(*((product, random_.randint(1, 3)) for product in products))


def _serve(house: House, random_: random.Random) -> None:
    services = random_.sample(house.services, k=random_.randint(1, 3))
    booking = house.visit(*services, **random_.choice([{}, {}, {"total_amount": 12_345}]))
    pay(booking, booking.total_amount)
    bill(booking)


def _let(house: House, _random: random.Random) -> None:
    booking = house.letting()
    pay(booking, booking.total_amount, PaymentMethod.MPESA)
    bill(booking)


def _miss(house: House, random_: random.Random) -> None:
    booking = house.visit(*house.services[: random_.randint(1, 2)])
    with transaction():
        posting.owed_as_fee(booking, Money(random_.randint(1, 999), booking.currency))


def _refund(_house: House, random_: random.Random) -> None:
    found = [one for one in payments() if one.method not in {PaymentMethod.PACKAGE, PaymentMethod.GIFT_CARD}]
    for payment in random_.sample(found, k=min(1, len(found))):
        left = payment.captured_amount - payment.refunded_amount
        give_back(payment, random_.choice([left, random_.randint(1, left)]))


def _spend_card(house: House, random_: random.Random) -> None:
    card, reference = make_gift_card(house.client, value=4000, valid_days=20), f"PY-C{random_.getrandbits(32)}"
    booking = house.visit(house.services[0])
    with transaction():
        prepaid.spend_gift_card(card.code, booking.total_amount, Because(reference))
    payment = pay(booking, booking.total_amount, PaymentMethod.GIFT_CARD, reference=reference)
    bill(booking)
    if random_.random() < 0.5:
        back = f"RF-C{random_.getrandbits(32)}"
        with transaction():
            prepaid.give_back(reference, 1000, Because(back))
        give_back(payment, 1000, reference=back)


def _spend_visit(house: House, random_: random.Random) -> None:
    reference, price = f"PY-V{random_.getrandbits(32)}", random_.choice([1, 9_999, 30_000])
    make_package(house.client, house.services[0], visits=3, price_amount=price, valid_days=20)
    booking = house.visit(*house.services[: random_.randint(1, 2)])
    with transaction():
        prepaid.spend_package(house.client.id, house.services[0].id, Because(reference))
    pay(booking, house.services[0].price_amount, PaymentMethod.PACKAGE, reference=reference)
    bill(booking)


def _void(house: House, random_: random.Random) -> None:
    card = make_gift_card(house.client, value=random_.randint(1, 4000), valid_days=20)
    with transaction():
        prepaid.void_order(db.session.get_one(GiftCard, card.id).order_id, Because())


def abroad(house: House, amount: int) -> None:
    """Sell something in another currency than that of the business."""
    product = make_product(5, price_amount=amount)
    order = make_paid_order(house.client, product, currency="USD", paid_amount=0)
    pay(order, amount)
    bill(order)


def instants(random_: random.Random, first: date, last: date, how_many: int) -> list[datetime]:
    """Return instants in turn, many of them just before and at midnight in the business's zone."""
    zone, found = ZoneInfo(business.timezone), []
    for _ in range(how_many):
        day = first + timedelta(days=random_.randint(0, (last - first).days))
        midnight = datetime.combine(day, time(), zone).astimezone(UTC)
        found.append(midnight + timedelta(seconds=random_.choice([0, -1, 3600 * random_.randint(1, 20)])))
    return sorted(found)


def in_the_books() -> dict[str, Amounts]:
    """Return what each day of the business's zone earned: entry by entry, without any of what is tested."""
    found: dict[str, Amounts] = {}
    with reading():
        entries = db.session.scalars(select(LedgerEntry)).all()
    for entry in entries:
        day = entry.posted_at.astimezone(ZoneInfo(business.timezone)).date().isoformat()
        sums = found.setdefault(day, Counter())
        for account, sign in ((entry.credit, 1), (entry.debit, -1)):
            if account.value in ACCOUNTS:
                sums[entry.currency, ACCOUNTS[account.value]] += sign * entry.amount
    return {day: _without_zeros(sums) for day, sums in found.items() if any(sums.values())}


def _without_zeros(sums: Amounts) -> Amounts:
    return Counter({key: amount for key, amount in sums.items() if amount})


def amounts_of(*shown: dict[str, Any]) -> Amounts:
    """Return what some parts of a report come to."""
    sums: Amounts = Counter()
    for part in shown:
        for what in ACCOUNTS.values():
            sums[part[what]["currency"], what] += part[what]["amount"]
    return _without_zeros(sums)
