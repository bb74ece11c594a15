"""The verbs of accounts."""

from app.users.service.accounts import (
    Client,
    create_client,
    create_user,
    find_visible_client,
    get_account,
    get_user,
    list_users,
    lock_active,
    lock_client,
    lock_user,
    normal_phone,
    phone_meant_by,
    require_visible,
)
from app.users.service.avatar import delete_avatar, set_avatar
from app.users.service.changes import change_user, deactivate_user
from app.users.service.confirmation import count_failure, is_password_of, lock_confirmed
from app.users.service.emails import change_own_profile, prove, verify_email
from app.users.service.erasure import erase_account
from app.users.service.export import export_account
from app.users.service.password_change import ask_for_reset, change_password, reset_password, set_password

__all__ = [
    "Client",
    "ask_for_reset",
    "change_own_profile",
    "change_password",
    "change_user",
    "count_failure",
    "create_client",
    "create_user",
    "deactivate_user",
    "delete_avatar",
    "erase_account",
    "export_account",
    "find_visible_client",
    "get_account",
    "get_user",
    "is_password_of",
    "list_users",
    "lock_active",
    "lock_client",
    "lock_confirmed",
    "lock_user",
    "normal_phone",
    "phone_meant_by",
    "prove",
    "require_visible",
    "reset_password",
    "set_avatar",
    "set_password",
    "verify_email",
]
