"""How far the search index has come, what it has to do over again, and which messages are from when.

The index itself is made when the server starts: it can be made anew from the messages at any time.

Revision: 0007, after 0006
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

# Wide enough for ever; SQLite's numbers are so anyway, and give out ids only under this name.
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.create_table(
        "search_progress",
        sa.Column("id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("message_id", INTEGER, server_default="0", nullable=False),
        sa.Column("cleaning", INTEGER, server_default="0", nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_search_progress_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_search_progress")),
    )
    op.execute("INSERT INTO search_progress (id) VALUES (1)")
    op.create_table(
        "search_change",
        sa.Column("message_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("chat_id", INTEGER, nullable=False),
        sa.Column("user_id", INTEGER, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("message_id", name=op.f("pk_search_change")),
    )
    op.create_table(
        "search_span",
        sa.Column("span", INTEGER, autoincrement=False, nullable=False),
        sa.Column("oldest", sa.DateTime(), nullable=False),
        sa.Column("newest", sa.DateTime(), nullable=False),
        sa.PrimaryKeyConstraint("span", name=op.f("pk_search_span")),
    )


def downgrade() -> None:
    op.execute("DROP TABLE IF EXISTS search_text")
    for table in ("search_span", "search_change", "search_progress"):
        op.drop_table(table)
