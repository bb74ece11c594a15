"""What a race must never leave behind, asked of the database itself."""

from sqlalchemy import text

from app.extensions import db

DOUBLE_BOOKINGS = text("""
    SELECT count(*) FROM booking_items one
    JOIN booking_items other ON other.staff_id = one.staff_id AND other.id > one.id
        AND other.starts_at < one.ends_at AND other.ends_at > one.starts_at
    JOIN bookings a ON a.id = one.booking_id AND a.status IN ('pending', 'confirmed')
    JOIN bookings b ON b.id = other.booking_id AND b.status IN ('pending', 'confirmed')
""")

OVERLAPS = text("""
    SELECT count(*) FROM allocations one
    JOIN allocations other ON other.resource_id = one.resource_id AND other.id > one.id
        AND other.starts_at < one.ends_at AND other.ends_at > one.starts_at
""")


def double_bookings() -> int:
    """Count the pairs of living bookings that have one staff member at the same time."""
    return _count(DOUBLE_BOOKINGS)


def overlaps() -> int:
    """Count the pairs of allocations of one resource that share time."""
    return _count(OVERLAPS)


def _count(statement: object) -> int:
    found = db.session.execute(statement).scalar_one()  # type: ignore[call-overload]  # a text clause
    db.session.commit()
    return int(found)
