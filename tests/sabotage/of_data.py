"""Guards in the database, and locks."""

from tests.sabotage.guard import Guard

VERSIONS = "migrations/versions"
MODELS = "tests/models"

IN_THE_DATABASE = (
    Guard(
        "nothing is taken twice (PostgreSQL)",
        f"{VERSIONS}/0001_foundation.py",
        "    if not on_postgresql():\n        return ()\n",
        "    return ()\n",
        (f"{MODELS}/test_constraints.py::test_no_two_allocations_of_one_resource_overlap",),
    ),
    Guard(
        "nothing is taken twice (SQLite)",
        f"{VERSIONS}/0001_foundation.py",
        "    if not on_postgresql():\n        create_overlap_triggers()\n",
        "",
        (f"{MODELS}/test_constraints.py::test_no_two_allocations_of_one_resource_overlap",),
    ),
    Guard(
        "an email is one account's",
        f"{VERSIONS}/0002_identity.py",
        'name, "users", ["email_key"], unique=True,',
        'name, "users", ["email_key"], unique=False,',
        (f"{MODELS}/test_constraints.py::test_unique_things_are_unique",),
    ),
    Guard(
        "the audit log is only added to",
        f"{VERSIONS}/0010_whose_it_is.py",
        "NEW.address IS NULL AND {request_id} AND {same}",
        "NEW.address IS NULL",
        ("tests/audit/test_append_only.py::test_nothing_is_changed",),
    ),
    Guard(
        "a booking has one review",
        f"{VERSIONS}/0013_reviews.py",
        '"uq_reviews_booking_id", "reviews", ["booking_id"], unique=True',
        '"uq_reviews_booking_id", "reviews", ["booking_id"], unique=False',
        (f"{MODELS}/test_review_constraints.py::test_a_booking_has_one_review",),
    ),
    Guard(
        "no more is reserved than there is",
        f"{VERSIONS}/0014_shop.py",
        '"0 <= reserved AND reserved <= on_hand AND on_hand <= 1000000000"',
        '"on_hand <= 1000000000"',
        (f"{MODELS}/test_shop_constraints.py::test_unlawful_goods_are_refused",),
    ),
    Guard(
        "no balance is negative",
        f"{VERSIONS}/0016_consumables_prepaid.py",
        '"0 <= balance AND balance <= value"',
        '"balance <= value"',
        (f"{MODELS}/test_prepaid_constraints.py::test_unlawful_values_are_refused",),
    ),
    Guard(
        "no more goes back than came (CHECK)",
        f"{VERSIONS}/0020_payments.py",
        " AND refunded_amount + refunding_amount <= captured_amount",
        "",
        (f"{MODELS}/test_payment_constraints.py::test_unlawful_payments",),
    ),
    Guard(
        "one payment of a booking is open",
        f"{VERSIONS}/0020_payments.py",
        '        ["booking_id"],\n        unique=True,\n',
        '        ["booking_id"],\n        unique=False,\n',
        (f"{MODELS}/test_payment_constraints.py::test_one_payment_is_open",),
    ),
    Guard(
        "the books are only added to",
        f"{VERSIONS}/0021_books.py",
        "    for table in KEPT:\n        keep(table)\n",
        "",
        (f"{MODELS}/test_book_constraints.py::test_books_are_only_added_to",),
    ),
)

LOCKS = (
    Guard(
        "who changes the catalogue waits for its leases",
        "app/catalogue.py",
        "        first_after_commit(lease.outlast)\n",
        "        pass\n",
        ("tests/catalogue/test_who_waits.py::test_who_waits",),
    ),
    Guard(
        "a lease counts from before it was asked for",
        "app/leases.py",
        "_Known(self._ask(), asked_at)",
        "_Known(self._ask(), monotonic())",
        ("tests/catalogue/test_leases.py::test_it_counts_from_before_it_asked",),
    ),
    Guard(
        "a row that is changed is locked",
        "app/transactions.py",
        "populate_existing=True, with_for_update=lock)",
        "populate_existing=True)",
        ("tests/prepaid/test_at_once.py::",),
    ),
    Guard(
        "resources are locked",
        "app/diary/allocations.py",
        "return found.with_for_update(**_LOCKS[how])",
        "return found",
        ("tests/races/test_time_off_at_once.py::test_time_off_or_a_booking",),
    ),
    Guard(
        "an order is locked",
        "app/orders/queries.py",
        "found.order_by(Order.id).with_for_update(key_share=True, of=Order)",
        "found.order_by(Order.id)",
        ("tests/races/test_orders_at_once.py::",),
    ),
    Guard(
        "stock changes only where enough is there",
        "app/products/queries.py",
        "        .where(reserved >= 0, reserved <= on_hand, on_hand <= MOST_STOCK)\n",
        "",
        ("tests/orders/test_placing.py::",),
    ),
    Guard(
        "a balance changes only where enough is there",
        "app/prepaid/ledger.py",
        "changed.where(balance.between(0, self.things.value)).values",
        "changed.values",
        ("tests/prepaid/test_spending.py::",),
    ),
    Guard(
        "a change is of the version that was seen",
        "app/kit/versions.py",
        "    if seen is not None and str(version) not in seen:",
        "    if seen is not None and not seen:",
        ("tests/test_preconditions.py::test_stale",),
    ),
)
