"""Names of earlier backends, in bodies and in query strings: a refusal says what each is called here."""

from app.models import Role
from app.web.legacy_fields import MOVED, RENAMED, WORDS
from tests.api import Api
from tests.cases import each_case
from tests.databases import PROJECT
from tests.factories import make_product, make_user, token_for


@each_case(
    ("path", "fields"),
    [
        (
            "/api/bookings",
            {
                "start_time": "starts_at",
                "end_time": "ends_at",
                "user_id": "client_id",
                "customer_id": "client_id",
                "employee_id": "staff_id",
                "guests": "party_size",
                "special_requests": "notes",
            },
        ),
        (
            "/api/services",
            {"duration": "duration_minutes", "title": "name", "is_active": "active", "image_url": "/images"},
        ),
        ("/api/products", {"stock": "on_hand", "image_url": "/images", "title": "name"}),
        ("/api/spaces", {"hourly_rate": "price_per_hour", "price": "price_per_hour", "location": "address"}),
        ("/api/services/assignments", {"employee_id": "staff_id", "duration": "duration_minutes"}),
        ("/api/sales", {"payment_method": "method", "products": "items", "customer_id": "client_id"}),
        ("/api/testimonials", {"message": "content", "stars": "rating"}),
        ("/api/reviews", {"text": "comment", "user_id": "signed in"}),
        ("/api/orders", {"user_id": "client_id", "payment_method": "POST /api/payments", "products": "items"}),
        ("/api/spaces", {"is_available": "status"}),
        ("/api/users", {"name": "first_name", "full_name": "first_name", "phone_number": "phone"}),
    ],
)
def test_an_old_field_is_told_its_new_name(api: Api, path: str, fields: dict[str, str]) -> None:
    """Every one of them, where it is sent."""
    role = Role.CLIENT if path == "/api/reviews" else Role.ADMIN
    answer = api.post(path, json=dict.fromkeys(fields, "x"), token=token_for(make_user(role)))
    assert answer.status_code == 422
    for old, new in fields.items():
        assert new in answer.json["errors"][old][0], old


def test_every_old_name_is_in_the_document() -> None:
    """docs/migrating.md names whatever a refusal explains."""
    document = (PROJECT / "docs" / "migrating.md").read_text(encoding="utf-8")
    assert [field for field in (*RENAMED, *MOVED, *WORDS) if f"`{field}`" not in document] == []


@each_case(
    ("path", "old", "new"),
    [
        ("/api/bookings", "user_id=2", "client_id"),
        ("/api/bookings", "customer_id=2", "client_id"),
        ("/api/bookings", "date=2026-12-01", "from"),
        ("/bookings", "end=2026-12-01", "to"),
        ("/api/bookings/bookings", "employee_id=3", "staff_id"),
        ("/api/bookings/availability", "service_id=1&from=2026-12-01&to=2026-12-01&employee_id=3", "staff_id"),
        ("/api/availability", "service_id=1&date=2026-12-01", "from"),
        ("/api/bookings/check-availability", "service_id=1&start_time=2026-12-01T09:00:00Z", "starts_at"),
        ("/api/products", "is_active=false", "active"),
        ("/services", "is_active=false", "active"),
        ("/api/employees", "is_active=false", "active"),
        ("/api/spaces/spaces", "is_available=true", "status"),
        ("/api/orders", "user_id=2", "client_id"),
        ("/reviews", "stars=5", "rating"),
    ],
)
def test_an_old_parameter_is_told_its_new_name(api: Api, path: str, old: str, new: str) -> None:
    """What it was meant to choose would be chosen by nothing."""
    answer = api.get(f"{path}?{old}", token=token_for(make_user(Role.ADMIN)))
    name = old.rpartition("&")[2].partition("=")[0]
    assert answer.status_code == 422
    assert f"it is called {new}" in answer.json["errors"][name][0]


@each_case(
    "path",
    ["/api/users?is_active=true", "/api/notifications?user_id=2", "/api/services?utm_source=x&title=y&stock=1"],
)
def test_other_parameters_stay_what_they_are(api: Api, path: str) -> None:
    """Those that are called so here as well; and those that would choose nothing anyway, as links carry them."""
    assert api.get(path, token=token_for(make_user(Role.ADMIN))).status_code == 200


@each_case(
    ("call", "old", "new"),
    [
        ("GET /api/bookings?status=approved", None, "confirmed"),
        ("GET /api/bookings?status=rejected", None, "declined"),
        ("GET /api/users?role=customer", None, "client"),
        ("POST /api/users", {"role": "customer"}, "client"),
        ("PATCH /api/users/1", {"role": "user"}, "client"),
        ("PATCH /api/bookings/1", {"status": "approved"}, "confirmed"),
    ],
)
def test_an_old_word_is_told_its_new_one(api: Api, call: str, old: dict[str, str] | None, new: str) -> None:
    answer = api.call(*call.split(), json=old, token=token_for(make_user(Role.ADMIN)))
    assert answer.status_code == 422
    said = [line for name in ("status", "role") for line in answer.json["errors"].get(name, ())]
    assert f"it is called {new}" in said[0]


def test_stock_is_no_quantity(api: Api) -> None:
    product = make_product(7)
    body = {"quantity": 3, "reason": "receipt"}
    answer = api.put(f"/api/inventory/{product.sku}/update_stock", json=body, token=token_for(make_user(Role.ADMIN)))
    assert (answer.status_code, product.on_hand) == (422, 7)
    assert "it is called on_hand" in answer.json["errors"]["quantity"][0]
    assert "delta" in answer.json["errors"]["quantity"][0]


def test_the_end_of_a_service_is_no_circle(api: Api) -> None:
    """Whoever is told the new name is told at once that a service has no need of it."""
    body = {"service_id": 1, "starts_at": "2026-12-01T09:00:00Z", "end_time": "2026-12-01T10:00:00Z"}
    answer = api.post("/api/bookings", json=body, token=token_for(make_user()))
    assert answer.json["errors"] == {
        "end_time": ["Unknown field; it is called ends_at. Of a space; a service takes its time."]
    }
