"""The headings of the shop."""

from typing import Any

from sqlalchemy import Select

from app.extensions import db
from app.models import ProductCategory
from app.products import queries
from app.products.errors import CategoryInUse, CategoryTaken
from app.transactions import locked, refusing


def list_categories() -> Select[ProductCategory]:
    """Return the select of all categories."""
    return queries.categories()


def category_named(name: str) -> ProductCategory:
    """Return the category of this name, created on first use; two first users get the same one."""
    found = _by_name(name)
    if found is None:
        try:
            found = _insert(ProductCategory(name=name))
        except CategoryTaken:
            found = _by_name(name)
    assert found is not None  # noqa: S101  # it was there, or we, or the twin, have written it
    return found


def create_category(fields: dict[str, Any]) -> ProductCategory:
    """Add a category. Raises `CategoryTaken`."""
    return _insert(ProductCategory(**fields))


def change_category(category_id: int, fields: dict[str, Any]) -> ProductCategory:
    """Change the fields given. Raises `NotFound`, `CategoryTaken`."""
    category = locked(ProductCategory, category_id)
    with refusing("unique", CategoryTaken):
        for name, value in fields.items():
            setattr(category, name, value)
    return category


def delete_category(category_id: int) -> None:
    """Remove a category that no product is in. Raises `NotFound`, `CategoryInUse`."""
    category = locked(ProductCategory, category_id)
    with refusing("foreign key", CategoryInUse):
        db.session.delete(category)


def _by_name(name: str) -> ProductCategory | None:
    """Return the category of this name, which stays until we have committed."""
    return db.session.scalars(queries.categories_kept([name])).one_or_none()


def _insert(category: ProductCategory) -> ProductCategory:
    with refusing("unique", CategoryTaken):
        db.session.add(category)
    return category
