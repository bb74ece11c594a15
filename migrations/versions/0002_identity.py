"""Identity: sessions with rotating refresh tokens, mailed tokens, clients without a login, the audit log.

Written by hand where the two databases differ: SQLite rebuilds `users`, and each refuses to change the audit log in
its own words.
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

BIG = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
INSTANT = sa.DateTime(timezone=True)
JSON = sa.JSON().with_variant(postgresql.JSONB(), "postgresql")

CHECKS = {
    "ck_users_login": "has_login OR (password_hash IS NULL AND role = 'client')",
    "ck_users_failed_logins": "failed_logins >= 0",
}
"""The rules that are new in `users`."""

AUDIT_COLUMNS = (
    "id", "actor_id", "action", "object_type", "object_id", "before", "after", "request_id", "created_at",
)  # fmt: skip


def on_postgresql() -> bool:
    """Say which of the two databases this migration runs on."""
    return op.get_bind().dialect.name == "postgresql"


def users_of_0001() -> sa.Table:
    """Return `users` as revision 0001 made it: SQLite rebuilds the table, and reflection forgets its checks."""
    roles = sa.Enum(
        "client", "staff", "owner", "admin", name="role", native_enum=False, create_constraint=True, length=32
    )
    return sa.Table(
        "users",
        sa.MetaData(naming_convention={"ck": "ck_%(table_name)s_%(constraint_name)s"}),
        sa.Column("id", BIG, nullable=False),
        sa.Column("email", sa.String(length=254), nullable=True),
        sa.Column("email_key", sa.String(length=320), nullable=True),
        sa.Column("password_hash", sa.String(length=100), nullable=True),
        sa.Column("first_name", sa.String(length=100), nullable=False),
        sa.Column("last_name", sa.String(length=100), nullable=False),
        sa.Column("phone", sa.String(length=32), nullable=True),
        sa.Column("country", sa.String(length=2), nullable=True),
        sa.Column("timezone", sa.String(length=64), nullable=True),
        sa.Column("bio", sa.String(length=2000), nullable=False),
        sa.Column("avatar_url", sa.String(length=500), nullable=True),
        sa.Column("role", roles, nullable=False),
        sa.Column("is_active", sa.Boolean(), nullable=False),
        sa.Column("is_blocked", sa.Boolean(), nullable=False),
        sa.Column("email_verified", sa.Boolean(), nullable=False),
        sa.Column("token_version", BIG, nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("updated_at", INSTANT, nullable=False),
        sa.CheckConstraint("(email IS NULL) = (email_key IS NULL)", name=op.f("ck_users_email_key")),
        sa.CheckConstraint("length(first_name) > 0", name=op.f("ck_users_first_name")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_users")),
        sa.UniqueConstraint("email_key", name=op.f("uq_users_email_key")),
        sa.Index("ix_users_role_created_at", "role", "created_at", "id"),
    )


def users_of_0002() -> sa.Table:
    """Return `users` as this revision leaves it, but for its new indexes."""
    users = users_of_0001()
    users.constraints = {one for one in users.constraints if one.name != "uq_users_email_key"}
    for column in added_columns():
        users.append_column(column)
    for name, rule in CHECKS.items():
        users.append_constraint(sa.CheckConstraint(rule, name=op.f(name)))
    return users


def added_columns() -> list[sa.Column]:
    """Return the columns that are new in `users`."""
    return [
        sa.Column("has_login", sa.Boolean(), nullable=False, server_default=sa.true()),
        sa.Column("failed_logins", sa.Integer(), nullable=False, server_default="0"),
        sa.Column("locked_until", INSTANT, nullable=True),
        sa.Column("erased_at", INSTANT, nullable=True),
    ]


def change_users() -> None:
    """Let clients without a login share `users` with accounts, and count wrong passwords."""
    with op.batch_alter_table("users", copy_from=users_of_0001()) as users:
        for column in added_columns():
            users.add_column(column)
        users.drop_constraint("uq_users_email_key", type_="unique")
        for name, rule in CHECKS.items():
            users.create_check_constraint(op.f(name), rule)
    for name, who in (("uq_users_email_key", "has_login"), ("uq_users_contact_key", "NOT has_login")):
        op.create_index(
            name, "users", ["email_key"], unique=True, postgresql_where=sa.text(who), sqlite_where=sa.text(who)
        )
    op.create_index("ix_users_created_at", "users", ["created_at", "id"], unique=False)
    op.create_index("ix_users_sort_email", "users", [sa.text("coalesce(email_key, '')"), "id"], unique=False)


def refuse_to_change_audit_entries() -> None:
    """Let nobody change or remove an entry; only its address may be forgotten."""
    if on_postgresql():
        op.execute("""
            CREATE FUNCTION audit_append_only() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN
                IF TG_OP = 'UPDATE' AND NEW.address IS NULL
                    AND to_jsonb(NEW) - 'address' = to_jsonb(OLD) - 'address' THEN
                    RETURN NEW;
                END IF;
                RAISE EXCEPTION 'audit_append_only' USING ERRCODE = 'integrity_constraint_violation';
            END $$
        """)
        op.execute(
            "CREATE TRIGGER audit_append_only BEFORE UPDATE OR DELETE ON audit_entries"
            " FOR EACH ROW EXECUTE FUNCTION audit_append_only()"
        )
        return
    same = " AND ".join(f"NEW.{name} IS OLD.{name}" for name in AUDIT_COLUMNS)
    for verb, unless in (("update", f"WHEN NOT (NEW.address IS NULL AND {same})"), ("delete", "")):
        op.execute(
            f"CREATE TRIGGER audit_append_only_{verb} BEFORE {verb} ON audit_entries {unless}"
            " BEGIN SELECT RAISE(ABORT, 'audit_append_only'); END"
        )


def upgrade() -> None:
    """Change `users`; create the tables of sessions, mailed tokens and the audit log."""
    change_users()
    op.create_table(
        "auth_sessions",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("last_used_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("ended_at", INSTANT, nullable=True),
        sa.CheckConstraint("created_at < expires_at", name=op.f("ck_auth_sessions_lifetime")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_auth_sessions_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_auth_sessions")),
    )
    op.create_index("ix_auth_sessions_user_id", "auth_sessions", ["user_id", "created_at", "id"], unique=False)
    op.create_table(
        "refresh_tokens",
        sa.Column("id", BIG, nullable=False),
        sa.Column("session_id", BIG, nullable=False),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("issued_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.ForeignKeyConstraint(
            ["session_id"], ["auth_sessions.id"], name=op.f("fk_refresh_tokens_session_id_auth_sessions")
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_refresh_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_refresh_tokens_token_hash")),
    )
    op.create_index("ix_refresh_tokens_session_id", "refresh_tokens", ["session_id"], unique=False)
    op.create_table(
        "one_time_tokens",
        sa.Column("id", BIG, nullable=False),
        sa.Column("user_id", BIG, nullable=False),
        sa.Column(
            "purpose",
            sa.Enum(
                "password_reset",
                "invitation",
                "email_verification",
                "email_change",
                name="purpose",
                native_enum=False,
                create_constraint=True,
                length=32,
            ),
            nullable=False,
        ),
        sa.Column("token_hash", sa.String(length=64), nullable=False),
        sa.Column("email", sa.String(length=254), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.Column("expires_at", INSTANT, nullable=False),
        sa.Column("used_at", INSTANT, nullable=True),
        sa.CheckConstraint("created_at < expires_at", name=op.f("ck_one_time_tokens_lifetime")),
        sa.ForeignKeyConstraint(["user_id"], ["users.id"], name=op.f("fk_one_time_tokens_user_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_one_time_tokens")),
        sa.UniqueConstraint("token_hash", name=op.f("uq_one_time_tokens_token_hash")),
    )
    op.create_index("ix_one_time_tokens_user_id", "one_time_tokens", ["user_id", "purpose", "created_at"], unique=False)
    op.create_table(
        "audit_entries",
        sa.Column("id", BIG, nullable=False),
        sa.Column("actor_id", BIG, nullable=True),
        sa.Column("action", sa.String(length=64), nullable=False),
        sa.Column("object_type", sa.String(length=32), nullable=False),
        sa.Column("object_id", BIG, nullable=True),
        sa.Column("before", JSON, nullable=True),
        sa.Column("after", JSON, nullable=True),
        sa.Column("address", sa.String(length=45), nullable=True),
        sa.Column("request_id", sa.String(length=128), nullable=False),
        sa.Column("created_at", INSTANT, nullable=False),
        sa.ForeignKeyConstraint(["actor_id"], ["users.id"], name=op.f("fk_audit_entries_actor_id_users")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_index("ix_audit_entries_created_at", "audit_entries", ["created_at", "id"], unique=False)
    op.create_index("ix_audit_entries_actor_id", "audit_entries", ["actor_id", "created_at", "id"], unique=False)
    op.create_index("ix_audit_entries_action", "audit_entries", ["action", "created_at", "id"], unique=False)
    op.create_index(
        "ix_audit_entries_object_id", "audit_entries", ["object_type", "object_id", "created_at", "id"], unique=False
    )
    refuse_to_change_audit_entries()


def downgrade() -> None:
    """Drop the tables; clients without a login stay, without their addresses."""
    for table in ("audit_entries", "one_time_tokens", "refresh_tokens", "auth_sessions"):
        op.drop_table(table)
    if on_postgresql():
        op.execute("DROP FUNCTION audit_append_only()")
    op.execute("UPDATE users SET email = NULL, email_key = NULL WHERE NOT has_login")
    for index in ("uq_users_email_key", "uq_users_contact_key", "ix_users_created_at", "ix_users_sort_email"):
        op.drop_index(index, "users")
    with op.batch_alter_table("users", copy_from=users_of_0002()) as users:
        users.drop_constraint(op.f("ck_users_login"), type_="check")
        users.drop_constraint(op.f("ck_users_failed_logins"), type_="check")
        for column in ("has_login", "failed_logins", "locked_until", "erased_at"):
            users.drop_column(column)
        users.create_unique_constraint(op.f("uq_users_email_key"), ["email_key"])
