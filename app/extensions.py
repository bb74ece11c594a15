"""The Flask extensions, bare: `create_app` binds them to an application."""

from typing import cast

from flask import current_app
from flask_smorest import Api
from flask_sqlalchemy import SQLAlchemy
from werkzeug.local import LocalProxy

from app.kit.business import Business
from app.kit.columns import Base

db = SQLAlchemy(
    metadata=Base.metadata,
    disable_autonaming=True,
    session_options={"expire_on_commit": False, "autoflush": False},
)
BULK = {"synchronize_session": False}
"""For statements that change rows wholesale: what the session holds of them is not brought up to date."""

api = Api()

business = cast(Business, LocalProxy(lambda: current_app.extensions["business"]))
"""The business of the running application; read-only."""
