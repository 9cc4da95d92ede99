"""First tables: user, name_key, session, chat, membership, message.

Revision: 0001, the first
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Wide enough for ever; SQLite's numbers are so anyway, and give out ids only under this name.
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "user",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("username", sa.String(length=32), nullable=True),
        sa.Column("guest", sa.Boolean(), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_user")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "chat",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("hash_key", sa.String(length=22), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("encryption", sa.String(length=8), nullable=False),
        sa.Column("rev", INTEGER, nullable=False),
        sa.Column("changed_rev", INTEGER, nullable=False),
        sa.Column("reset_rev", INTEGER, nullable=False),
        sa.Column("creator_id", INTEGER, nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("encryption in ('none')", name=op.f("ck_chat_encryption_known")),
        sa.CheckConstraint("kind in ('link')", name=op.f("ck_chat_kind_known")),
        sa.CheckConstraint(
            "rev >= 0 and changed_rev <= rev and reset_rev <= changed_rev", name=op.f("ck_chat_revs_in_order")
        ),
        sa.ForeignKeyConstraint(
            ["creator_id"], ["user.id"], name=op.f("fk_chat_creator_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_chat")),
        sa.UniqueConstraint("hash_key", name=op.f("uq_chat_hash_key")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_chat_creator_id"), "chat", ["creator_id"])

    op.create_table(
        "name_key",
        sa.Column("key", sa.String(length=128), nullable=False),
        sa.Column("user_id", INTEGER, nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_name_key_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("key", name=op.f("pk_name_key")),
    )
    op.create_index(op.f("ix_name_key_user_id"), "name_key", ["user_id"])

    op.create_table(
        "session",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("user_id", INTEGER, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("last_used_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_session_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_session")),
        sa.UniqueConstraint("token", name=op.f("uq_session_token")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_session_user_id"), "session", ["user_id"])

    op.create_table(
        "membership",
        sa.Column("chat_id", INTEGER, nullable=False),
        sa.Column("user_id", INTEGER, nullable=False),
        sa.Column("joined_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chat.id"], name=op.f("fk_membership_chat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_membership_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("chat_id", "user_id", name=op.f("pk_membership")),
    )
    op.create_index(op.f("ix_membership_user_id"), "membership", ["user_id"])

    op.create_table(
        "message",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("chat_id", INTEGER, nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("rev", INTEGER, nullable=False),
        sa.Column("timestamp", sa.DateTime(), nullable=False),
        sa.Column("user_id", INTEGER, nullable=False),
        sa.Column("username", sa.String(length=32), nullable=False),
        sa.Column("guest", sa.Boolean(), nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("client_id", sa.String(length=36), nullable=False),
        sa.Column("edited_at", sa.DateTime(), nullable=True),
        sa.Column("deleted", sa.Boolean(), nullable=False),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chat.id"], name=op.f("fk_message_chat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_message_user_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_message")),
        sa.UniqueConstraint("chat_id", "seq", name=op.f("uq_message_chat_id_seq")),
        sa.UniqueConstraint(
            "chat_id", "user_id", "client_id", name=op.f("uq_message_chat_id_user_id_client_id")
        ),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_message_chat_id_rev"), "message", ["chat_id", "rev"])

    if op.get_bind().dialect.name == "postgresql":
        # Which write was the last that did more than append messages: SQLite has data_version.
        op.execute("CREATE SEQUENCE write_number")


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP SEQUENCE write_number")
    for table in ("message", "membership", "session", "name_key", "chat", "user"):
        op.drop_table(table)
