"""The shared tables, one noun per file."""

from app.models.booking import (
    LIVING,
    Booking,
    BookingHistory,
    BookingItem,
    BookingKind,
    BookingStatus,
    PendingReason,
    Step,
)
from app.models.diary import Allocation, Closure, DayHours, Hold, OpeningRule
from app.models.outbox import OutboxEvent
from app.models.resource import Resource, ResourceKind, Space, Staff
from app.models.service import Assignment, Category, DepositType, Service
from app.models.user import Role, User

__all__ = [
    "LIVING",
    "Allocation",
    "Assignment",
    "Booking",
    "BookingHistory",
    "BookingItem",
    "BookingKind",
    "BookingStatus",
    "Category",
    "Closure",
    "DayHours",
    "DepositType",
    "Hold",
    "OpeningRule",
    "OutboxEvent",
    "PendingReason",
    "Resource",
    "ResourceKind",
    "Role",
    "Service",
    "Space",
    "Staff",
    "Step",
    "User",
]
