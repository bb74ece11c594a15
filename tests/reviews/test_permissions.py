"""Who may do what with a review and with a testimonial: every role, as author and not."""

from app import models
from app.models import Review, ReviewStatus, Role
from app.reviews import permissions as reviews
from app.security.actor import Actor
from app.testimonials import permissions as testimonials
from tests.cases import each_case

AUTHOR, OTHER = 1, 2
EVERYBODY = [(role, is_author) for role in Role for is_author in (True, False)]


def actor(role: Role, *, is_author: bool) -> Actor:
    """Return somebody of a role, who is the author or not."""
    return Actor(AUTHOR if is_author else OTHER, role)


@each_case("status", ReviewStatus)
@each_case(("role", "is_author"), EVERYBODY)
def test_reviews(role: Role, status: ReviewStatus, *, is_author: bool) -> None:
    """The published are everybody's to see; all of it, and changes, are the author's and admins'."""
    who, review = actor(role, is_author=is_author), Review(author_id=AUTHOR, status=status)
    keeps = is_author or role is Role.ADMIN
    assert reviews.may_see(who, review) is (keeps or status is ReviewStatus.PUBLISHED)
    assert reviews.sees_all_of(who, review) is reviews.may_change(who, review) is keeps
    assert reviews.may_see(None, review) is (status is ReviewStatus.PUBLISHED)
    assert reviews.sees_all_of(None, review) is False


@each_case("is_concerned", [True, False])
@each_case("role", Role)
def test_replies(role: Role, *, is_concerned: bool) -> None:
    """Admins always, staff and owners for what concerns them, clients never: though they once did the work."""
    may = role is Role.ADMIN or (is_concerned and role in {Role.STAFF, Role.OWNER})
    assert reviews.may_reply(Actor(OTHER, role), is_concerned=is_concerned) is may


@each_case("status", models.TestimonialStatus)
@each_case(("role", "is_author"), EVERYBODY)
def test_testimonials(role: Role, status: models.TestimonialStatus, *, is_author: bool) -> None:
    """As reviews; but nobody changes the words of somebody else."""
    who, said = actor(role, is_author=is_author), models.Testimonial(user_id=AUTHOR, status=status)
    keeps, is_public = is_author or role is Role.ADMIN, status is models.TestimonialStatus.PUBLISHED
    assert testimonials.may_see(who, said) is (keeps or is_public)
    assert testimonials.may_see(None, said) is is_public
    assert testimonials.sees_all_of(who, said) is testimonials.may_delete(who, said) is keeps
    assert testimonials.may_change(who, said) is is_author
