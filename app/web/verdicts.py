"""What moderators say."""

from app.web.fields import LongText
from app.web.schemas import Schema

LONGEST_REASON = 500


class HidingIn(Schema):
    """Why something is hidden: shown to its author and to admins."""

    reason = LongText(
        required=True, min=1, max=LONGEST_REASON, metadata={"example": "Names somebody who is not staff."}
    )


class PublishingIn(Schema):
    """Why something is published, if that needs a word: shown to its author and to admins."""

    reason = LongText(max=LONGEST_REASON, load_default="", metadata={"example": "Nobody is named any more."})
