"""What services use up of the stock: said once for each service, and booked whenever one has been performed."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import Select, delete, insert, select
from sqlalchemy.orm import contains_eager
from sqlalchemy.orm.attributes import flag_modified

from app.extensions import BULK, db
from app.kit.clock import utcnow
from app.kit.errors import Invalid, NotFound
from app.kit.versions import Seen, require_version
from app.models import Product, ProductKind, Service, ServiceConsumable
from app.products import stock
from app.products.service import products_for_sale
from app.products.skus import sku_key
from app.services.service import get_service
from app.transactions import locked

Use = tuple[str, int]
"""A SKU, and how many units of that product are used."""


@dataclass(frozen=True, slots=True)
class Consumables:
    """What a service uses, by SKU, and the service's version: it goes up with each change of this as well."""

    items: list[ServiceConsumable]
    version: int


def consumables_of(service_id: int) -> Consumables:
    """Return what a service uses. Raises `NotFound`."""
    version = get_service(service_id).version
    return Consumables(list(db.session.scalars(_of_service(service_id))), version)


def set_consumables(service_id: int, uses: Sequence[Use], *, seen: Seen = None) -> Consumables:
    """Say anew what a service uses each time; return it. What has been performed stays as it was booked.

    Raises `NotFound`, where it is a product's naming its field, `StaleVersion`, and `Invalid` for what is named twice
    or cannot be used up.
    """
    service = locked(Service, service_id)
    require_version(service.version, seen)
    products = _products_of([sku for sku, _ in uses])
    quantities = {product.id: quantity for product, (_, quantity) in zip(products, uses, strict=True)}
    before = {one.product_id: one.quantity for one in db.session.scalars(_of_service(service_id))}
    if quantities != before:
        _rewrite(service, quantities)
    return Consumables(list(db.session.scalars(_of_service(service_id))), service.version)


def use_up(service_ids: Iterable[int], booking_id: int, *, actor_id: int | None) -> None:
    """Book what performing these services in a booking has used, each as often as it is named.

    What is not there is not waited for: what there is of it is taken, and the rest written down and announced.
    Products are locked: call it last.
    """
    stock.consume(_used_by(Counter(service_ids)), stock.Because(actor_id=actor_id, booking_id=booking_id))


def _rewrite(service: Service, quantities: Mapping[int, int]) -> None:
    """Put these quantities, by product id, in the place of what a service used; that is a new version of it."""
    before = delete(ServiceConsumable).where(ServiceConsumable.service_id == service.id)
    db.session.execute(before, execution_options=BULK)
    rows = [{"service_id": service.id, "product_id": one, "quantity": much} for one, much in quantities.items()]
    if rows:
        db.session.execute(insert(ServiceConsumable), rows)
    service.updated_at = utcnow()
    flag_modified(service, "updated_at")  # within the same microsecond too
    db.session.flush()


def _of_service(service_id: int) -> Select[ServiceConsumable]:
    found = select(ServiceConsumable).join(ServiceConsumable.product).options(contains_eager(ServiceConsumable.product))
    found = found.where(ServiceConsumable.service_id == service_id).order_by(Product.sku_key)
    return found.execution_options(populate_existing=True)


def _used_by(times: Mapping[int, int]) -> dict[int, int]:
    """Return the units that performing services so many times uses, by product id."""
    columns = (ServiceConsumable.service_id, ServiceConsumable.product_id, ServiceConsumable.quantity)
    used: Counter[int] = Counter()
    if times:
        for service_id, product_id, quantity in db.session.execute(
            select(*columns).where(ServiceConsumable.service_id.in_(times))
        ):
            used[product_id] += times[service_id] * quantity
    return used


def _products_of(skus: Sequence[str]) -> list[Product]:
    """Return the products of these SKUs, in their order."""
    found, keys = products_for_sale(skus), [sku_key(sku) for sku in skus]
    errors = {}
    for index, sku in enumerate(skus):
        field = f"items.{index}.sku"
        if sku not in found:
            raise NotFound.naming(field)
        if keys[index] in keys[:index]:
            errors[field] = ["Is named twice."]
        elif found[sku].kind is not ProductKind.RETAIL:
            errors[field] = ["Packages and gift cards are not used up."]
    if errors:
        raise Invalid(errors=errors)
    return [found[sku] for sku in skus]
