"""What the clients of the demo business say about their visits, its spaces, and the house.

Everything is said by the same verbs as over HTTP, at a time when it would have been said.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import cycle

from sqlalchemy import select

from app.extensions import db
from app.kit import clock
from app.models import (
    Booking,
    BookingItem,
    BookingStatus,
    Review,
    ReviewStatus,
    Role,
    Space,
    Staff,
    Testimonial,
    TestimonialStatus,
    User,
)
from app.reviews import service as reviews
from app.security.actor import Actor
from app.testimonials import service as testimonials
from app.transactions import transaction

MOST_REVIEWS = 90
LATER = timedelta(hours=20)
"""How long after it has ended a visit is reviewed."""

STARS = (5, 4, 5, 5, 3, 5, 4, 5, 2, 5, 4, 1)
COMMENTS = {
    5: ("Exactly what I asked for.", "Kind people, and on time.", "Best one in town.", ""),
    4: ("Very good; the wait was a little long.", "Nice work.", ""),
    3: ("All right.", "Good, but dear."),
    2: ("Not what we had agreed on.",),
    1: ("Nobody was there when I came.",),
}
REPLIES = ("Thank you, come again!", "Thank you. We will do better next time.", "It was a pleasure.")
SILENT, ANSWERED = 4, 3
"""Every fourth visit goes without a review, and every third review has an answer."""

HIDDEN_REASON = "Names a private person."
WORDS = (
    ("The one place where my curls are understood.", 5),
    ("I booked at midnight and was confirmed before breakfast.", 5),
    ("Good coffee, better massages.", 5),
    ("We held our whole team day in the studio upstairs.", 4),
    ("Parking is a problem, everything else is not.", 4),
    ("My daughter asks when we go again.", 5),
    ("They remembered my name.", 5),
    ("Visit my own salon instead!", 1),
    ("Came for a haircut, stayed for the conversation.", 5),
)
ADVERTISED, WAITING = 7, 8
"""Which of these words an admin has hidden, and which are still to be read."""


@dataclass(frozen=True, slots=True)
class Had:
    """A completed booking: whose, when it was over, and who may answer for it."""

    booking_id: int
    client_id: int
    ended_at: datetime
    host: Actor | None


def add_reviews() -> bool:
    """Write the demo's reviews and testimonials unless there are any, or nobody to write them; say whether it did."""
    if db.session.scalar(select(Review.id).limit(1)) or db.session.scalar(select(Testimonial.id).limit(1)):
        db.session.commit()
        return False
    admin_id = db.session.scalar(select(User.id).where(User.role == Role.ADMIN).order_by(User.id).limit(1))
    had = _had()
    db.session.commit()
    if admin_id is None or not had:
        return False
    admin = Actor(admin_id, Role.ADMIN)
    _add_reviews(admin, had)
    _add_testimonials(admin, list(dict.fromkeys(one.client_id for one in had)))
    return True


def _had() -> list[Had]:
    """Return the latest completed bookings, the first one first."""
    columns = (Booking.id, Booking.client_id, Booking.ends_at, Booking.space_id)
    completed = select(*columns).where(Booking.status == BookingStatus.COMPLETED)
    rows = db.session.execute(completed.order_by(Booking.starts_at.desc(), Booking.id.desc()).limit(MOST_REVIEWS))
    return [Had(*row[:3], host=_host(row[0], row[3])) for row in reversed(rows.all())]


def _host(booking_id: int, space_id: int | None) -> Actor | None:
    if space_id is not None:
        owner_id = db.session.scalar(select(Space.owner_id).where(Space.id == space_id))
        return None if owner_id is None else Actor(owner_id, Role.OWNER)
    staff = select(Staff.user_id).join(BookingItem, BookingItem.staff_id == Staff.id)
    user_id = db.session.scalar(staff.where(BookingItem.booking_id == booking_id).order_by(BookingItem.position))
    return None if user_id is None else Actor(user_id, Role.STAFF)


def _add_reviews(admin: Actor, had: list[Had]) -> None:
    now = clock.utcnow()
    words = {stars: cycle(comments) for stars, comments in COMMENTS.items()}
    reviewed = [one for number, one in enumerate(had, start=1) if number % SILENT]
    for number, (one, stars) in enumerate(zip(reviewed, cycle(STARS), strict=False), start=1):
        fields = {"booking_id": one.booking_id, "rating": stars, "comment": next(words[stars])}
        with clock.frozen(min(one.ended_at + LATER, now)), transaction():
            review = reviews.create_review(_client(one), fields)
            if one.host is not None and number % ANSWERED == 0:
                reviews.reply_to(one.host, review.id, REPLIES[number // ANSWERED % len(REPLIES)])
            if number == len(STARS):
                reviews.moderate(admin, review.id, ReviewStatus.HIDDEN, reason=HIDDEN_REASON)


def _client(had: Had) -> Actor:
    return Actor(had.client_id, Role.CLIENT)


def _add_testimonials(admin: Actor, client_ids: list[int]) -> None:
    first = clock.utcnow() - timedelta(days=len(WORDS))
    for number, ((content, rating), client_id) in enumerate(zip(WORDS, cycle(client_ids), strict=False)):
        with clock.frozen(first + timedelta(days=number)), transaction():
            fields = {"content": content, "rating": rating}
            said = testimonials.create_testimonial(Actor(client_id, Role.CLIENT), fields)
            if number == ADVERTISED:
                testimonials.moderate(admin, said.id, TestimonialStatus.HIDDEN, reason="Advertises another business.")
            elif number != WAITING:
                testimonials.moderate(admin, said.id, TestimonialStatus.PUBLISHED, reason="")
