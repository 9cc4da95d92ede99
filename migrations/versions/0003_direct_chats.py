"""Direct chats, blocks, and how far each member has read.

Revision: 0003, after 0002
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from porch.extensions import by_bytes
from porch.models.altering import numbers_kept
from porch.text import folded

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

# Wide enough for ever; SQLite's numbers are so anyway, and give out ids only under this name.
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

KINDS = "kind in ('listed', 'link', 'private')"
KINDS_AND_DIRECT = "kind in ('listed', 'link', 'private', 'direct')"


def upgrade() -> None:
    with numbers_kept("user", "chat"):
        with op.batch_alter_table("user", table_kwargs={"sqlite_autoincrement": True}) as batch:
            batch.add_column(sa.Column("former_name", sa.String(length=32), nullable=True))
            batch.add_column(sa.Column("search_name", by_bytes(256), nullable=True))
            batch.add_column(
                sa.Column("direct_from", sa.String(length=8), server_default="everyone", nullable=False)
            )
            batch.create_check_constraint(
                op.f("ck_user_direct_from_known"), "direct_from in ('everyone', 'shared', 'nobody')"
            )
        op.create_index(op.f("ix_user_search_name"), "user", ["search_name"])
        _fold_names()
        with op.batch_alter_table("chat", table_kwargs={"sqlite_autoincrement": True}) as batch:
            batch.drop_constraint(op.f("ck_chat_kind_known"), type_="check")
            batch.create_check_constraint(op.f("ck_chat_kind_known"), KINDS_AND_DIRECT)
    op.add_column("membership", sa.Column("read_seq", INTEGER, server_default="0", nullable=False))
    op.add_column("membership", sa.Column("direct", sa.Boolean(), server_default=sa.false(), nullable=False))
    op.drop_index("ix_membership_user_id", "membership")
    op.create_index("ix_membership_user_id", "membership", ["user_id", "direct"])
    # Whoever is there already has seen what was said: nobody comes back to thousands of unread messages.
    op.execute(
        "UPDATE membership SET read_seq ="
        " coalesce((SELECT rev FROM chat WHERE chat.id = membership.chat_id), 0)"
    )
    op.create_table(
        "direct",
        sa.Column("user_id", INTEGER, nullable=False),
        sa.Column("peer_id", INTEGER, nullable=False),
        sa.Column("chat_id", INTEGER, nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.CheckConstraint("user_id != peer_id", name=op.f("ck_direct_two_people")),
        sa.CheckConstraint("state in ('asked', 'open', 'ignored')", name=op.f("ck_direct_state_known")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_direct_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["peer_id"], ["user.id"], name=op.f("fk_direct_peer_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_direct_chat_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("user_id", "peer_id", name=op.f("pk_direct")),
    )
    op.create_index(op.f("ix_direct_chat_id"), "direct", ["chat_id"])
    op.create_index(op.f("ix_direct_peer_id"), "direct", ["peer_id"])
    op.create_table(
        "block",
        sa.Column("user_id", INTEGER, nullable=False),
        sa.Column("blocked_id", INTEGER, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.CheckConstraint("user_id != blocked_id", name=op.f("ck_block_two_people")),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_block_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["blocked_id"], ["user.id"], name=op.f("fk_block_blocked_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("user_id", "blocked_id", name=op.f("pk_block")),
    )
    op.create_index(op.f("ix_block_blocked_id"), "block", ["blocked_id"])


def downgrade() -> None:
    """What the older tables cannot say is left out: direct chats, with all that was said there."""
    op.drop_table("block")
    op.drop_table("direct")
    for child in ("message", "membership"):
        op.execute(f"DELETE FROM {child} WHERE chat_id IN (SELECT id FROM chat WHERE kind = 'direct')")
    op.execute("DELETE FROM chat WHERE kind = 'direct'")
    op.drop_index("ix_membership_user_id", "membership")
    op.create_index("ix_membership_user_id", "membership", ["user_id"])
    op.drop_column("membership", "direct")
    op.drop_column("membership", "read_seq")
    with numbers_kept("user", "chat"):
        with op.batch_alter_table("chat", table_kwargs={"sqlite_autoincrement": True}) as batch:
            batch.drop_constraint(op.f("ck_chat_kind_known"), type_="check")
            batch.create_check_constraint(op.f("ck_chat_kind_known"), KINDS)
        op.drop_index(op.f("ix_user_search_name"), "user")
        with op.batch_alter_table("user", table_kwargs={"sqlite_autoincrement": True}) as batch:
            batch.drop_constraint(op.f("ck_user_direct_from_known"), type_="check")
            for column in ("former_name", "search_name", "direct_from"):
                batch.drop_column(column)


def _fold_names() -> None:
    user = sa.table(
        "user",
        sa.column("id", sa.Integer),
        sa.column("username", sa.String),
        sa.column("search_name", sa.String),
    )
    connection = op.get_bind()
    named = sa.select(user.c.id, user.c.username).where(user.c.username.is_not(None))
    for user_id, username in connection.execute(named).all():
        connection.execute(sa.update(user).where(user.c.id == user_id).values(search_name=folded(username)))
