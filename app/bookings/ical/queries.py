"""The selects of feeds."""

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Select, select
from sqlalchemy.orm import load_only

from app.bookings.queries import EARLIEST, whole
from app.models import Booking, BookingItem, CalendarToken, Staff, User
from app.models.booking import LONGEST_BOOKING, LONGEST_WORK


def own_bookings(client_id: int, starts_at: datetime, ends_at: datetime) -> Select[Booking]:
    """Select what a client has booked in the interval, given up or not, with all that is shown of it."""
    return (
        whole()
        .where(
            Booking.client_id == client_id,
            Booking.starts_at > max(starts_at, EARLIEST) - LONGEST_BOOKING,
            Booking.starts_at < ends_at,
            Booking.ends_at > starts_at,
        )
        .order_by(Booking.starts_at, Booking.id)
    )


def all_items(staff_id: int, starts_at: datetime, ends_at: datetime) -> Select[*tuple[Any, ...]]:
    """Select (part, its booking, its client) of what a staff member does in the interval, given up or not."""
    return (
        select(BookingItem, Booking, User)
        .join(Booking, Booking.id == BookingItem.booking_id)
        .join(User, User.id == Booking.client_id)
        .options(load_only(User.first_name, User.last_name))
        .where(
            BookingItem.staff_id == staff_id,
            BookingItem.starts_at > max(starts_at, EARLIEST) - LONGEST_WORK,
            BookingItem.starts_at < ends_at,
            BookingItem.ends_at > starts_at,
        )
        .order_by(BookingItem.starts_at, BookingItem.id)
    )


def of_client(user_id: int) -> tuple[ColumnElement[bool], ...]:
    """Return which token opens what an account has booked."""
    return CalendarToken.user_id == user_id, CalendarToken.staff_id.is_(None)


def of_staff(staff_id: int) -> tuple[ColumnElement[bool], ...]:
    """Return which token opens a staff member's calendar."""
    return (CalendarToken.staff_id == staff_id,)


def client_key(user_id: int) -> Select[*tuple[Any, ...]]:
    """Select (token, account) of a client's feed."""
    return select(CalendarToken, User).join(User, User.id == CalendarToken.user_id).where(*of_client(user_id))


def staff_key(staff_id: int) -> Select[*tuple[Any, ...]]:
    """Select (token, staff member, the account it has now, if any) of a staff member's feed."""
    return (
        select(CalendarToken, Staff, User)
        .join(Staff, Staff.id == CalendarToken.staff_id)
        .outerjoin(User, User.id == Staff.user_id)
        .where(*of_staff(staff_id))
    )
