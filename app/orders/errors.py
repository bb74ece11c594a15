"""Why an order is refused."""

from app.kit.errors import Conflict, Invalid


class TooManyLines(Invalid):
    """More lines than one order may have."""

    code = "too_many_lines"
    title = "An order has at most 100 lines."


class NotAvailable(Conflict):
    """A product that is named is not sold any more. `extra` names the lines."""

    code = "not_available"
    title = "This is not sold any more."


class PriceChanged(Conflict):
    """A product costs something else than the caller has seen. `extra` names the lines, and the prices now."""

    code = "price_changed"
    title = "The price has changed."


class InvalidTransition(Conflict):
    """The order's status, or how far it has come, does not allow the step."""

    code = "invalid_transition"
    title = "The order's status does not allow this."


class OpenOrders(Conflict):
    """Somebody who has paid for what is still in the house, or has what is not paid for, cannot be forgotten."""

    code = "open_orders"
    title = "There are open orders. They must be paid and handed over first."
