"""`/api/voice/aliases`: what clients call things; admins edit it, and conversations know it at once."""

from typing import Any

import pytest
from sqlalchemy import select

from app.extensions import db
from app.models import AuditEntry, Role, VoiceAlias
from tests.api import Api
from tests.cases import each_case
from tests.databases import refused_by_shape
from tests.factories import make_user, token_for
from tests.voice.desk import Client, Parlour, values

MEANT = (
    *("yes", "No", "OK", "anyone", "Anybody", "either", "thanks", "thank you", "start over", "that's wrong"),
    *("two", "12", "twenty two", "second", "the second one", "option 2", "21st", "a dozen", "December 4", "at 3 pm"),
    *("men's cut tomorrow", "massage at 3 pm", "book a massage", "jane on friday", "next week massage"),
)
"""What the conversation hears by itself."""

PATH = "/api/voice/aliases"


@pytest.fixture
def admin(parlour: Parlour) -> str:
    """An admin's token."""
    return token_for(make_user(Role.ADMIN))


def audited() -> list[tuple[str, Any, Any]]:
    """Return what was recorded."""
    found = select(AuditEntry.action, AuditEntry.before, AuditEntry.after).order_by(AuditEntry.id)
    rows = [tuple(row) for row in db.session.execute(found.where(AuditEntry.action.like("voice.%")))]
    db.session.rollback()
    return rows


def rows() -> list[tuple[Any, ...]]:
    """Return all names."""
    found = [tuple(row) for row in db.session.execute(select(VoiceAlias.text, VoiceAlias.text_key))]
    db.session.rollback()
    return found


def test_a_name_is_known_at_once(api: Api, ada: Client, admin: str, parlour: Parlour) -> None:
    assert "service" not in values(ada.says("book a short back and sides tomorrow at 10"))
    made = api.post(PATH, {"service_id": parlour.cut.id, "text": "Short back & sides"}, token=admin)
    assert (made.status_code, made.headers["Location"]) == (201, f"{PATH}/{made.json['id']}")
    alias_id = made.json["id"]
    assert api.get(made.headers["Location"], token=admin).json == made.json
    told = {"kind": "service", "service_id": parlour.cut.id, "staff_id": None, "space_id": None}
    assert made.json == told | {
        "id": alias_id,
        "text": "Short back & sides",
        "created_at": "2030-01-07T06:00:00Z",
    }
    ada.session_id = None
    assert values(ada.says("book a short back and sides tomorrow at 10"))["service"] == "Men's cut"
    changed = api.patch(f"{PATH}/{alias_id}", {"text": "Crew chop"}, token=admin)
    assert changed.json == made.json | {"text": "Crew chop"}
    assert values(Client(api).says("book a crew chop tomorrow at 11"))["service"] == "Men's cut"
    assert api.get(PATH, token=admin).json["items"] == [changed.json]
    assert api.delete(f"{PATH}/{alias_id}", token=admin).status_code == 204
    assert api.get(PATH, token=admin).json["items"] == []
    assert "service" not in values(Client(api).says("book a crew chop tomorrow at 12"))
    first, second = ({"kind": "service", "id": parlour.cut.id, "text": t} for t in ("Short back & sides", "Crew chop"))
    assert audited() == [
        ("voice.alias_created", None, first),
        ("voice.alias_changed", first, second),
        ("voice.alias_deleted", second, None),
    ]


def test_staff_and_spaces_have_names_too(api: Api, ada: Client, admin: str, parlour: Parlour) -> None:
    for field, thing in (("staff_id", parlour.wanjiru), ("space_id", parlour.studio)):
        assert api.post(PATH, {field: thing.id, "text": "Blossom"}, token=admin).status_code == 201
    assert ada.says("I want to book with Blossom")["understood"].keys() & {"staff", "space"}


@pytest.mark.parametrize("text", ["trim", "TRIM!", " Trim ", "trím"])
def test_a_name_means_one_thing(api: Api, admin: str, parlour: Parlour, text: str) -> None:
    """However it is written; a staff member may be called what a service is."""
    massage, cut, jane = parlour.massage.id, parlour.cut.id, parlour.jane.id
    other = api.post(PATH, {"service_id": massage, "text": "another"}, token=admin).json["id"]
    api.post(PATH, {"service_id": cut, "text": "Trim"}, token=admin)
    before = rows()
    for answer in (
        api.post(PATH, {"service_id": massage, "text": text}, token=admin),
        api.patch(f"{PATH}/{other}", {"text": text}, token=admin),
    ):
        assert (answer.status_code, answer.json["code"]) == (409, "alias_taken")
    assert rows() == before
    assert api.post(PATH, {"staff_id": jane, "text": text}, token=admin).status_code == 201


@refused_by_shape
@each_case(
    ("body", "field"),
    [
        ({"text": "x"}, "service_id"),
        ({"text": "x", "service_id": 1, "staff_id": 1}, "staff_id"),
        ({"text": "", "service_id": "cut"}, "text"),
        ({"text": "!?", "service_id": "cut"}, "text"),
        ({"text": "x" * 101, "service_id": "cut"}, "text"),
        ({"text": "\ufdfa " * 40 + "x", "service_id": "cut"}, "text"),
        ({"service_id": "cut"}, "text"),
        ({"text": "Cancel", "service_id": "cut"}, "text"),
        ({"text": "tomorrow", "staff_id": "jane"}, "text"),
        ({"text": "a", "service_id": "cut"}, "text"),
        *(({"text": said, "service_id": "cut"}, "text") for said in MEANT),
        *(({"text": said, "staff_id": "jane"}, "text") for said in MEANT),
    ],
)
def test_bad_names(api: Api, admin: str, parlour: Parlour, body: dict[str, Any], field: str) -> None:
    check_refusal(api.post(PATH, filled(parlour, body), token=admin), 422, field)


@each_case("field", ["service_id", "staff_id", "space_id"])
def test_names_of_what_is_not_there(api: Api, admin: str, parlour: Parlour, field: str) -> None:
    """Nor is a space staff, and a member of staff no space."""
    others = {"service_id": 2**40, "staff_id": "studio", "space_id": "jane"}
    check_refusal(api.post(PATH, filled(parlour, {"text": "x", field: others[field]}), token=admin), 404, field)


def filled(parlour: Parlour, body: dict[str, Any]) -> dict[str, Any]:
    """Return the body with the ids of what it names."""
    found = {
        name: getattr(parlour, value).id if name != "text" and isinstance(value, str) else value
        for name, value in body.items()
    }
    db.session.rollback()  # what was read is over: the request writes
    return found


def check_refusal(answer: Any, status: int, field: str) -> None:
    """It names the field; nothing is written, and nothing told to the audit log."""
    assert (answer.status_code, list(answer.json["errors"])) == (status, [field])
    assert (rows(), audited()) == ([], [])


def test_the_name_of_something_else(api: Api, admin: str, parlour: Parlour) -> None:
    """Of its own kind; of another kind it may be, and its own too."""
    cut_id, joe_id = parlour.cut.id, parlour.joe.id
    for body in ({"service_id": cut_id, "text": "massage"}, {"staff_id": joe_id, "text": "jane njeri"}):
        answer = api.post(PATH, body, token=admin)
        assert (answer.status_code, answer.json["code"]) == (409, "alias_taken")
    assert rows() == []
    assert api.post(PATH, {"service_id": cut_id, "text": "Mens Cut!"}, token=admin).status_code == 201
    assert api.get(f"{PATH}/999", token=admin).status_code == 404


@pytest.mark.parametrize("text", ["Kids massage", "Express men's cut", "Yes please, the works", "Cut & blow dry"])
def test_a_name_with_a_word_that_means_something(api: Api, admin: str, parlour: Parlour, text: str) -> None:
    assert api.post(PATH, {"service_id": parlour.cut.id, "text": text}, token=admin).status_code == 201


@pytest.mark.parametrize("text", ["yes", "men's cut tomorrow"])
def test_no_name_is_spelled_so_later(api: Api, admin: str, parlour: Parlour, text: str) -> None:
    alias_id = api.post(PATH, {"service_id": parlour.cut.id, "text": "Trim"}, token=admin).json["id"]
    before = rows()
    answer = api.patch(f"{PATH}/{alias_id}", {"text": text}, token=admin)
    assert (answer.status_code, list(answer.json["errors"]), rows()) == (422, ["text"], before)
