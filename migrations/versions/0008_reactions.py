"""Reactions, and the way to the pinned messages of a room.

Revision: 0008, after 0007
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None

# Wide enough for ever; SQLite's numbers are so anyway, and give out ids only under this name.
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

PINNED = sa.text("pinned_at is not null")


def upgrade() -> None:
    op.create_table(
        "reaction",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("message_id", INTEGER, nullable=False),
        sa.Column("user_id", INTEGER, nullable=False),
        sa.Column("emoji", sa.String(length=16), nullable=False),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_reaction_message_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_reaction_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_reaction")),
        sa.UniqueConstraint(
            "message_id", "emoji", "user_id", name=op.f("uq_reaction_message_id_emoji_user_id")
        ),
    )
    op.create_index("ix_reaction_in_order", "reaction", ["message_id", "id"])
    op.create_index(op.f("ix_reaction_user_id"), "reaction", ["user_id"])
    op.create_index(
        "ix_message_pinned",
        "message",
        ["chat_id", "pinned_at"],
        sqlite_where=PINNED,
        postgresql_where=PINNED,
    )


def downgrade() -> None:
    op.drop_index("ix_message_pinned", "message")
    op.drop_table("reaction")
