"""`POST /api/voice/booking`: from a vague wish to a confirmed booking."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select

from app.diary.errors import SlotTaken
from app.extensions import db
from app.kit import clock
from app.models import Hold, Service, VoiceSession
from app.transactions import transaction
from tests.api import Api
from tests.bookings.desk import everything
from tests.cases import each_case
from tests.factories import make_service, make_user, make_working_staff, set_hours, token_for
from tests.voice.desk import NAIROBI, NOW, SAY, Client, Parlour, booked, starts, values

TEN = datetime(2030, 1, 8, 7, tzinfo=UTC)


def test_from_a_vague_wish_to_a_booking(ada: Client, parlour: Parlour) -> None:
    """What is missing is asked for, one thing at a time; nothing is booked before it is confirmed."""
    first = ada.says("I'd like to come in some time next week")
    assert (first["status"], first["intent"]) == ("needs_input", "book")
    assert first["question"].startswith("What would you like to book?")
    second = ada.says("a mens cut please")
    assert values(second) == {"service": "Men's cut", "date": {"from": "2030-01-14", "to": "2030-01-20"}}
    assert [start[:10] for start in starts(second)] == [f"2030-01-{day}" for day in (14, 15, 16, 17, 18)]
    third = ada.says("Thursday afternoon")
    assert values(third)["date"] == "2030-01-17"
    assert starts(third)[0] == "2030-01-17T09:00:00Z"
    fourth = ada.says("with Jane")
    assert values(fourth)["staff"] == "Jane Njeri"  # the one of two Janes who cuts
    fifth = ada.says("the second one")
    assert fifth["status"] == "proposal"
    assert fifth["question"] == (
        "Men's cut with Jane Njeri at Test Parlour, on Thursday, January 17, 2030 at 1:00 PM (Africa/Nairobi), "
        "KES1,500.00. Shall I book it?"
    )
    assert booked() == []
    answer = ada.confirms()
    assert (answer.status_code, answer.headers["Location"]) == (201, f"/api/bookings/{answer.json['id']}")
    assert (answer.json["starts_at"], answer.json["status"]) == ("2030-01-17T10:00:00Z", "confirmed")
    assert answer.json["items"][0]["staff_id"] == parlour.jane.id
    assert len(booked()) == 1


def test_all_in_one_sentence(ada: Client, parlour: Parlour) -> None:
    """The proposal is the body of the booking, whose time is held for nobody else."""
    answer = ada.says("book a men's cut with Jane Njeri tomorrow at 10")
    assert values(answer) == {
        "service": "Men's cut",
        "staff": "Jane Njeri",
        "date": "2030-01-08",
        "time": "10:00",
    }
    assert answer["understood"]["date"] == {"value": "2030-01-08", "text": "tomorrow", "confidence": 1.0}
    proposal = answer["proposal"]
    hold = db.session.get_one(Hold, proposal.pop("hold_id"))
    assert (hold.client_id, hold.expires_at) == (ada.user.id, NOW + timedelta(minutes=10))
    db.session.rollback()
    assert proposal == {
        "action": "book",
        "service_id": parlour.cut.id,
        "service_name": "Men's cut",
        "staff_id": parlour.jane.id,
        "staff_name": "Jane Njeri",
        "space_id": None,
        "space_name": None,
        "place": "Test Parlour",
        "starts_at": "2030-01-08T07:00:00Z",
        "ends_at": "2030-01-08T07:45:00Z",
        "timezone": NAIROBI,
        "party_size": 1,
        "expires_at": "2030-01-07T06:10:00Z",
        "price": {"amount": 150_000, "currency": "KES"},
    }


def test_a_confirmation_counts_once(ada: Client) -> None:
    """The token of a conversation books once, and answers the same booking whenever it comes again."""
    ada.says("book a men's cut tomorrow at 10")
    answers = [ada.confirms() for _ in range(3)]
    assert [answer.status_code for answer in answers] == [201, 201, 201]
    assert len({answer.json["id"] for answer in answers}) == 1
    assert len(booked()) == 1


def test_a_confirmed_conversation_begins_anew(ada: Client) -> None:
    ada.says("book a men's cut tomorrow at 10")
    made = ada.confirms().json
    assert values(ada.says("book a massage on friday at 3 pm")) == {
        "service": "Massage",
        "date": "2030-01-11",
        "time": "15:00",
    }
    other = ada.confirms().json
    assert made["id"] != other["id"]
    assert len(booked()) == 2


@pytest.mark.parametrize("said", ["no", "cancel that", "never mind"])
def test_a_no_gives_the_time_back(ada: Client, said: str) -> None:
    ada.says("book a men's cut with jane tomorrow at 10")
    answer = ada.says(said)
    assert (answer["status"], values(answer)) == ("needs_input", {})
    assert ada.confirms().status_code == 404
    assert Client(ada.api).says("book a men's cut with jane tomorrow at 10")["status"] == "proposal"


def test_another_wish_moves_the_hold(ada: Client) -> None:
    """One conversation holds one time: what was proposed before is free again, and its token is none."""
    ada.says("book a men's cut with jane tomorrow at 10")
    before = ada.confirm_token
    assert ada.says("make it 11 instead")["proposal"]["starts_at"] == "2030-01-08T08:00:00Z"
    assert ada.api.post("/api/voice/booking/confirm", {"confirm_token": before}, token=ada.token).status_code == 404
    assert Client(ada.api).says("book a men's cut with jane tomorrow at 10")["status"] == "proposal"
    assert ada.confirms().json["starts_at"] == "2030-01-08T08:00:00Z"


def test_a_yes_alone_books_nothing(ada: Client) -> None:
    """It repeats the proposal: the confirmation is a request of its own."""
    ada.says("book a men's cut tomorrow at 10")
    again = ada.says("yes")
    assert (again["status"], booked()) == ("proposal", [])
    assert ada.confirms().status_code == 201


def test_a_hold_that_ended_is_offered_again(ada: Client) -> None:
    """The refusal names what is free, and the conversation goes on: the next word of it holds the time anew."""
    ada.says("book a men's cut with jane tomorrow at 10")
    with clock.frozen(NOW + timedelta(minutes=11)):
        before = everything()
        refused = ada.confirms()
        assert (refused.status_code, refused.json["code"]) == (409, "hold_expired")
        assert refused.json["session_id"] == ada.session_id
        assert "2030-01-08T07:00:00Z" in [one["starts_at"] for one in refused.json["alternatives"]]
        assert everything() == before
        assert ada.says("yes please")["proposal"]["starts_at"] == "2030-01-08T07:00:00Z"
        assert ada.confirms().status_code == 201


def test_a_slot_that_was_taken_meanwhile(ada: Client) -> None:
    """The hold has ended and somebody else has booked: other times are offered, and one of them can be had."""
    ada.says("book a men's cut with jane tomorrow at 10")
    with clock.frozen(NOW + timedelta(minutes=11)):
        Client(ada.api).books("book a men's cut with jane tomorrow at 10")
        refused = ada.confirms()
        assert refused.status_code == 409
        answer = ada.says("yes")
        assert (answer["status"], answer["question"][:22]) == ("needs_input", "That time is taken. Th")
        assert starts(answer)
        assert ada.says("the first one")["status"] == "proposal"
        assert ada.confirms().status_code == 201


def test_a_price_that_changed_is_not_agreed_to(ada: Client, parlour: Parlour) -> None:
    """What was read to the client is what it costs, or nothing is booked."""
    ada.says("book a men's cut tomorrow at 10")
    with transaction():
        db.session.get_one(Service, parlour.cut.id).price_amount = 200_000
    before = everything()
    refused = ada.confirms()
    assert (refused.status_code, refused.json["code"]) == (409, "proposal_changed")
    assert refused.json["price"] == {"amount": 200_000, "currency": "KES"}
    assert everything() == before


def test_a_tie_is_asked_back(ada: Client) -> None:
    """Two Janes, and nothing said of what: which of them is meant is a question, and its answer a choice."""
    answer = ada.says("I want to book with Jane")
    assert (answer["status"], answer["question"]) == ("needs_input", "Do you mean Jane Njeri or Jane Wanjiru?")
    assert [one["name"] for one in answer["choices"]] == ["Jane Njeri", "Jane Wanjiru"]
    assert values(ada.says("Wanjiru")) == {"staff": "Jane Wanjiru"}


@pytest.mark.parametrize(("said", "name"), [("a massge", "Massage"), ("a mns cut", "Men's cut")])
def test_typing_errors_are_forgiven(ada: Client, said: str, name: str) -> None:
    assert values(ada.says(f"book {said} tomorrow at 10"))["service"] == name


def test_a_weak_match_is_asked_back(ada: Client, parlour: Parlour) -> None:
    make_working_staff(make_service(name="Manicure deluxe"))
    answer = ada.says("book a deluxe thing")
    assert answer["question"] == "Do you mean Manicure deluxe?"
    assert values(ada.says("yes"))["service"] == "Manicure deluxe"


def test_the_other_half_of_the_day_is_offered(ada: Client, api: Api) -> None:
    """Where both can be had it is asked which; where one can, that is offered and not taken unasked."""
    night = make_service(name="Sauna")
    night_owl = make_working_staff(night, timezone=NAIROBI)
    set_hours(night_owl, "06:00", "23:00")
    answer = ada.says("book a sauna tomorrow at 8")
    assert answer["understood"]["time"]["others"] == ["20:00"]
    assert answer["question"] == "Do you mean 8:00 AM or 8:00 PM?"
    assert starts(answer) == ["2030-01-08T05:00:00Z", "2030-01-08T17:00:00Z"]
    assert ada.says("the second one")["proposal"]["starts_at"] == "2030-01-08T17:00:00Z"
    with clock.frozen(NOW.replace(hour=9)):
        late = Client(api)
        asked = late.says("book a sauna today at 8")  # at noon
        assert asked["status"] == "proposal" or starts(asked)[0] == "2030-01-07T17:00:00Z"


def test_a_space_is_let_from_when_until_when_for_how_many(ada: Client, parlour: Parlour) -> None:
    assert "From when until when" in ada.says("I want to rent the garden studio on saturday")["question"]
    assert ada.says("at 2 pm")["question"] == "Until what time?"
    assert ada.says("4")["question"] == "For how many people?"
    answer = ada.says("6")
    assert answer["proposal"]["place"] == "1 High Street, Nairobi"
    assert answer["question"].startswith(
        "Garden Studio for 6 at 1 High Street, Nairobi, on Saturday, January 12, 2030 at 2:00 PM until 4:00 PM"
    )
    made = ada.confirms().json
    assert (made["space_id"], made["starts_at"], made["party_size"]) == (
        parlour.studio.id,
        "2030-01-12T11:00:00Z",
        6,
    )


def test_too_many_people(ada: Client) -> None:
    answer = ada.says("book the garden studio on saturday from 2 to 4 pm for 50 people")
    assert (answer["status"], answer["question"][:32]) == ("needs_input", "It does not take so many people.")


def test_what_is_closed_is_not_offered(ada: Client) -> None:
    answer = ada.says("book a massage on friday at 8 pm")
    assert answer["status"] == "needs_input"
    assert answer["question"].startswith("It is not open then. There is Friday, January 11, 2030 at ")


def test_a_day_that_is_over(ada: Client) -> None:
    answer = ada.send(intent="book", parameters={"service": "massage", "date": "2030-01-01"}).json
    assert answer["question"] == "Tuesday, January 1, 2030 is over. On which day do you want to come?"


def test_staff_who_do_not_do_that(ada: Client) -> None:
    answer = ada.says("book a massage with joe tomorrow at 10")
    assert (answer["status"], answer["question"][:29]) == ("needs_input", "Joe Otieno does not do that. ")


def test_availability_books_and_holds_nothing(ada: Client) -> None:
    before = everything()
    answer = ada.says("when are you free for a massage on friday?")
    assert (answer["status"], answer["intent"]) == ("answer", "availability")
    assert answer["answer"].startswith("There is Friday, January 11, 2030 at 9:00 AM, ")
    assert "confirm_token" not in answer
    assert everything() == before


def test_what_is_not_understood_changes_nothing(ada: Client) -> None:
    ada.says("book a men's cut tomorrow")
    before = everything()
    answer = ada.says("what's the weather like?")
    assert answer["status"] == "not_understood"
    assert values(answer) == {"service": "Men's cut", "date": "2030-01-08"}
    assert everything() == before


def test_in_whose_zone_it_is_meant(ada: Client) -> None:
    """In the venue's; in the caller's, where that is said."""
    assert ada.says("book a massage tomorrow at 10 am")["proposal"]["starts_at"] == "2030-01-08T07:00:00Z"
    other = Client(ada.api)
    answer = other.says("book a massage tomorrow at 10 am", timezone="Europe/Berlin")
    assert answer["proposal"]["starts_at"] == "2030-01-08T09:00:00Z"
    assert "10:00 AM (Europe/Berlin)" in answer["question"]


def test_structured_input(ada: Client) -> None:
    """The same as words; names are looked up with typing errors forgiven."""
    found = {"service": "mens cut", "staff": "jane njerii", "date": "2030-01-08", "time": "10:00"}
    answer = ada.send(intent="book", parameters=found).json
    assert (answer["status"], answer["proposal"]["starts_at"]) == ("proposal", "2030-01-08T07:00:00Z")
    assert answer["proposal"]["staff_name"] == "Jane Njeri"
    assert ada.confirms().status_code == 201


@each_case(
    ("body", "field"),
    [
        ({}, "text"),
        ({"text": "hello", "intent": "book"}, "text"),
        ({"parameters": {}}, "text"),
        ({"text": ""}, "text"),
        ({"text": "x" * 501}, "text"),
        ({"text": 5}, "text"),
        ({"intent": "buy"}, "intent"),
        ({"intent": "book", "parameters": {"date": "tomorrow"}}, "parameters.date"),
        ({"intent": "book", "parameters": {"time": "25:00"}}, "parameters.time"),
        ({"intent": "book", "parameters": {"party_size": 0}}, "parameters.party_size"),
        ({"intent": "book", "parameters": {"price": 1}}, "parameters.price"),
        ({"text": "hello", "timezone": "Nairobi"}, "timezone"),
    ],
)
def test_bad_input(ada: Client, body: dict[str, Any], field: str) -> None:
    before = sessions()
    answer = ada.api.post(SAY, body, token=ada.token)
    assert (answer.status_code, list(answer.json["errors"])) == (422, [field])
    assert sessions() == before


def sessions() -> int:
    """Return how many conversations there are."""
    found = db.session.query(VoiceSession).count()
    db.session.rollback()
    return found


def test_conversations_are_ones_own(ada: Client, api: Api) -> None:
    """Nobody goes on with another's, or confirms what another was proposed."""
    ada.says("book a men's cut tomorrow at 10")
    eve = token_for(make_user())
    answer = api.post(SAY, {"text": "yes", "session_id": ada.session_id}, token=eve)
    assert (answer.status_code, list(answer.json["errors"])) == (404, ["session_id"])
    answer = api.post("/api/voice/booking/confirm", {"confirm_token": ada.confirm_token}, token=eve)
    assert (answer.status_code, list(answer.json["errors"])) == (404, ["confirm_token"])
    assert booked() == []


def test_a_conversation_lasts_half_an_hour_after_its_last_turn(ada: Client) -> None:
    ada.says("book a men's cut")
    for minutes in (29, 58):
        with clock.frozen(NOW + timedelta(minutes=minutes)):
            ada.token = token_for(ada.user)
            assert ada.says("tomorrow")["status"] == "needs_input"
    with clock.frozen(NOW + timedelta(minutes=88)):
        ada.token = token_for(ada.user)
        assert ada.send(text="at 10").status_code == 404


def test_a_question_stays_until_it_is_answered(ada: Client) -> None:
    """Which Jane is asked again; who does not mind has anybody."""
    ada.says("I want to book with Jane")
    answer = ada.says("tomorrow at 10")
    assert answer["question"] == "Do you mean Jane Njeri or Jane Wanjiru?"
    assert ada.says("anybody, a men's cut")["status"] == "proposal"


def test_a_name_that_nothing_has(ada: Client) -> None:
    """It is asked back, and not left out."""
    found = {"service": "men's cut", "staff": "Zebedee", "date": "2030-01-08", "time": "10:00"}
    answer = ada.send(intent="book", parameters=found).json
    assert (answer["status"], answer["question"]) == (
        "needs_input",
        "Nothing here is called Zebedee. What do you mean?",
    )


@pytest.mark.parametrize("day", ["0002-01-03", "9998-12-29"])
@pytest.mark.parametrize("intent", ["book", "availability", "cancel", "reschedule"])
def test_days_at_the_ends_of_the_calendar(ada: Client, intent: str, day: str) -> None:
    ada.books("book a massage on friday at 3 pm")
    answer = ada.send(intent=intent, parameters={"service": "massage", "date": day, "time": "10:00"})
    assert answer.status_code == 200, answer.json
    assert answer.json["status"] in {"needs_input", "answer"}


def test_how_many_come(ada: Client) -> None:
    ada.says("book a massage for 2 people tomorrow at 10")
    assert ada.confirms().json["party_size"] == 2


def test_holds_have_their_limit(ada: Client) -> None:
    """Three times at once, whichever door they are held through; what was wished is kept meanwhile."""
    waiting = []
    for at in (9, 10, 11):
        ada.session_id = None
        ada.says(f"book a men's cut tomorrow at {at}")
        waiting.append(ada.confirm_token)
    ada.session_id = None
    before = everything()
    answer = ada.says("book a men's cut tomorrow at 12")
    assert (answer["status"], "proposal" in answer) == ("needs_input", False)
    assert answer["question"].startswith("As many times as can be held at once are held for you already.")
    assert ada.says("yes")["question"] == answer["question"]
    assert everything() == before
    kept = Client(ada.api, ada.user, ada.session_id)
    ada.confirm_token = waiting[0]
    assert ada.confirms().status_code == 201
    assert kept.says("yes")["proposal"]["starts_at"] == "2030-01-08T09:00:00Z"


def test_a_time_that_the_database_refuses_leaves_no_hold(ada: Client, monkeypatch: pytest.MonkeyPatch) -> None:
    """Somebody else has it since it was looked at: the constraint says so after the hold's own row is written."""

    def refuse(*_args: Any, **_named: Any) -> None:
        raise SlotTaken

    monkeypatch.setattr("app.bookings.service.holds.claim", refuse)
    answer = ada.says("book a men's cut tomorrow at 9")
    assert "proposal" not in answer
    assert db.session.scalar(select(func.count()).select_from(Hold)) == 0


def test_a_blocked_client(ada: Client) -> None:
    with transaction():
        db.session.merge(ada.user).is_blocked = True
    answer = ada.send(text="book a men's cut tomorrow at 10")
    assert (answer.status_code, answer.json["code"]) == (409, "client_blocked")


def test_an_idempotency_key_repeats_the_answer(ada: Client) -> None:
    key = {"Idempotency-Key": "one"}
    ada.says("book a men's cut tomorrow at 10")
    first, second = ada.confirms(headers=key), ada.confirms(headers=key)
    assert (first.json, second.headers["Idempotent-Replayed"]) == (second.json, "true")
