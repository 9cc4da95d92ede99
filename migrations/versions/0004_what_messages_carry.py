"""What a message carries beside its text: an answer's target, mentions, files, reactions, pins, who removed it.

Revision: 0004, after 0003
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

# Wide enough for ever; SQLite's numbers are so anyway, and give out ids only under this name.
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def upgrade() -> None:
    op.add_column("message", sa.Column("reply_to", INTEGER, nullable=True))
    for name in ("mentions", "files", "reactions"):
        op.add_column("message", sa.Column(name, sa.Text(), nullable=True))
    op.add_column("message", sa.Column("pinned_at", sa.DateTime(), nullable=True))
    op.add_column("message", sa.Column("removed", sa.Boolean(), server_default=sa.false(), nullable=False))


def downgrade() -> None:
    for name in ("removed", "pinned_at", "reactions", "files", "mentions", "reply_to"):
        op.drop_column("message", name)
