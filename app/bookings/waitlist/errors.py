"""Why somebody cannot wait, or has nothing to answer."""

from app.kit.errors import Conflict


class WaitlistFull(Conflict):
    """The client waits for as much as one may wait for."""

    code = "waitlist_full"
    title = "The client waits for too many things already."


class AlreadyWaiting(Conflict):
    """The very same wish is on the list."""

    code = "already_waiting"
    title = "The client waits for exactly this already."


class NoOffer(Conflict):
    """There is no offer, or it is over."""

    code = "no_offer"
    title = "There is no such offer at present."
