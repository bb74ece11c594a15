"""Gift cards as one sees them: a code is money, and not everybody's who may see that there is a card."""

from typing import Any

from app.kit.money import Money
from app.models import GiftCard, Role
from app.security.actor import Actor

SIGNS = 4
HIDDEN = "•" * SIGNS


def shown(actor: Actor, card: GiftCard) -> dict[str, Any]:
    """Return a card as the actor sees it, ready for `GiftCardOut`."""
    names = ("id", "order_id", "product_id", "name", "client_id", "current_status", "expires_at", "created_at")
    return {
        **{name: getattr(card, name) for name in names},
        "code": _code(card, whole=may_see_code(actor, card)),
        "value": Money(card.value, card.currency),
        "balance": Money(card.balance, card.currency),
    }


def may_see_code(actor: Actor, card: GiftCard) -> bool:
    """Say whether the actor may read the code: who bought the card, who sold it, and admins."""
    return actor.role is Role.ADMIN or actor.id in {card.client_id, card.sold_by}


def code_of(card: GiftCard) -> str:
    """Return a card's code as people read and type it, such as `7F3K-9QXA-M2PD-HT46`."""
    return _code(card, whole=True)


def _code(card: GiftCard, *, whole: bool) -> str:
    groups = [card.code[at : at + SIGNS] for at in range(0, len(card.code), SIGNS)]
    return "-".join(groups if whole else [*(HIDDEN for _ in groups[:-1]), groups[-1]])
