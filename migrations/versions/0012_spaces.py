"""Spaces are searched: folded words, coordinates, time zones; and retired for good.

Words are compared by the function `space_has_word`, so that a server without trigrams has a plainer one in its place.
"""

import unicodedata

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

COORDINATES = (
    "(latitude IS NULL) = (longitude IS NULL) AND latitude BETWEEN -90 AND 90 AND longitude BETWEEN -180 AND 180"
)
RETIRED = "retired_at IS NULL OR NOT active"
LONGEST_CITY = 100

INDEXES = {
    "ix_resources_kind_timezone": ("resources", ["kind", "timezone"]),
    "ix_spaces_city_key": ("spaces", ["city_key"]),
    "ix_spaces_country": ("spaces", ["country"]),
    "ix_spaces_price": ("spaces", ["price_per_hour_amount", "id"]),
    "ix_spaces_coordinates": ("spaces", ["latitude", "longitude"]),
}

FUNCTION = """
    CREATE FUNCTION space_has_word(words text, word text, pattern text) RETURNS boolean
    LANGUAGE sql STABLE PARALLEL SAFE AS 'SELECT {}'
"""
TRIGRAMS = "words LIKE pattern OR word <% words"
PLAIN = "words LIKE pattern"


def on_postgresql() -> bool:
    """Say which database this is."""
    return op.get_bind().dialect.name == "postgresql"


def add_columns() -> None:
    """Add the columns with their rules: SQLite takes a rule of a table with a new column, and need not rebuild it."""
    instant = "timestamptz" if on_postgresql() else "DATETIME"
    for table, column, rule in (
        ("resources", f"retired_at {instant}", f"CONSTRAINT ck_resources_retired CHECK ({RETIRED})"),
        ("spaces", f"city_key VARCHAR({LONGEST_CITY}) DEFAULT '' NOT NULL", ""),
        ("spaces", "words TEXT DEFAULT '' NOT NULL", f"CONSTRAINT ck_spaces_coordinates CHECK ({COORDINATES})"),
    ):
        op.execute(f"ALTER TABLE {table} ADD COLUMN {column} {rule}")


def folded(text: str) -> str:
    """Return the text without capitals and accents, as the application has it at this revision."""
    letters = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", text).casefold())
    return "".join(letter for letter in letters if not unicodedata.combining(letter))


def fill_columns() -> None:
    """Fold what is there."""
    database = op.get_bind()
    named = "SELECT s.id, r.name, s.city, s.description FROM spaces s JOIN resources r ON r.id = s.id"
    change = sa.text("UPDATE spaces SET city_key = :city_key, words = :words WHERE id = :id")
    for row in database.execute(sa.text(named)).all():
        words = folded(f"{row.name}\n{row.city}\n{row.description}")
        database.execute(change, {"id": row.id, "city_key": folded(row.city)[:LONGEST_CITY], "words": words})


def has_trigrams() -> bool:
    """Say whether there are trigrams on this server; get them where its role may."""
    database = op.get_bind()
    if not database.scalar(sa.text("SELECT 1 FROM pg_available_extensions WHERE name = 'pg_trgm'")):
        return False
    try:
        with database.begin_nested():
            database.execute(sa.text("CREATE EXTENSION IF NOT EXISTS pg_trgm"))
    except sa.exc.ProgrammingError:  # permission denied
        return False
    return True


def prepare_search() -> None:
    """Create what only PostgreSQL has: the index of amenities, and how words are compared."""
    op.execute("CREATE INDEX ix_spaces_amenities ON spaces USING gin (amenities jsonb_path_ops)")
    trigrams = has_trigrams()
    op.execute(FUNCTION.format(TRIGRAMS if trigrams else PLAIN))
    if trigrams:
        op.execute("CREATE INDEX ix_spaces_words ON spaces USING gin (words gin_trgm_ops)")


def upgrade() -> None:
    """Add columns, rules and indexes."""
    add_columns()
    fill_columns()
    for name, (table, columns) in INDEXES.items():
        op.create_index(name, table, columns, unique=False)
    if on_postgresql():
        prepare_search()


def downgrade() -> None:
    """Take them away. The extension stays: somebody else may use it by now."""
    if on_postgresql():
        op.execute("DROP INDEX IF EXISTS ix_spaces_words")
        op.execute("DROP INDEX ix_spaces_amenities")
        op.execute("DROP FUNCTION space_has_word")
        op.execute("ALTER TABLE spaces DROP CONSTRAINT ck_spaces_coordinates")
        op.execute("ALTER TABLE resources DROP CONSTRAINT ck_resources_retired")
    for name, (table, _) in INDEXES.items():
        op.drop_index(name, table_name=table)
    for table, column in (("spaces", "words"), ("spaces", "city_key"), ("resources", "retired_at")):
        op.execute(f"ALTER TABLE {table} DROP COLUMN {column}")
