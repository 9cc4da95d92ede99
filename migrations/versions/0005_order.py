"""Order in the house: moderators, mutes, closed rooms, slow mode, reports, and the audit log.

Revision: 0005, after 0004
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from porch.models.altering import numbers_kept

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

# Wide enough for ever; SQLite's numbers are so anyway, and give out ids only under this name.
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

OPEN = sa.text("state = 'open'")
TO_ERASE = sa.text("erase_to is not null")


def upgrade() -> None:
    with (
        numbers_kept("chat"),
        op.batch_alter_table("chat", table_kwargs={"sqlite_autoincrement": True}) as batch,
    ):
        batch.add_column(sa.Column("closed", sa.Boolean(), server_default=sa.false(), nullable=False))
        batch.add_column(sa.Column("slow_mode", INTEGER, server_default="0", nullable=False))
        batch.create_check_constraint(op.f("ck_chat_slow_mode_known"), "slow_mode in (0, 10, 30, 60, 300)")
    with op.batch_alter_table("membership") as batch:
        batch.add_column(sa.Column("role", sa.String(length=9), server_default="member", nullable=False))
        batch.add_column(sa.Column("muted_until", sa.DateTime(), nullable=True))
        batch.add_column(sa.Column("erase_to", INTEGER, nullable=True))
        batch.create_check_constraint(op.f("ck_membership_role_known"), "role in ('member', 'moderator')")
    op.create_index(
        "ix_membership_erase_to",
        "membership",
        ["chat_id", "user_id"],
        sqlite_where=TO_ERASE,
        postgresql_where=TO_ERASE,
    )
    op.create_table(
        "report",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("chat_id", INTEGER, nullable=False),
        sa.Column("seq", INTEGER, nullable=False),
        sa.Column("user_id", INTEGER, nullable=False),
        sa.Column("content", sa.Text(), nullable=False),
        sa.Column("reporter_id", INTEGER, nullable=False),
        sa.Column("reason", sa.String(length=500), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), server_default="open", nullable=False),
        sa.CheckConstraint(
            "state in ('open', 'dismissed', 'taken_back', 'removed')", name=op.f("ck_report_state_known")
        ),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_report_chat_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_report_user_id"), ondelete="CASCADE"),
        sa.ForeignKeyConstraint(
            ["reporter_id"], ["user.id"], name=op.f("fk_report_reporter_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_report")),
        sa.UniqueConstraint("chat_id", "seq", "reporter_id", name=op.f("uq_report_chat_id_seq_reporter_id")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_report_user_id"), "report", ["user_id"])
    op.create_index(op.f("ix_report_reporter_id"), "report", ["reporter_id"])
    op.create_index("ix_report_open", "report", ["id"], sqlite_where=OPEN, postgresql_where=OPEN)
    op.create_table(
        "audit",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("at", sa.DateTime(), nullable=False),
        sa.Column("action", sa.String(length=16), nullable=False),
        sa.Column("actor_id", INTEGER, nullable=True),
        sa.Column("chat_id", INTEGER, nullable=True),
        sa.Column("user_id", INTEGER, nullable=True),
        sa.Column("seq", INTEGER, nullable=True),
        sa.Column("detail", sa.String(length=80), nullable=True),
        sa.ForeignKeyConstraint(
            ["actor_id"], ["user.id"], name=op.f("fk_audit_actor_id"), ondelete="SET NULL"
        ),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_audit_chat_id"), ondelete="SET NULL"),
        sa.ForeignKeyConstraint(["user_id"], ["user.id"], name=op.f("fk_audit_user_id"), ondelete="SET NULL"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit")),
        sqlite_autoincrement=True,
    )
    for column in ("at", "actor_id", "chat_id", "user_id"):  # those of people and rooms for their deletion
        op.create_index(op.f(f"ix_audit_{column}"), "audit", [column])


def downgrade() -> None:
    op.drop_table("audit")
    op.drop_table("report")
    op.drop_index("ix_membership_erase_to", "membership")
    with op.batch_alter_table("membership") as batch:
        batch.drop_constraint(op.f("ck_membership_role_known"), type_="check")
        for column in ("erase_to", "muted_until", "role"):
            batch.drop_column(column)
    with (
        numbers_kept("chat"),
        op.batch_alter_table("chat", table_kwargs={"sqlite_autoincrement": True}) as batch,
    ):
        batch.drop_constraint(op.f("ck_chat_slow_mode_known"), type_="check")
        for column in ("slow_mode", "closed"):
            batch.drop_column(column)
