"""The shared tables, one noun per file."""

from app.models.audit import AuditEntry
from app.models.booking import Booking, BookingHistory, BookingItem
from app.models.booking_life import LIVING, BookingKind, BookingStatus, PendingReason, Step
from app.models.calendar_token import CalendarToken
from app.models.consumable import MOST_CONSUMABLES, MOST_CONSUMED, ServiceConsumable
from app.models.diary import Allocation, Closure, DayHours, Hold, OpeningRule
from app.models.idempotency_key import IdempotencyKey
from app.models.image import Image, MediaType
from app.models.invoice import PREFIXES, Invoice, InvoiceKind, InvoiceLine, InvoiceSeries
from app.models.ledger import CAUSES, Account, EntryKind, LedgerEntry
from app.models.notification import MutedNotice, NoticeChannel, NoticeStatus, Notification
from app.models.one_time_token import OneTimeToken, TokenPurpose
from app.models.order import MOST_LINES, MOST_PREPAID, MOST_UNITS, Order, OrderHistory, OrderLine
from app.models.order_life import (
    HANDED_OVER,
    NEXT_FULFILMENTS,
    Channel,
    Fulfilment,
    FulfilmentStatus,
    OrderStatus,
    OrderStep,
    PaymentStatus,
    SaleMethod,
)
from app.models.outbox import OutboxEvent, PeriodicTask
from app.models.payment import Payment, Refund
from app.models.payment_life import (
    CASH,
    OPEN_PAYMENTS,
    PREPAID,
    PaymentMethod,
    PaymentState,
    Purpose,
    RefundOrigin,
    RefundState,
    Verdict,
)
from app.models.payment_provider import PaymentCustomer, ProviderEvent, StoredCard
from app.models.prepaid import (
    GiftCard,
    GiftCardMovement,
    Package,
    PackageMovement,
    Prepaid,
    PrepaidMovement,
    PrepaidStatus,
    PrepaidStep,
)
from app.models.product import IS_LOW, IS_OUT, LONGEST_SKU, MOST_STOCK, Product, ProductCategory, ProductKind
from app.models.rated import Rated
from app.models.recommendation import (
    MOST_LINK_POSITION,
    CuratedLink,
    FoundBecause,
    PopularThing,
    RecommendationModel,
    RecommendationOptOut,
    RecommendedThing,
)
from app.models.resource import Resource, ResourceKind, Space, SpaceStatus, Staff
from app.models.review import Review, ReviewStatus, ReviewSubject
from app.models.series import BookingSeries
from app.models.service import Assignment, Category, DepositType, Service
from app.models.session import AuthSession, RefreshToken
from app.models.stock import MovementKind, StockMovement
from app.models.testimonial import MOST_TESTIMONIALS, Testimonial, TestimonialStatus
from app.models.user import Role, User
from app.models.voice import LONGEST_ALIAS, AliasKind, VoiceAlias, VoiceSession
from app.models.waitlist import OfferState, WaitlistEntry, WaitlistOffer, WaitState
from app.models.webhook import MOST_WEBHOOKS, DeliveryStatus, DisabledBy, Webhook, WebhookDelivery

__all__ = [
    "CASH",
    "CAUSES",
    "HANDED_OVER",
    "IS_LOW",
    "IS_OUT",
    "LIVING",
    "LONGEST_ALIAS",
    "LONGEST_SKU",
    "MOST_CONSUMABLES",
    "MOST_CONSUMED",
    "MOST_LINES",
    "MOST_LINK_POSITION",
    "MOST_PREPAID",
    "MOST_STOCK",
    "MOST_TESTIMONIALS",
    "MOST_UNITS",
    "MOST_WEBHOOKS",
    "NEXT_FULFILMENTS",
    "OPEN_PAYMENTS",
    "PREFIXES",
    "PREPAID",
    "Account",
    "AliasKind",
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
    "CuratedLink",
    "DayHours",
    "DeliveryStatus",
    "DepositType",
    "DisabledBy",
    "EntryKind",
    "FoundBecause",
    "Fulfilment",
    "FulfilmentStatus",
    "GiftCard",
    "GiftCardMovement",
    "Hold",
    "IdempotencyKey",
    "Image",
    "Invoice",
    "InvoiceKind",
    "InvoiceLine",
    "InvoiceSeries",
    "LedgerEntry",
    "MediaType",
    "MovementKind",
    "MutedNotice",
    "NoticeChannel",
    "NoticeStatus",
    "Notification",
    "OfferState",
    "OneTimeToken",
    "OpeningRule",
    "Order",
    "OrderHistory",
    "OrderLine",
    "OrderStatus",
    "OrderStep",
    "OutboxEvent",
    "Package",
    "PackageMovement",
    "Payment",
    "PaymentCustomer",
    "PaymentMethod",
    "PaymentState",
    "PaymentStatus",
    "PendingReason",
    "PeriodicTask",
    "PopularThing",
    "Prepaid",
    "PrepaidMovement",
    "PrepaidStatus",
    "PrepaidStep",
    "Product",
    "ProductCategory",
    "ProductKind",
    "ProviderEvent",
    "Purpose",
    "Rated",
    "RecommendationModel",
    "RecommendationOptOut",
    "RecommendedThing",
    "RefreshToken",
    "Refund",
    "RefundOrigin",
    "RefundState",
    "Resource",
    "ResourceKind",
    "Review",
    "ReviewStatus",
    "ReviewSubject",
    "Role",
    "SaleMethod",
    "Service",
    "ServiceConsumable",
    "Space",
    "SpaceStatus",
    "Staff",
    "Step",
    "StockMovement",
    "StoredCard",
    "Testimonial",
    "TestimonialStatus",
    "TokenPurpose",
    "User",
    "Verdict",
    "VoiceAlias",
    "VoiceSession",
    "WaitState",
    "WaitlistEntry",
    "WaitlistOffer",
    "Webhook",
    "WebhookDelivery",
]
