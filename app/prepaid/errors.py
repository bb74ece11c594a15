"""Why something paid ahead cannot be spent, given back or taken back."""

from app.kit.errors import Conflict


class PrepaidExpired(Conflict):
    """Its time is over."""

    code = "prepaid_expired"
    title = "It has expired."


class PrepaidVoid(Conflict):
    """It was taken back, with the order that it was bought by."""

    code = "prepaid_void"
    title = "It is void."


class PrepaidDisputed(Conflict):
    """What it was bought with is disputed, and the bank has not decided."""

    code = "prepaid_disputed"
    title = "It cannot be used while its own payment is disputed."


class InsufficientBalance(Conflict):
    """There is less on the card than was asked for. `extra` says how much there is."""

    code = "insufficient_balance"
    title = "There is not enough on the card."


class PackagesLeft(Conflict):
    """An account with visits paid ahead asks to be erased. `extra` says which packages they are."""

    code = "packages_left"
    title = "Visits that were paid ahead are left: use them, or have them refunded."


class NoPackage(Conflict):
    """The client has no visit of this service left that may still be used."""

    code = "no_package"
    title = "No package covers this."


class PrepaidUsed(Conflict):
    """What was used in part cannot be taken back as a whole."""

    code = "prepaid_used"
    title = "Some of it has been used, or has expired."


class ReferenceUsed(Conflict):
    """Another spending has this reference, or the same one with another amount."""

    code = "reference_used"
    title = "This reference was used for something else."


class GivesBackTooMuch(Conflict):
    """What is given back of a spending is never more than was spent."""

    code = "gives_back_too_much"
    title = "That is more than was spent."
