"""Why something about webhooks is refused."""

from app.kit.errors import Conflict


class TooManyWebhooks(Conflict):
    """There are as many endpoints as there may be."""

    code = "too_many_webhooks"
    title = "There are as many webhooks as there may be. Delete one of them."


class SecretJustRotated(Conflict):
    """Two secrets sign already. A third one would end one of them within the day that it was promised."""

    code = "secret_just_rotated"
    title = "The secret was rotated within a day. Wait until the old one signs no more."


class WebhookDisabled(Conflict):
    """An endpoint that is sent nothing is sent nothing again either."""

    code = "webhook_disabled"
    title = "This webhook is disabled. Set active to true first."
