"""Sealed rooms: messages that only browsers with the room's link can read.

Revision: 0012, after 0011
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SEALED = "SELECT id FROM chat WHERE encryption <> 'none'"


@contextmanager
def numbers_kept() -> Iterator[None]:
    """SQLite makes a table anew to change it, and would give out again the numbers of rows that are gone."""
    connection = op.get_bind()
    if connection.dialect.name != "sqlite":
        yield
        return
    known = connection.exec_driver_sql("SELECT seq FROM sqlite_sequence WHERE name = 'chat'").fetchall()
    yield
    for (number,) in known:
        connection.exec_driver_sql("DELETE FROM sqlite_sequence WHERE name = 'chat'")
        connection.exec_driver_sql("INSERT INTO sqlite_sequence (name, seq) VALUES ('chat', ?)", (number,))


def upgrade() -> None:
    with (
        numbers_kept(),
        op.batch_alter_table("chat", table_kwargs={"sqlite_autoincrement": True}) as batch,
    ):
        batch.add_column(sa.Column("join_hash", sa.String(length=64), nullable=True))
        batch.drop_constraint(op.f("ck_chat_encryption_known"), type_="check")
        batch.create_check_constraint(op.f("ck_chat_encryption_known"), "encryption in ('none', 'sealed')")
        batch.create_check_constraint(
            op.f("ck_chat_sealed_by_link"),
            "(encryption = 'sealed') = (join_hash is not null) and (encryption = 'none' or kind = 'link')",
        )
    op.add_column("message", sa.Column("envelope", sa.Text(), nullable=True))


def downgrade() -> None:
    """Without their envelopes the messages of sealed rooms are empty: the rooms go, with all that hangs on
    them, which SQLite does not take along while tables are changed.
    """
    op.execute(f"UPDATE audit SET chat_id = NULL WHERE chat_id IN ({SEALED})")
    op.execute(
        f"DELETE FROM reaction WHERE message_id IN (SELECT id FROM message WHERE chat_id IN ({SEALED}))"
    )
    for child in ("mention", "upload", "report", "invitation", "message", "membership"):
        op.execute(f"DELETE FROM {child} WHERE chat_id IN ({SEALED})")
    op.execute("DELETE FROM chat WHERE encryption <> 'none'")
    op.drop_column("message", "envelope")
    with (
        numbers_kept(),
        op.batch_alter_table("chat", table_kwargs={"sqlite_autoincrement": True}) as batch,
    ):
        batch.drop_constraint(op.f("ck_chat_sealed_by_link"), type_="check")
        batch.drop_constraint(op.f("ck_chat_encryption_known"), type_="check")
        batch.create_check_constraint(op.f("ck_chat_encryption_known"), "encryption in ('none')")
        batch.drop_column("join_hash")
