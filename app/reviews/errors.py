"""Why something about a review is refused."""

from app.kit.errors import Conflict, Forbidden


class BookingNotCompleted(Conflict):
    """What has not been had cannot be reviewed."""

    code = "booking_not_completed"
    title = "The booking is not completed."


class AlreadyReviewed(Conflict):
    """A booking has one review."""

    code = "already_reviewed"
    title = "The booking has been reviewed already."


class OwnWork(Forbidden):
    """Nobody reviews the own work, or the own space."""

    code = "own_work"
    title = "You cannot review your own work, or your own space."


class ReviewClosed(Conflict):
    """A review is its author's to change for a while."""

    code = "review_closed"
    title = "The time in which the review could be changed is over."


class ReviewHidden(Conflict):
    """Who deleted a hidden review could write it again, for all to see."""

    code = "review_hidden"
    title = "The review is hidden. You can change it; only an admin can remove or publish it."
