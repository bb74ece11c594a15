"""Why a document is not drawn."""

from app.kit.errors import Unavailable


class Busy(Unavailable):
    """So many want documents that this one does not even wait."""

    code = "documents_busy"
    title = "Many documents are being made just now. Try again in a few seconds."
