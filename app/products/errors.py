"""Why a product, or its stock, is refused."""

from app.kit.errors import Conflict


class SkuTaken(Conflict):
    """Another product has this SKU; capitals make no difference."""

    code = "sku_taken"
    title = "Another product has this SKU."


class CategoryTaken(Conflict):
    """Another category has the name."""

    code = "category_exists"
    title = "There is a category of this name."


class CategoryInUse(Conflict):
    """Products, retired ones too, are listed under the category."""

    code = "category_in_use"
    title = "There are products in this category."


class OutOfStock(Conflict):
    """There is not as much as was asked for. `extra` names the products, what was asked and what is there."""

    code = "out_of_stock"
    title = "There is not enough of it."


class StockReserved(Conflict):
    """What would be left is less than what open orders have been promised."""

    code = "stock_reserved"
    title = "Open orders have been promised more than that."


class TooMuchStock(Conflict):
    """More than a house holds would be there."""

    code = "too_much_stock"
    title = "Nobody has so much of it."


class NotTracked(Conflict):
    """Of this product no stock is kept: there is always enough."""

    code = "not_tracked"
    title = "No stock is kept of this product."
