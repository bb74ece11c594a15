"""`POST /api/reviews`: who may review what, once."""

from datetime import timedelta
from typing import Any

from app.models import BookingStatus, PendingReason, Role
from tests.api import Api
from tests.cases import each_case
from tests.factories import (
    make_letting,
    make_review,
    make_service,
    make_space,
    make_staff,
    make_user,
    make_visit,
    token_for,
)
from tests.reviews.talk import NOW, REVIEWS, counts, everything, say, wrong_counts

WAITING = {"pending_reason": PendingReason.APPROVAL, "expires_at": NOW + timedelta(hours=1)}
UNFINISHED: dict[str, dict[str, Any]] = {
    "confirmed": {"status": BookingStatus.CONFIRMED},
    "pending": {"status": BookingStatus.PENDING} | WAITING,
    "expired": {"status": BookingStatus.EXPIRED},
    "declined": {"status": BookingStatus.DECLINED},
    "missed": {"status": BookingStatus.NO_SHOW},
    "cancelled": {"status": BookingStatus.CANCELLED, "cancelled_at": NOW},
}


def test_a_visit_is_reviewed(api: Api) -> None:
    """The review is about the service and who performed it; both count it, and show it."""
    client, service, staff = make_user(first_name="Ada", last_name="Wong"), make_service(), make_staff(name="Jo")
    booking = make_visit(client, service, staff=staff)
    answer = say(api, client, booking.id, 4, comment="  Fine.\r\nThanks. ")
    review = answer.json
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/reviews/{review['id']}")
    assert review == {
        "id": review["id"],
        "booking_id": booking.id,
        "rating": 4,
        "comment": "Fine.\nThanks.",
        "author_name": "Ada W.",
        "services": [{"id": service.id, "name": service.name}],
        "staff": [{"id": staff.id, "name": "Jo"}],
        "space": None,
        "reply": None,
        "status": "published",
        "status_reason": "",
        "created_at": "2030-01-07T12:00:00Z",
        "updated_at": "2030-01-07T12:00:00Z",
    }
    assert counts(service) == counts(staff) == (0, 0, 0, 1, 0)
    assert api.get(f"/api/services/{service.id}").json["rating"] == {"count": 1, "average": 4.0}
    assert api.get(f"/api/staff/{staff.id}").json["rating"] == {"count": 1, "average": 4.0}
    assert api.get(answer.headers["Location"]).json == {
        name: value for name, value in review.items() if name not in {"booking_id", "status_reason"}
    }


def test_a_visit_of_several_services_counts_for_each(api: Api) -> None:
    """Once for each service and for each who performed one, however often they come in it."""
    client, staff = make_user(), make_staff()
    cut, colour, other = make_service(), make_service(), make_service()
    booking = make_visit(client, cut, colour, cut, staff=staff)
    answer = say(api, client, booking.id, 2)
    assert [one["id"] for one in answer.json["services"]] == [cut.id, colour.id]
    assert counts(cut) == counts(colour) == counts(staff) == (0, 1, 0, 0, 0)
    assert counts(other) == (0, 0, 0, 0, 0)
    assert wrong_counts() == []


def test_a_space_is_reviewed(api: Api) -> None:
    """A letting is about the space alone."""
    client, space = make_user(), make_space()
    answer = say(api, client, make_letting(client, space).id, 3)
    assert (answer.status_code, answer.json["space"]) == (201, {"id": space.id, "name": space.name})
    assert (answer.json["services"], answer.json["staff"]) == ([], [])
    assert counts(space) == (0, 0, 1, 0, 0)


def test_neither_version_nor_age_of_what_is_rated_changes(api: Api) -> None:
    """A review is no change of the service: whoever edits it meanwhile is not refused."""
    client, service = make_user(), make_service()
    admin = token_for(make_user(Role.ADMIN))
    say(api, client, make_visit(client, service, staff=make_staff()).id)
    seen = {"If-Match": f'"{service.version}"'}
    answer = api.patch(f"/api/services/{service.id}", {"name": "New"}, token=admin, headers=seen)
    assert (answer.status_code, answer.json["rating"]) == (200, {"count": 1, "average": 5.0})
    assert wrong_counts() == []


@each_case("kind", UNFINISHED)
def test_what_was_not_had_is_not_reviewed(api: Api, kind: str) -> None:
    """409, and nothing is written."""
    client = make_user()
    booking = make_visit(client, make_service(), staff=make_staff(), **UNFINISHED[kind])
    before = everything()
    answer = say(api, client, booking.id)
    assert (answer.status_code, answer.json["code"]) == (409, "booking_not_completed")
    assert everything() == before


def test_once(api: Api) -> None:
    """409 from the second time on, whatever is said then."""
    client = make_user()
    booking = make_visit(client, make_service(), staff=make_staff())
    assert say(api, client, booking.id).status_code == 201
    before = everything()
    again = say(api, client, booking.id, 1, comment="No, after all.")
    assert (again.status_code, again.json["code"]) == (409, "already_reviewed")
    assert everything() == before
    assert wrong_counts() == []


def test_once_is_said_by_the_database(api: Api) -> None:
    """A review that another transaction has just written is met by the unique index, and counted once."""
    client, service = make_user(), make_service()
    booking = make_visit(client, service, staff=make_staff())
    make_review(booking, 4)
    assert say(api, client, booking.id, 1).json["code"] == "already_reviewed"
    assert counts(service) == (0, 0, 0, 1, 0)


def test_a_deleted_review_can_be_written_again(api: Api) -> None:
    """RV-05: 201, and still one row for the booking."""
    client, service = make_user(), make_service()
    booking = make_visit(client, service, staff=make_staff())
    first = say(api, client, booking.id, 1).json["id"]
    assert api.delete(f"{REVIEWS}/{first}", token=token_for(client)).status_code == 204
    assert (counts(service), wrong_counts()) == ((0, 0, 0, 0, 0), [])
    assert say(api, client, booking.id, 5).status_code == 201
    assert len(everything()["reviews"]) == 1
    assert (counts(service), wrong_counts()) == ((0, 0, 0, 0, 1), [])


@each_case(("role", "status"), [(Role.CLIENT, 404), (Role.OWNER, 404), (Role.STAFF, 403), (Role.ADMIN, 403)])
def test_only_its_client(api: Api, role: Role, status: int) -> None:
    """RV-01, RV-03: whoever does not see the booking is told that there is none, and which field said so; whoever sees
    it and did not have it may not. Where RV-01 asks for 403 "without a booking", api.md has it that an id in a body
    which names nothing is 404, and a body without one 422.
    """
    booking = make_visit(make_user(), make_service(), staff=make_staff())
    before, other = everything(), make_user(role)
    answer = say(api, other, booking.id)
    assert answer.status_code == status
    assert answer.json.get("errors", {}).keys() == ({"booking_id"} if status == 404 else set())
    assert say(api, other, 2**60).json["errors"].keys() == {"booking_id"}
    assert api.post(REVIEWS, {"rating": 5}, token=token_for(other)).json["errors"].keys() == {"booking_id"}
    assert everything() == before


def test_the_owner_of_a_space_is_not_its_guest(api: Api) -> None:
    """403: the owner sees the booking, and did not have it. Another owner sees nothing of it."""
    owner = make_user(Role.OWNER)
    booking = make_letting(make_user(), make_space(owner))
    before = everything()
    assert say(api, owner, booking.id).status_code == 403
    assert say(api, make_user(Role.OWNER), booking.id).status_code == 404
    assert everything() == before


def test_nobody_praises_the_own_work(api: Api) -> None:
    """Staff who booked themselves, and owners their own space: 403 own_work. A colleague's work they may."""
    me, owner = make_user(Role.STAFF), make_user(Role.OWNER)
    own = make_visit(me, make_service(), staff=make_staff(user_id=me.id))
    let = make_letting(owner, make_space(owner))
    before = everything()
    for who, booking in ((me, own), (owner, let)):
        answer = say(api, who, booking.id)
        assert (answer.status_code, answer.json["code"]) == (403, "own_work")
    assert everything() == before
    assert say(api, me, make_visit(me, make_service(), staff=make_staff()).id).status_code == 201
    assert say(api, owner, make_letting(owner, make_space()).id).status_code == 201


def test_anonymous(api: Api) -> None:
    booking = make_visit(make_user(), make_service(), staff=make_staff())
    assert api.post(REVIEWS, {"booking_id": booking.id, "rating": 5}).status_code == 401


@each_case("rating", [0, 6, 4.5, "5", None, -1, 10**9, True, [5], {}])
def test_stars(api: Api, rating: Any) -> None:
    """RV-07: a whole number from 1 to 5, and nothing like one."""
    client = make_user()
    booking = make_visit(client, make_service(), staff=make_staff())
    before = everything()
    answer = say(api, client, booking.id, rating)
    assert (answer.status_code, answer.json["errors"].keys()) == (422, {"rating"})
    assert everything() == before


@each_case(
    ("fields", "field"),
    [
        ({"comment": "x" * 2001}, "comment"),
        ({"comment": None}, "comment"),
        ({"comment": 7}, "comment"),
        ({"author_id": 1}, "author_id"),
        ({"status": "published"}, "status"),
        ({"booking_id": "1"}, "booking_id"),
        ({"booking_id": 0}, "booking_id"),
    ],
)
def test_shapes_that_cannot_be(api: Api, fields: dict[str, Any], field: str) -> None:
    """422 with the field named."""
    client = make_user()
    booking = make_visit(client, make_service(), staff=make_staff())
    answer = api.post(REVIEWS, {"booking_id": booking.id, "rating": 5} | fields, token=token_for(client))
    assert (answer.status_code, answer.json["errors"].keys()) == (422, {field})


def test_the_longest_comment(api: Api) -> None:
    """Counted in code points, of every plane."""
    client = make_user()
    comment = "🪮" * 2000
    answer = say(api, client, make_visit(client, make_service(), staff=make_staff()).id, comment=comment)
    assert (answer.status_code, answer.json["comment"]) == (201, comment)


def test_what_is_offered_no_more_is_still_reviewed(api: Api) -> None:
    """Retired services and staff who have left: who had them may say so."""
    client, service, staff = make_user(), make_service(active=False), make_staff(active=False)
    assert say(api, client, make_visit(client, service, staff=staff).id).status_code == 201
    assert counts(service) == counts(staff) == (0, 0, 0, 0, 1)
