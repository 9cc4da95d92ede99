"""Sealed rooms: messages that only browsers with the room's link can read.

Revision: 0012, after 0011
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from porch.models.altering import numbers_kept

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

SEALED = "SELECT id FROM chat WHERE encryption <> 'none'"


def upgrade() -> None:
    with (
        numbers_kept("chat"),
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
        numbers_kept("chat"),
        op.batch_alter_table("chat", table_kwargs={"sqlite_autoincrement": True}) as batch,
    ):
        batch.drop_constraint(op.f("ck_chat_sealed_by_link"), type_="check")
        batch.drop_constraint(op.f("ck_chat_encryption_known"), type_="check")
        batch.create_check_constraint(op.f("ck_chat_encryption_known"), "encryption in ('none')")
        batch.drop_column("join_hash")
