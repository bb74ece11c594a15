"""Why something said is not done."""

from app.kit.errors import Conflict, Unauthorized


class AliasTaken(Conflict):
    """Something else of the same kind is called so already."""

    code = "alias_taken"
    title = "Something else of this kind is called so."


class ProposalChanged(Conflict):
    """What it costs is not what was read to the client. `extra` says what it costs now."""

    code = "proposal_changed"
    title = "The price or the fee has changed since it was proposed."


class DialogflowSecretWrong(Unauthorized):
    """The request does not have the secret that Dialogflow was told."""

    code = "dialogflow_secret_wrong"
    title = "Send the secret of DIALOGFLOW_SECRET in the header X-Dialogflow-Secret."
