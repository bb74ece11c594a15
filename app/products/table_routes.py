"""`/api/products/…`: the whole catalogue as a table, out and in."""

from typing import Any

from flask import Response

from app.kit import csv_text
from app.kit.clock import utcnow
from app.models import Role
from app.products.importing import import_products, summary
from app.products.service import all_products
from app.products.sheet import COLUMNS, row_of
from app.products.table_schemas import CSV, ImportIn, ImportOut
from app.security.guards import current_actor, roles
from app.transactions import reading, transactional
from app.web.blueprint import Blueprint
from app.web.rehearsal import rehearsable
from app.web.tables import MEDIA_TYPE, table_answer
from app.web.uploads import takes_csv

blueprint = Blueprint("product_tables", __name__, url_prefix="/api/products")


@blueprint.post("/import")
@roles(Role.ADMIN)
@takes_csv("file")
@blueprint.arguments(ImportIn, location="files")
@transactional
@rehearsable
@blueprint.response(200, ImportOut)
def import_table(fields: dict[str, Any]) -> Any:
    """Create and change products by a CSV file, sent as a form's `file`, or as the whole body (`text/csv`).

    Each line is judged by itself: `created`, `updated`, `unchanged` or `refused`. Columns are those of
    `/api/products/export.csv`, in any order; `sku` says which product. An empty cell leaves what is there. Prices are
    minor units. `on_hand` is the first receipt of a new product; the stock of others stays.
    """
    return summary(import_products(fields["file"], current_actor().id))


@blueprint.get("/export.csv")
@roles(Role.ADMIN)
@blueprint.response(200, CSV, content_type=MEDIA_TYPE)
def export_table() -> Response:
    """Read all products as a CSV file, retired ones too, by SKU.

    A text that a spreadsheet would take for a formula stands behind an apostrophe, which the import takes away.
    """
    with reading():  # ended before the answer is made
        rows = [row_of(product) for product in all_products()]
    return table_answer(csv_text.written([list(COLUMNS), *rows]), f"products-{utcnow():%Y-%m-%d}")
