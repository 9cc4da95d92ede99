"""Uploads: files that messages carry.

Revision: 0009, after 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# Wide enough for ever; SQLite's numbers are so anyway, and give out ids only under this name.
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "upload",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("chat_id", INTEGER, nullable=False),
        sa.Column("user_id", INTEGER, nullable=False),
        sa.Column("message_id", INTEGER, nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("name", sa.String(length=200), nullable=False),
        sa.Column("alt", sa.String(length=500), nullable=True),
        sa.Column("media_type", sa.String(length=100), nullable=False),
        sa.Column("content", sa.String(length=64), nullable=False),
        sa.Column("size", INTEGER, nullable=False),
        sa.Column("width", INTEGER, nullable=True),
        sa.Column("height", INTEGER, nullable=True),
        sa.Column("thumbnail", sa.String(length=64), nullable=True),
        sa.Column("thumbnail_size", INTEGER, server_default="0", nullable=False),
        sa.Column("thumbnail_width", INTEGER, nullable=True),
        sa.Column("thumbnail_height", INTEGER, nullable=True),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_upload_chat_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_upload_user_id")),
        sa.ForeignKeyConstraint(
            ["message_id"], ["message.id"], name=op.f("fk_upload_message_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_upload")),
        sqlite_autoincrement=True,
    )
    for column in ("chat_id", "message_id", "content", "thumbnail"):
        op.create_index(op.f(f"ix_upload_{column}"), "upload", [column])
    op.create_index(op.f("ix_upload_user_id_created_at"), "upload", ["user_id", "created_at"])


def downgrade() -> None:
    """The bytes stay in the data folder, where nothing leads to them any more."""
    op.drop_table("upload")
