"""The shared tables, one noun per file."""

from app.models.audit import AuditEntry
from app.models.booking import Booking, BookingHistory, BookingItem
from app.models.booking_life import LIVING, BookingKind, BookingStatus, PendingReason, Step
from app.models.calendar_token import CalendarToken
from app.models.diary import Allocation, Closure, DayHours, Hold, OpeningRule
from app.models.idempotency_key import IdempotencyKey
from app.models.image import Image, MediaType
from app.models.notification import Channel, MutedNotice, NoticeStatus, Notification
from app.models.one_time_token import OneTimeToken, TokenPurpose
from app.models.outbox import OutboxEvent, PeriodicTask
from app.models.rated import Rated
from app.models.resource import Resource, ResourceKind, Space, SpaceStatus, Staff
from app.models.review import Review, ReviewStatus, ReviewSubject
from app.models.series import BookingSeries
from app.models.service import Assignment, Category, DepositType, Service
from app.models.session import AuthSession, RefreshToken
from app.models.testimonial import MOST_TESTIMONIALS, Testimonial, TestimonialStatus
from app.models.user import Role, User
from app.models.waitlist import OfferState, WaitlistEntry, WaitlistOffer, WaitState
from app.models.webhook import MOST_WEBHOOKS, DeliveryStatus, DisabledBy, Webhook, WebhookDelivery

__all__ = [
    "LIVING",
    "MOST_TESTIMONIALS",
    "MOST_WEBHOOKS",
    "Allocation",
    "Assignment",
    "AuditEntry",
    "AuthSession",
    "Booking",
    "BookingHistory",
    "BookingItem",
    "BookingKind",
    "BookingSeries",
    "BookingStatus",
    "CalendarToken",
    "Category",
    "Channel",
    "Closure",
    "DayHours",
    "DeliveryStatus",
    "DepositType",
    "DisabledBy",
    "Hold",
    "IdempotencyKey",
    "Image",
    "MediaType",
    "MutedNotice",
    "NoticeStatus",
    "Notification",
    "OfferState",
    "OneTimeToken",
    "OpeningRule",
    "OutboxEvent",
    "PendingReason",
    "PeriodicTask",
    "Rated",
    "RefreshToken",
    "Resource",
    "ResourceKind",
    "Review",
    "ReviewStatus",
    "ReviewSubject",
    "Role",
    "Service",
    "Space",
    "SpaceStatus",
    "Staff",
    "Step",
    "Testimonial",
    "TestimonialStatus",
    "TokenPurpose",
    "User",
    "WaitState",
    "WaitlistEntry",
    "WaitlistOffer",
    "Webhook",
    "WebhookDelivery",
]
