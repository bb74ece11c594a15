"""Why a change of the catalogue is refused."""

from app.kit.errors import Conflict


class AlreadyAssigned(Conflict):
    """The staff member performs the service already."""

    code = "already_assigned"
    title = "This staff member is already assigned to this service."


class CategoryTaken(Conflict):
    """Another category has the name."""

    code = "category_exists"
    title = "There is a category of this name."


class CategoryInUse(Conflict):
    """Services, retired ones too, are listed under the category."""

    code = "category_in_use"
    title = "There are services in this category."
