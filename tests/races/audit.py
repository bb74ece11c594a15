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

DOUBLE_LETTINGS = text("""
    SELECT count(*) FROM bookings one
    JOIN bookings other ON other.space_id = one.space_id AND other.id > one.id
        AND other.starts_at < one.ends_at AND other.ends_at > one.starts_at
    WHERE one.status IN ('pending', 'confirmed') AND other.status IN ('pending', 'confirmed')
""")

OVERLAPS = text("""
    SELECT count(*) FROM allocations one
    JOIN allocations other ON other.resource_id = one.resource_id AND other.id > one.id
        AND other.starts_at < one.ends_at AND other.ends_at > one.starts_at
""")

UNCLAIMED = text("""
    SELECT count(*) FROM booking_items item
    JOIN bookings booking ON booking.id = item.booking_id AND booking.status IN ('pending', 'confirmed')
    WHERE NOT EXISTS (
        SELECT 1 FROM allocations taken
        WHERE taken.booking_id = booking.id AND taken.resource_id = coalesce(item.staff_id, booking.space_id)
            AND taken.starts_at <= item.starts_at AND taken.ends_at >= item.ends_at
    )
""")

LEFT_OVER = text("""
    SELECT count(*) FROM allocations taken
    JOIN bookings booking ON booking.id = taken.booking_id AND booking.status NOT IN ('pending', 'confirmed')
""")


def double_bookings() -> int:
    """Count the pairs of living bookings that have one staff member, or one space, at the same time."""
    return _count(DOUBLE_BOOKINGS) + _count(DOUBLE_LETTINGS)


def overlaps() -> int:
    """Count the pairs of allocations of one resource that share time."""
    return _count(OVERLAPS)


def strays() -> int:
    """Count the parts of living bookings whose time is not taken, and the times that are taken by dead ones."""
    return _count(UNCLAIMED) + _count(LEFT_OVER)


def _count(statement: object) -> int:
    found = db.session.execute(statement).scalar_one()  # type: ignore[call-overload]  # a text clause
    db.session.commit()
    return int(found)
