"""What the databases themselves say of recommendations, broken on purpose, past all of our code."""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import delete, insert, update
from sqlalchemy.exc import IntegrityError

from app.extensions import db
from app.models import (
    CuratedLink,
    FoundBecause,
    PopularThing,
    Product,
    RecommendationModel,
    RecommendationOptOut,
    RecommendedThing,
    Service,
    User,
)
from app.transactions import transaction
from tests.cases import each_case
from tests.factories import make_product, make_service, make_user
from tests.models.test_constraints import refused, refused_by_database

NOW = datetime(2030, 1, 7, 6, tzinfo=UTC)
TODAY = date(2030, 1, 7)


@pytest.fixture
def client(app: Flask) -> User:  # it pushes the context that the session lives in
    """A client for whom one service was found, which is popular and linked with a product; another wants nothing."""
    client, service, product = make_user(), make_service(), make_product()
    model = RecommendationModel(day=TODAY, started_at=NOW)
    with transaction():
        db.session.add(model)
        db.session.flush()
        place = {"model_id": model.id, "position": 0, "service_id": service.id, "score": 0.5}
        db.session.add(PopularThing(**place))
        db.session.add(RecommendedThing(**place, client_id=client.id, reason=FoundBecause.SIMILAR_CLIENTS))
        db.session.add(CuratedLink(from_service_id=service.id, to_product_id=product.id))
        db.session.add(RecommendationOptOut(user_id=make_user().id))
    return client


def ids() -> tuple[int, int]:
    """Return the ids of the service and of the product."""
    with transaction():
        return db.session.query(Service.id).scalar(), db.session.query(Product.id).scalar()


@each_case(
    ("model", "values", "name"),
    [
        (RecommendationModel, {"computed_at": NOW - timedelta(seconds=1)}, "ck_recommendation_models_computed"),
        (RecommendationModel, {"clients": -1}, "ck_recommendation_models_clients"),
        (RecommendedThing, {"service_id": None}, "ck_recommended_things"),
        (RecommendedThing, {"position": -1}, "ck_recommended_things_position"),
        (RecommendedThing, {"score": -0.1}, "ck_recommended_things_score"),
        (RecommendedThing, {"score": 1.1}, "ck_recommended_things_score"),
        (RecommendedThing, {"reason": FoundBecause.BOUGHT_TOGETHER}, "ck_recommended_things_reason_kind"),
        (RecommendedThing, {"reason": FoundBecause.GOES_WITH_SERVICE}, "ck_recommended_things_reason_kind"),
        (RecommendedThing, {"reason": FoundBecause.DUE}, "ck_recommended_things_due"),
        (RecommendedThing, {"due_on": TODAY}, "ck_recommended_things_due"),
        (RecommendedThing, {"usual_interval_days": 28}, "ck_recommended_things_due"),
        (RecommendedThing, {"reason": FoundBecause.DUE, "due_on": TODAY}, "ck_recommended_things_due"),
        (
            RecommendedThing,
            {"reason": FoundBecause.DUE, "due_on": TODAY, "usual_interval_days": 0},
            "ck_recommended_things_usual_interval",
        ),
        (PopularThing, {"service_id": None}, "ck_popular_things_one_thing"),
        (PopularThing, {"position": -1}, "ck_popular_things_position"),
        (PopularThing, {"score": -0.1}, "ck_popular_things_score"),
        (PopularThing, {"score": 1.1}, "ck_popular_things_score"),
        (CuratedLink, {"from_service_id": None}, "ck_curated_links_from"),
        (CuratedLink, {"to_product_id": None}, "ck_curated_links_to"),
        (CuratedLink, {"position": -1}, "ck_curated_links_position"),
        (CuratedLink, {"position": 10_001}, "ck_curated_links_position"),
    ],
)
def test_unlawful_values_are_refused(client: User, model: Any, values: dict[str, Any], name: str) -> None:
    """One row of everything is there; no update may make it unlawful."""
    refused(update(model.__table__).values(values), name)


def test_a_row_is_of_one_thing(client: User) -> None:
    """Not of a service and a product at once."""
    _, product_id = ids()
    refused(update(RecommendedThing).values(product_id=product_id), "one_thing")
    refused(update(PopularThing).values(product_id=product_id), "one_thing")
    refused(update(CuratedLink).values(from_product_id=product_id), "ck_curated_links_from")
    other = make_service().id
    refused(update(CuratedLink).values(to_service_id=other), "ck_curated_links_to")


def test_nothing_is_linked_with_itself(client: User) -> None:
    service_id, product_id = ids()
    refused(update(CuratedLink).values(to_product_id=None, to_service_id=service_id), "ck_curated_links_itself")
    refused(update(CuratedLink).values(from_service_id=None, from_product_id=product_id), "ck_curated_links_itself")


def new(kind: str) -> int:
    """Write a service or a product; return its id."""
    return make_service().id if kind == "service" else make_product().id


def test_two_things_are_linked_once(client: User) -> None:
    """Whichever kinds they are of, and wherever the link stands."""
    for source in ("service", "product"):
        for target in ("service", "product"):
            row = {f"from_{source}_id": new(source), f"to_{target}_id": new(target)}
            with transaction():
                db.session.execute(insert(CuratedLink).values(row | {"position": 1}))
            refused(insert(CuratedLink).values(row | {"position": 2}), f"to_{target}_id")


def test_there_are_no_other_reasons(client: User) -> None:
    caught = refused_by_database("recommended_things", {"reason": "popular"})
    assert "ck_recommended_things_reason" in str(caught.value)


def test_a_place_is_taken_once(client: User) -> None:
    """In what was found for one client, and in what is popular; and one opts out once."""
    for model, key in ((RecommendedThing, "model_id"), (PopularThing, "model_id"), (RecommendationOptOut, "user_id")):
        with transaction():
            row = db.session.query(*model.__table__.c).one()._asdict()
        refused(insert(model).values(row), key)


def test_nothing_is_left_behind(client: User) -> None:
    """A run that has rows, a client for whom something was found, and who opted out, are not deleted."""
    left_behind(delete(RecommendationModel))
    left_behind(delete(User).where(User.id == client.id))
    with transaction():
        opted_out = db.session.query(RecommendationOptOut.user_id).scalar()
    left_behind(delete(User).where(User.id == opted_out))


def left_behind(statement: Any) -> None:
    """Run a statement that would leave rows without what they refer to: the databases spell it differently."""
    with pytest.raises(IntegrityError) as caught, transaction():
        db.session.execute(statement)
    assert "foreign key" in str(caught.value.orig).casefold()
