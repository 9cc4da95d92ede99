"""Accounts, kinds of rooms, deleted rooms, invitations.

Revision: 0002, after 0001
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from porch import names
from porch.extensions import by_bytes
from porch.models.altering import numbers_kept
from porch.text import folded

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None

# Wide enough for ever; SQLite's numbers are so anyway, and give out ids only under this name.
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

DELETED = sa.text("deleted_at is not null")
CLOSED = sa.text("closed_at is not null")
LISTED = sa.text("kind = 'listed' and deleted_at is null")


def upgrade() -> None:
    with numbers_kept("user", "chat"):
        _upgrade()


def downgrade() -> None:
    """What the older tables cannot say is left out: deleted rooms and those who left or were put out."""
    with numbers_kept("user", "chat"):
        _downgrade()


def _upgrade() -> None:
    with op.batch_alter_table("user", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.add_column(sa.Column("password", sa.String(length=255), nullable=True))
        batch.add_column(sa.Column("role", sa.String(length=8), server_default="member", nullable=False))
        batch.add_column(sa.Column("disabled_at", sa.DateTime(), nullable=True))
        batch.add_column(sa.Column("closed_at", sa.DateTime(), nullable=True))
        batch.create_check_constraint(op.f("ck_user_role_known"), "role in ('member', 'admin')")
    with op.batch_alter_table("name_key") as batch:
        batch.alter_column("key", existing_type=sa.String(length=128), type_=sa.String(length=256))
        batch.add_column(sa.Column("kept_until", sa.DateTime(), nullable=True))
    _reserve_what_looks_alike()
    op.add_column("session", sa.Column("device", sa.String(length=80), server_default="", nullable=False))
    with op.batch_alter_table("membership") as batch:
        batch.add_column(sa.Column("state", sa.String(length=8), server_default="member", nullable=False))
        batch.add_column(sa.Column("removed_at", sa.DateTime(), nullable=True))
        batch.create_check_constraint(
            op.f("ck_membership_state_known"), "state in ('member', 'left', 'removed')"
        )
    op.add_column("chat", sa.Column("active_at", sa.DateTime(), nullable=True))
    op.add_column("chat", sa.Column("search_name", by_bytes(400), nullable=True))
    _fold_names()
    op.execute(
        "UPDATE chat SET active_at ="
        " coalesce((SELECT max(timestamp) FROM message WHERE message.chat_id = chat.id), created_at)"
    )
    with op.batch_alter_table("chat", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.alter_column("active_at", nullable=False)
        batch.alter_column("search_name", nullable=False)
        batch.add_column(sa.Column("deleted_at", sa.DateTime(), nullable=True))
        batch.drop_constraint(op.f("ck_chat_kind_known"), type_="check")
        batch.create_check_constraint(op.f("ck_chat_kind_known"), "kind in ('listed', 'link', 'private')")
    op.create_index("ix_chat_listed", "chat", ["active_at"], sqlite_where=LISTED, postgresql_where=LISTED)
    op.create_index("ix_chat_deleted", "chat", ["id"], sqlite_where=DELETED, postgresql_where=DELETED)
    op.create_index("ix_user_closed", "user", ["id"], sqlite_where=CLOSED, postgresql_where=CLOSED)
    op.create_table(
        "invitation",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("token", sa.String(length=64), nullable=False),
        sa.Column("chat_id", INTEGER, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("expires_at", sa.DateTime(), nullable=False),
        sa.Column("used_by", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(
            ["used_by"], ["user.id"], name=op.f("fk_invitation_used_by"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chat.id"], name=op.f("fk_invitation_chat_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_invitation")),
        sa.UniqueConstraint("token", name=op.f("uq_invitation_token")),
    )
    op.create_index(op.f("ix_invitation_chat_id"), "invitation", ["chat_id"])


def _fold_names() -> None:
    chat = sa.table(
        "chat", sa.column("id", sa.Integer), sa.column("name", sa.String), sa.column("search_name", sa.String)
    )
    connection = op.get_bind()
    for chat_id, name in connection.execute(sa.select(chat.c.id, chat.c.name)).all():
        connection.execute(sa.update(chat).where(chat.c.id == chat_id).values(search_name=folded(name)))


def _reserve_what_looks_alike() -> None:
    """Names had one key until now. Who was here first keeps what two of them share."""
    user = sa.table("user", sa.column("id", sa.Integer), sa.column("username", sa.String))
    name_key = sa.table("name_key", sa.column("key", sa.String), sa.column("user_id", sa.Integer))
    connection = op.get_bind()
    taken = set(connection.scalars(sa.select(name_key.c.key)))
    named = sa.select(user).where(user.c.username.is_not(None)).order_by(user.c.id)
    for user_id, username in connection.execute(named).all():
        for key in names.keys(username) - taken:
            connection.execute(sa.insert(name_key).values(key=key, user_id=user_id))
            taken.add(key)


def _downgrade() -> None:
    op.drop_table("invitation")
    op.drop_index("ix_user_closed", "user")
    op.drop_index("ix_chat_deleted", "chat")
    op.drop_index("ix_chat_listed", "chat")
    for child in ("message", "membership"):
        op.execute(f"DELETE FROM {child} WHERE chat_id IN (SELECT id FROM chat WHERE deleted_at IS NOT NULL)")
    op.execute("DELETE FROM chat WHERE deleted_at IS NOT NULL")
    op.execute("DELETE FROM membership WHERE state != 'member'")
    with op.batch_alter_table("membership") as batch:
        batch.drop_constraint(op.f("ck_membership_state_known"), type_="check")
        batch.drop_column("state")
        batch.drop_column("removed_at")
    op.execute("UPDATE chat SET kind = 'link'")
    with op.batch_alter_table("chat", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint(op.f("ck_chat_kind_known"), type_="check")
        batch.create_check_constraint(op.f("ck_chat_kind_known"), "kind in ('link')")
        batch.drop_column("active_at")
        batch.drop_column("search_name")
        batch.drop_column("deleted_at")
    with op.batch_alter_table("user", table_kwargs={"sqlite_autoincrement": True}) as batch:
        batch.drop_constraint(op.f("ck_user_role_known"), type_="check")
        for column in ("password", "role", "disabled_at", "closed_at"):
            batch.drop_column(column)
    with op.batch_alter_table("name_key") as batch:
        batch.drop_column("kept_until")
        batch.alter_column("key", existing_type=sa.String(length=256), type_=sa.String(length=128))
    op.drop_column("session", "device")
