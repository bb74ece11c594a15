"""Why something about webhooks is refused."""

from app.kit.errors import Conflict


class TooManyWebhooks(Conflict):
    """There are as many endpoints as there may be."""

    code = "too_many_webhooks"
    title = "There are as many webhooks as there may be. Delete one of them."


class WebhookDisabled(Conflict):
    """An endpoint that is sent nothing is sent nothing again either."""

    code = "webhook_disabled"
    title = "This webhook is disabled. Set active to true first."
