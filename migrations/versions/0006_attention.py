"""Mentions, what members want to be told of a room, and counting what is unread by an index alone.

Revision: 0006, after 0005
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

# Wide enough for ever; SQLite's numbers are so anyway, and give out ids only under this name.
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

CHOSEN = sa.text("level is not null")


def upgrade() -> None:
    with op.batch_alter_table("membership") as batch:
        batch.add_column(sa.Column("level", sa.String(length=10), nullable=True))
        batch.create_check_constraint(
            op.f("ck_membership_level_known"), "level in ('everything', 'mentions', 'nothing')"
        )
    op.create_index(
        "ix_membership_level",
        "membership",
        ["chat_id", "level"],
        sqlite_where=CHOSEN,
        postgresql_where=CHOSEN,
    )
    op.drop_index("ix_message_chat_id_rev", "message")
    op.create_index("ix_message_chat_id_rev", "message", ["chat_id", "rev", "seq", "user_id", "deleted"])
    op.create_table(
        "mention",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("message_id", INTEGER, nullable=False),
        sa.Column("chat_id", INTEGER, nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("author_id", INTEGER, nullable=False),
        sa.Column("user_id", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_mention_message_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["chat_id"], ["chat.id"], name=op.f("fk_mention_chat_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["author_id"], ["user.id"], name=op.f("fk_mention_author_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_mention_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_mention")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_mention_message_id"), "mention", ["message_id"])
    op.create_index("ix_mention_place", "mention", ["user_id", "chat_id", "seq"])
    op.create_index("ix_mention_newest", "mention", ["user_id", "id"])
    op.create_index("ix_mention_chat", "mention", ["chat_id", "user_id", "id"])


def downgrade() -> None:
    op.drop_table("mention")
    op.drop_index("ix_message_chat_id_rev", "message")
    op.create_index("ix_message_chat_id_rev", "message", ["chat_id", "rev"])
    op.drop_index("ix_membership_level", "membership")
    with op.batch_alter_table("membership") as batch:
        batch.drop_constraint(op.f("ck_membership_level_known"), type_="check")
        batch.drop_column("level")
