"""What Stripe has taken in and given back, from its lists: payment intents, refunds and disputes, page by page."""

from collections.abc import Iterator
from datetime import datetime
from typing import Any

import stripe

from app.integrations.payments.books import Moved
from app.integrations.payments.provider import RefundSeen, Status
from app.integrations.payments.stripe_api import MOST_IN_A_PAGE, whole
from app.integrations.payments.stripe_objects import PAYMENT, dispute_seen, our_reference, outcome_of, refund_seen


def read(api: stripe.V1Services, since: datetime) -> Iterator[Moved]:
    """Yield all money that moved by what was created since. Raises the SDK's errors, for `speaking` to catch."""
    wanted: Any = {"created": {"gte": int(since.timestamp())}, "limit": MOST_IN_A_PAGE}
    for intent in api.payment_intents.list(wanted).auto_paging_iter():
        yield from _came(whole(intent))
    for refund in api.refunds.list(wanted).auto_paging_iter():
        yield from _gone(refund_seen(whole(refund)))
    for dispute in api.disputes.list(wanted).auto_paging_iter():
        yield from _gone(dispute_seen(whole(dispute)))


def _came(intent: dict[str, Any]) -> Iterator[Moved]:
    outcome = outcome_of(intent)
    if outcome.status is Status.SUCCEEDED:
        yield Moved(intent["id"], our_reference(intent, PAYMENT), outcome.amount or 0, outcome.currency)


def _gone(seen: RefundSeen) -> Iterator[Moved]:
    if seen.status is Status.SUCCEEDED or seen.is_held:
        yield Moved(seen.provider_reference, seen.reference, seen.amount, seen.currency)
