"""Why a product, or its stock, is refused."""

from app.kit.errors import Conflict


class SkuTaken(Conflict):
    """Another product has this SKU; capitals make no difference."""

    code = "sku_taken"
    title = "Another product has this SKU."


class OutOfStock(Conflict):
    """There is not as much as was asked for. `extra` names the products, what was asked and what is there."""

    code = "out_of_stock"
    title = "There is not enough of it."


class StockReserved(Conflict):
    """What would be left is less than what open orders have been promised."""

    code = "stock_reserved"
    title = "Open orders have been promised more than that."


class NotTracked(Conflict):
    """Of this product no stock is kept: there is always enough."""

    code = "not_tracked"
    title = "No stock is kept of this product."
