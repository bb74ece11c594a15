"""Guards of bookings and money, and of what comes from outside and goes there."""

from tests.sabotage.guard import Guard

BOOKINGS = (
    Guard(
        "a repeated request is done once",
        "app/security/idempotency.py",
        "        if row_id is None:\n            return shown(first_request(key))\n",
        "        if row_id is None:\n            return view(*args, **kwargs)\n",
        ("tests/security/test_idempotency.py::test_the_first_answer_again",),
    ),
    Guard(
        "a key is for one request",
        "app/security/idempotency.py",
        "    if row.fingerprint != fingerprint():",
        "    if not row.fingerprint:",
        ("tests/security/test_idempotency.py::test_for_something_else",),
    ),
    Guard(
        "nobody books a space for somebody else",
        "app/bookings/service/for_whom.py",
        "    if client.id != actor.id and not may_book_for_others(actor, request.kind):",
        "    if not client.id:",
        ("tests/bookings/test_spaces.py::test_of_a_space_staff_are_clients",),
    ),
    Guard(
        "a blocked client books nothing",
        "app/bookings/service/for_whom.py",
        "    if client.is_blocked:",
        "    if not client:",
        ("tests/bookings/test_create.py::",),
    ),
    Guard(
        "a client has so many bookings ahead",
        "app/bookings/service/for_whom.py",
        "    if left is not None and left <= 0:",
        "    if left is not None and left < -1000:",
        ("tests/bookings/test_client_limits.py::",),
    ),
    Guard(
        "a client holds so much time",
        "app/bookings/service/holds.py",
        "    if len(living) >= MOST_HOLDS:",
        "    if len(living) >= 1000 * MOST_HOLDS:",
        ("tests/bookings/test_holds.py::",),
    ),
    Guard(
        "a hold is its client's",
        "app/bookings/service/holds.py",
        "    if hold is None or hold.client_id != client.id:",
        "    if hold is None:",
        ("tests/bookings/test_holds.py::",),
    ),
    Guard(
        "only who decides waives a fee",
        "app/bookings/service/steps.py",
        "owner_id) or (waive_fee and not decides):",
        "owner_id):",
        ("tests/bookings/test_steps.py::test_the_late_fee_is_what_the_quote_said",),
    ),
    Guard(
        "what is reviewed has been done",
        "app/reviews/service.py",
        "    if booking.current_status is not BookingStatus.COMPLETED:",
        "    if not booking.current_status:",
        ("tests/reviews/test_writing.py::",),
    ),
)

MONEY = (
    Guard(
        "the price is ours, and the one that was seen",
        "app/orders/basket.py",
        "    if changed:\n",
        "    if changed == 0:\n",
        ("tests/orders/test_placing.py::test_another_price_than_the_cart_showed",),
    ),
    Guard(
        "a blocked client orders nothing",
        "app/orders/service/create.py",
        "    if client.is_blocked:",
        "    if not client:",
        ("tests/orders/test_placing.py::test_blocked_clients",),
    ),
    Guard(
        "no more goes back than came",
        "app/payments/service/refunding.py",
        "    if not 0 < amount <= payment.refundable_amount:",
        "    if not 0 < amount:",
        ("tests/payments/test_refunds.py::",),
    ),
    Guard(
        "no more goes back to a card than it spent",
        "app/prepaid/ledger.py",
        "        if given + amount > -spend.change:",
        "        if given < 0:",
        ("tests/prepaid/test_spending.py::",),
    ),
    Guard(
        "a payment is of all the money",
        "app/payments/service/applying.py",
        "    return same_currency and outcome.amount in {None, payment.amount}",
        "    return same_currency",
        ("tests/payments/test_by_provider.py::",),
    ),
    Guard(
        "a message of Stripe's is signed",
        "app/integrations/payments/stripe_webhook.py",
        "    if not any(_is_signed(body, signature, secret) for secret in secrets):",
        "    if not secrets:",
        ("tests/integrations/payments/test_stripe_webhook.py::",),
    ),
    Guard(
        "a message of Stripe's is new",
        "app/integrations/payments/stripe_webhook.py",
        "verify_header(body, signature, secret, TOLERANCE)",
        "verify_header(body, signature, secret, None)",
        ("tests/integrations/payments/test_stripe_webhook.py::",),
    ),
    Guard(
        "a message is kept once",
        "app/payments/service/inbox.py",
        '    new = new.on_conflict_do_nothing(index_elements=["provider", "event_id"])\n',
        "",
        ("tests/payments/test_inbox.py::",),
    ),
    Guard(
        "what M-Pesa says is asked of Safaricom",
        "app/payments/service/evidence.py",
        "    return not event.proof and not differs(event, payment)",
        "    return False",
        ("tests/integrations/payments/mpesa/test_flow.py::test_a_callback_proves_nothing",),
    ),
)

OUTSIDE = (
    Guard(
        "a webhook's address is public",
        "app/integrations/targets.py",
        '    return None if _may_be_public(target.host) else "Must be reachable from the public internet."',
        "    return None",
        ("tests/integrations/webhooks/test_targets.py::",),
    ),
    Guard(
        "what is called is public (SSRF)",
        "app/integrations/wire.py",
        "    allowed = [one for one in found if allow_private or _is_public(one)]",
        "    allowed = found",
        ("tests/integrations/webhooks/test_client.py::",),
    ),
)
