"""`/api/bookings/series`: bookings that repeat."""

from http import HTTPStatus
from typing import Any

from app.bookings.errors import PRECEDENCE, BookingStarted, ClientLimit, InvalidTransition
from app.bookings.series import moving, service
from app.bookings.series.request import Move, SeriesRequest
from app.bookings.series.schemas import SeriesCancelIn, SeriesIn, SeriesMadeOut, SeriesMoveIn, SeriesOut
from app.bookings.series.service import Cancellation
from app.kit.errors import NotFound
from app.security.guards import current_actor, signed_in
from app.security.idempotency import idempotent
from app.security.limits import limited_bookings
from app.transactions import transactional
from app.web.blueprint import Blueprint, created
from app.web.error_docs import Decorator, noting
from app.web.rehearsal import PARAMETER, is_rehearsal

blueprint = Blueprint("booking_series", __name__, url_prefix="/api/bookings")

PREVIEW = "Answer 200 with a verdict and an alternative for each date, whatever the mode; write nothing."
previewed: Decorator = noting(parameters=({**PARAMETER, "description": PREVIEW},))


@blueprint.post("/series")
@signed_in
@limited_bookings
@blueprint.arguments(SeriesIn)
@transactional
@idempotent
@previewed
@blueprint.response(201, SeriesMadeOut)
@blueprint.refuses(NotFound, ClientLimit, *PRECEDENCE)
def create(asked: SeriesRequest) -> Any:
    """Book the same again and again, every so many weeks at the same time by the venue's clock.

    A date that cannot be had refuses all, and `dates` says which, why, and what is near; or, with `skip_conflicts`, is
    left out. Without `staff_id` the same person does it wherever possible. Each date counts against the limit of
    bookings ahead.
    """
    if is_rehearsal():
        return service.preview_series(actor=current_actor(), asked=asked), HTTPStatus.OK
    made = service.create_series(actor=current_actor(), asked=asked)
    return created(made, f"/api/bookings/series/{made['id']}")


@blueprint.get("/series/<id:series_id>")
@signed_in
@blueprint.response(200, SeriesOut)
def read(series_id: int) -> Any:
    """Read a series with its bookings, the earliest first."""
    return service.get_series(current_actor(), series_id)


@blueprint.post("/series/<id:series_id>/cancel")
@signed_in
@blueprint.arguments(SeriesCancelIn)
@transactional
@blueprint.response(200, SeriesOut)
@blueprint.refuses(NotFound, InvalidTransition, BookingStarted)
def cancel(asked: Cancellation, series_id: int) -> Any:
    """Cancel one booking of a series, it and the later ones, or all, each by its frozen policy.

    Of several, those that have begun or are over stay as they are.
    """
    service.cancel_series(current_actor(), series_id, asked)
    return service.get_series(current_actor(), series_id)


@blueprint.patch("/series/<id:series_id>")
@signed_in
@blueprint.arguments(SeriesMoveIn)
@transactional
@blueprint.response(200, SeriesOut)
@blueprint.refuses(NotFound, InvalidTransition, BookingStarted, *PRECEDENCE)
def change(asked: Move, series_id: int) -> Any:
    """Move one booking of a series, it and the later ones, or all, by as much on the wall clock; all or none.

    Of several, those that have begun or are over stay as they are.
    """
    moving.move_series(current_actor(), series_id, asked)
    return service.get_series(current_actor(), series_id)
