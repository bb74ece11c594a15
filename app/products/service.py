"""The verbs of the catalogue: what is sold, at what price."""

from collections.abc import Callable, Collection, Iterable
from typing import Any

from sqlalchemy import Select, false, select

from app.extensions import business, db
from app.kit.errors import Invalid, NotFound
from app.kit.versions import Seen, require_version
from app.models import MovementKind, Product, ProductCategory, ProductKind
from app.products import queries, stock
from app.products.categories import category_named
from app.products.errors import SkuTaken
from app.products.prepaid_terms import write_terms
from app.products.queries import Filters
from app.products.skus import sku_key
from app.security.actor import Actor
from app.transactions import locked, refusing

Called = int | str
"""What a caller calls a product: its id, or its SKU in any capitals."""

CategoryOf = Callable[[str], ProductCategory]
"""What finds, or makes, the category of a name."""

FIXED = frozenset({"kind", "tracked", "on_hand"})
"""Fields of a new product that are never changed; its stock is, by the ledger alone."""


def list_products(actor: Actor | None, filters: Filters) -> Select[Product]:
    """Return the select of the products that the actor sees and that match."""
    found = queries.products(actor, filters)
    if filters.category is None:
        return found
    category_id = db.session.scalar(queries.category_id(filters.category))
    # A number, and no subselect: so the database knows when few products have it, and walks through no others.
    return found.where(false() if category_id is None else Product.category_id == category_id)


def get_product(product_id: int) -> Product:
    """Return one product, retired ones too. Raises `NotFound`."""
    product = db.session.scalars(queries.with_category().where(Product.id == product_id)).one_or_none()
    if product is None:
        raise NotFound
    return product


def get_products(product_ids: Collection[int]) -> dict[int, Product]:
    """Return those of these products that exist, as they are now, retired ones too, by id."""
    found = select(Product).where(Product.id.in_(product_ids)).execution_options(populate_existing=True)
    return {product.id: product for product in db.session.scalars(found)}


def all_products() -> Iterable[Product]:
    """Return everything that is sold or was, by SKU."""
    return db.session.scalars(queries.all_products()).all()


def products_for_sale(names: Collection[Called]) -> dict[Called, Product]:
    """Return the products that exist of these, by what each was called, in one statement; retired ones too."""
    ids = {name for name in names if isinstance(name, int)}
    keys = {name: sku_key(name) for name in names if isinstance(name, str)}
    found = db.session.scalars(queries.CALLED, {"ids": list(ids), "keys": list(keys.values())}).all()
    by_id, by_key = {one.id: one for one in found}, {one.sku_key: one for one in found}
    called: dict[Called, Product] = {one: by_id[one] for one in ids if one in by_id}
    return called | {name: by_key[key] for name, key in keys.items() if key in by_key}


def create_product(fields: dict[str, Any], actor_id: int) -> Product:
    """Add a product; what is `on_hand` of it is its first receipt.

    Raises `SkuTaken`, `NotFound` and `Invalid` naming the field.
    """
    with refusing("sku_key", SkuTaken):
        product = new_product(fields)
    if fields.get("on_hand"):
        stock.receive({product.id: fields["on_hand"]}, stock.Because(actor_id, MovementKind.RECEIPT))
        db.session.refresh(product, ["on_hand", "version", "updated_at"])
    return product


def new_product(fields: dict[str, Any], category_of: CategoryOf = category_named) -> Product:
    """Return a product of these fields that the next flush writes, without stock. Raises `NotFound`, `Invalid`."""
    kind = fields.get("kind", ProductKind.RETAIL)
    tracked = fields.get("tracked", kind is ProductKind.RETAIL)
    if fields.get("on_hand") and not tracked:
        raise Invalid.field("on_hand", "No stock is kept of this product.")
    product = Product(kind=kind, tracked=tracked, currency=business.currency)
    rewrite(product, {name: value for name, value in fields.items() if name not in FIXED}, category_of)
    db.session.add(product)
    return product


def change_product(product_id: int, fields: dict[str, Any], *, seen: Seen = None) -> Product:
    """Change the fields given; orders keep what they were made with.

    Raises `NotFound`, `StaleVersion`, `SkuTaken`, and `Invalid` naming the field that its kind does not have.
    """
    product = locked(Product, product_id, queries.CATEGORY)
    require_version(product.version, seen)
    with refusing("sku_key", SkuTaken):
        rewrite(product, fields)
    return product


def retire_product(product_id: int, *, seen: Seen = None) -> None:
    """Sell the product no longer; orders and stock stay. Raises `NotFound`, `StaleVersion`."""
    product = locked(Product, product_id)
    require_version(product.version, seen)
    product.active = False
    db.session.flush()


def rewrite(product: Product, fields: dict[str, Any], category_of: CategoryOf = category_named) -> None:
    """Set the fields given of a product, which is locked if it is not new. Raises `NotFound`, `Invalid`."""
    plain = dict(fields)
    if "category" in plain:  # first of all: what writes a new one, writes whatever has been changed before
        named = plain.pop("category")
        if named is None:
            product.category = None
        elif product.category is None or product.category.name != named:
            product.category = category_of(named)
    if "sku" in plain:
        product.sku_key = sku_key(plain["sku"])
    if "price" in plain:
        product.price_amount = plain.pop("price").amount
    if "cost" in plain:
        cost = plain.pop("cost")
        product.cost_amount = None if cost is None else cost.amount
    write_terms(product, plain.pop("package", None), plain.pop("gift_card", None))
    for name, value in plain.items():
        setattr(product, name, value)
