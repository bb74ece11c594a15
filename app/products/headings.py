"""The categories that a table names, all of them there before its first line is carried out."""

from collections.abc import Collection

from app.extensions import db
from app.models import ProductCategory
from app.products import queries
from app.products.categories import category_named, create_category
from app.products.errors import CategoryTaken


class Headings(dict[str, ProductCategory]):
    """Categories by name.

    Those that are there are locked first, then the others are made by the order of their names: so two tables that
    make the same ones wait for each other, and not in a circle.
    """

    def __init__(self, names: Collection[str]) -> None:
        """Look up, and make, the categories of these names."""
        found = db.session.scalars(queries.categories_kept(names))
        super().__init__((category.name, category) for category in found)
        self._made: list[ProductCategory] = []
        for name in sorted(set(names) - self.keys()):
            self[name] = self._make(name)

    def drop_unused(self, used: Collection[str | None]) -> None:
        """Unmake those that were made for lines that have been refused."""
        for category in self._made:
            if category.name not in used:
                db.session.delete(category)
        db.session.flush()

    def _make(self, name: str) -> ProductCategory:
        try:
            category = create_category({"name": name})
        except CategoryTaken:  # by somebody who has committed since we looked
            return category_named(name)
        self._made.append(category)
        return category
