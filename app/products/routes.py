"""`/api/products`: what is sold."""

from typing import Any

from app.images.albums import Album, serve_album
from app.images.subjects import Kind
from app.kit.errors import NotFound
from app.models import Product, ProductCategory, Role
from app.products import categories, service
from app.products.errors import CategoryInUse, CategoryTaken, SkuTaken
from app.products.profiles import profile, profiles
from app.products.queries import Filters
from app.products.schemas import (
    ProductCategoriesQuery,
    ProductCategoryChangesIn,
    ProductCategoryIn,
    ProductCategoryOut,
    ProductChangesIn,
    ProductIn,
    ProductOut,
    ProductsQuery,
)
from app.security.errors import BAD_TOKEN
from app.security.guards import current_actor, optional_actor, public, roles
from app.transactions import transactional
from app.web.blueprint import Blueprint, created
from app.web.caching import cacheable
from app.web.pagination import paginate
from app.web.preconditions import seen_version, versioned
from app.web.schemas import list_of

blueprint = Blueprint("products", __name__, url_prefix="/api/products")

SORTS = {"name": Product.name, "price": Product.price_amount, "created_at": Product.created_at}


@blueprint.get("")
@public
@cacheable
@blueprint.arguments(ProductsQuery, location="query")
@blueprint.response(200, list_of(ProductOut))
@blueprint.refuses(*BAD_TOKEN)
def list_all(query: dict[str, Any]) -> Any:
    """List the products on sale; staff and admins see retired ones with `active=false`.

    `in_stock=true` leaves out what cannot be had now.
    """
    actor, filters = optional_actor(), Filters(**{name: query[name] for name in Filters.__slots__})
    page = paginate(service.list_products(actor, filters), SORTS, query)
    return page | {"items": profiles(actor, page["items"])}


@blueprint.post("")
@roles(Role.ADMIN)
@blueprint.arguments(ProductIn)
@transactional
@blueprint.response(201, ProductOut)
@blueprint.refuses(NotFound, SkuTaken)
def create(fields: dict[str, Any]) -> Any:
    """Add a product: goods, a package of visits, or a gift card."""
    actor = current_actor()
    added = service.create_product(fields, actor.id)
    return created(profile(actor, added), f"/api/products/{added.id}")


@blueprint.get("/<id:product_id>")
@public
@cacheable
@blueprint.response(200, ProductOut)
@blueprint.refuses(*BAD_TOKEN)
def read(product_id: int) -> Any:
    """Read one product, retired ones too."""
    return profile(optional_actor(), service.get_product(product_id))


@blueprint.patch("/<id:product_id>")
@roles(Role.ADMIN)
@versioned
@blueprint.arguments(ProductChangesIn)
@transactional
@blueprint.response(200, ProductOut)
@blueprint.refuses(SkuTaken)
def change(fields: dict[str, Any], product_id: int) -> Any:
    """Change a product; orders keep the name and the price that they were made with.

    A movement of its stock is a new version too.
    """
    return profile(current_actor(), service.change_product(product_id, fields, seen=seen_version()))


@blueprint.delete("/<id:product_id>")
@roles(Role.ADMIN)
@versioned
@transactional
@blueprint.response(204)
def retire(product_id: int) -> None:
    """Sell a product no longer; its orders and its stock stay."""
    service.retire_product(product_id, seen=seen_version())


@blueprint.get("/categories")
@public
@cacheable
@blueprint.arguments(ProductCategoriesQuery, location="query")
@blueprint.response(200, list_of(ProductCategoryOut))
def list_categories(query: dict[str, Any]) -> Any:
    """List the headings of the shop."""
    sorts = {"position": ProductCategory.position, "name": ProductCategory.name}
    return paginate(categories.list_categories(), sorts, query)


@blueprint.post("/categories")
@roles(Role.ADMIN)
@blueprint.arguments(ProductCategoryIn)
@transactional
@blueprint.response(201, ProductCategoryOut)
@blueprint.refuses(CategoryTaken)
def create_category(fields: dict[str, Any]) -> Any:
    """Add a category of products."""
    added = categories.create_category(fields)
    return created(added, "/api/products/categories")


@blueprint.patch("/categories/<id:category_id>")
@roles(Role.ADMIN)
@blueprint.arguments(ProductCategoryChangesIn)
@transactional
@blueprint.response(200, ProductCategoryOut)
@blueprint.refuses(CategoryTaken)
def change_category(fields: dict[str, Any], category_id: int) -> Any:
    """Change a category of products."""
    return categories.change_category(category_id, fields)


@blueprint.delete("/categories/<id:category_id>")
@roles(Role.ADMIN)
@transactional
@blueprint.response(204)
@blueprint.refuses(CategoryInUse)
def delete_category(category_id: int) -> None:
    """Remove a category that no product is in."""
    categories.delete_category(category_id)


def _is_there(_actor: object, product_id: int) -> None:
    service.get_product(product_id)


serve_album(blueprint, Album(Kind.PRODUCT, "product", keepers=(Role.ADMIN,), see=_is_there, keep=_is_there))
