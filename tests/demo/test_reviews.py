"""The demo's opinions are believable, counted, and written once."""

import pytest
from flask import Flask
from sqlalchemy import func, select

from app import models
from app.extensions import db
from app.models import Review, ReviewStatus
from app.reviews.recount import find_strangers, find_wrong_counts, find_wrong_subjects
from demo.reviews import HIDDEN_REASON, add_reviews
from tests.api import Api


def test_nobody_speaks_of_an_empty_house(app: Flask) -> None:
    """Nothing is written where nothing was had."""
    assert not add_reviews()
    assert db.session.scalars(select(Review.id)).all() == []


@pytest.mark.databases("sqlite")
@pytest.mark.usefixtures("demo")
def test_opinions_are_written_once(app: Flask, api: Api) -> None:
    """Of services, staff and spaces; some answered, one hidden, one testimonial still to be read."""
    assert not add_reviews()
    said = api.get("/api/reviews", query={"limit": 100}).json
    assert said["summary"]["count"] == len(said["items"]) >= 30
    assert 3.5 <= said["summary"]["average"] < 5
    assert {bool(one["space"]) for one in said["items"]} == {True, False}
    assert sum(one["reply"] is not None for one in said["items"]) >= 10
    hidden = db.session.scalars(select(Review.status_reason).where(Review.status == ReviewStatus.HIDDEN)).all()
    assert hidden == [HIDDEN_REASON]
    assert [*find_wrong_counts(), *find_wrong_subjects(), *find_strangers()] == []
    statuses = select(models.Testimonial.status, func.count()).group_by(models.Testimonial.status)
    counted = {status.value: count for status, count in db.session.execute(statuses)}
    db.session.rollback()
    assert counted == {"published": 7, "hidden": 1, "pending": 1}
    assert len(api.get("/api/testimonials").json["items"]) == 7
