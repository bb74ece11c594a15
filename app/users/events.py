"""What this room announces, in the transaction of the change, and the task it leaves."""

from blinker import Signal

INVITE = "users.invite"
"""The outbox topic of mails that ask the owner of a new account to choose a password; payload: `user_id`, `nonce`."""

walk_in_claimed = Signal()
"""A walk-in, locked, turns out to be an account, sent as `account`. Whoever listens gives the account
what was the walk-in's, whose row goes next."""

exporting = Signal()
"""An account wants all that is kept about it. Sent with nothing else; whoever listens returns a dict of what its room
holds, ready for JSON, by the names under which the document shows it."""

powers_changed = Signal()
"""An account, locked, has another role, or is active or is not any more: as it says now."""

erasing = Signal()
"""An account, locked, is about to be erased. Whoever listens may refuse by raising, or forgets what its room holds."""
