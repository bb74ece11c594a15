"""Why something about a testimonial is refused."""

from app.kit.errors import Conflict


class TooManyTestimonials(Conflict):
    """One person has as many testimonials as one may have."""

    code = "too_many_testimonials"
    title = "You have written as many testimonials as one may. Change or delete one of them."
