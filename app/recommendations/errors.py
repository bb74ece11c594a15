"""Why something about recommendations is refused."""

from app.kit.errors import Conflict


class AlreadyLinked(Conflict):
    """The two things are linked already."""

    code = "already_linked"
    title = "These two are linked already."
