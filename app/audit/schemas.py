"""The shapes of the audit log."""

from marshmallow import fields

from app.web.fields import Id, Instant, QueryId, Text
from app.web.pagination import PageArgs, sort_by
from app.web.schemas import Schema


class AuditQuery(PageArgs):
    """Which entries; the newest come first."""

    sort = sort_by("created_at", default="-created_at")
    actor_id = QueryId(load_default=None, metadata={"description": "Who did it."})
    action = Text(load_default=None, max=64, metadata={"description": "Such as `users.role_changed`."})
    object_type = Text(load_default=None, max=32, metadata={"description": "Such as `user`."})
    object_id = QueryId(load_default=None)
    first = Instant(load_default=None, data_key="from", metadata={"description": "From this instant on."})
    last = Instant(load_default=None, data_key="to", metadata={"description": "Until before this instant."})


class AuditOut(Schema):
    """Who did what to which thing, when and from where."""

    id = Id(required=True)
    created_at = Instant(required=True)
    actor_id = Id(required=True, allow_none=True, metadata={"description": "Null: nobody signed in, or the system."})
    action = Text(required=True, metadata={"example": "users.role_changed"})
    object_type = Text(
        required=True,
        metadata={"description": "Empty where it was done to nothing in particular.", "example": "user"},
    )
    object_id = Id(required=True, allow_none=True)
    before = fields.Dict(required=True, allow_none=True, metadata={"description": "The fields that changed, before."})
    after = fields.Dict(required=True, allow_none=True, metadata={"description": "The same fields, after."})
    address = Text(required=True, allow_none=True, metadata={"description": "The caller's network address."})
    request_id = Text(required=True, metadata={"example": "5c1f0a6be2d94d0fa1b2c3d4e5f60718"})
