"""Keys of accounts, and direct chats that only the devices of the two people can read.

Revision: 0013, after 0012
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from porch.extensions import by_bytes
from porch.models.altering import numbers_kept

revision = "0013"
down_revision = "0012"
branch_labels = None
depends_on = None

# Wide enough for ever; SQLite's numbers are so anyway, and give out ids only under this name.
INTEGER = sa.BigInteger().with_variant(sa.Integer(), "sqlite")

BY_LINK = "(encryption = 'sealed') = (join_hash is not null) and (encryption = 'none' or kind = 'link')"
BY_TOKEN = "(encryption = 'sealed') = (join_hash is not null)"
OF_KIND = (
    "encryption = 'none' or (encryption = 'sealed' and kind = 'link')"
    " or (encryption = 'e2e' and kind = 'direct')"
)

ENCRYPTED = "SELECT id FROM chat WHERE encryption = 'e2e'"
LOCKED = f"envelope IS NOT NULL AND chat_id IN ({ENCRYPTED})"
# What a message has beside its text, and a deleted one has not.
CARRIED = (
    "edited_at",
    "reply_to",
    "mentions",
    "files",
    "reactions",
    "pinned_at",
    "preview",
    "envelope",
)


def upgrade() -> None:
    with (
        numbers_kept("chat"),
        op.batch_alter_table("chat", table_kwargs={"sqlite_autoincrement": True}) as batch,
    ):
        batch.drop_constraint(op.f("ck_chat_encryption_known"), type_="check")
        batch.drop_constraint(op.f("ck_chat_sealed_by_link"), type_="check")
        batch.create_check_constraint(
            op.f("ck_chat_encryption_known"), "encryption in ('none', 'sealed', 'e2e')"
        )
        batch.create_check_constraint(op.f("ck_chat_sealed_by_token"), BY_TOKEN)
        batch.create_check_constraint(op.f("ck_chat_encryption_of_kind"), OF_KIND)
    op.create_table(
        "identity",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("user_id", INTEGER, nullable=False),
        sa.Column("public", sa.String(length=43), nullable=False),
        sa.Column("backup", sa.Text(), nullable=True),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.Column("ended_at", sa.DateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_identity_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_identity")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_identity_user_id"), "identity", ["user_id"])
    current = sa.text("identity.ended_at is null")
    op.create_index(
        "uq_identity_current",
        "identity",
        ["user_id"],
        unique=True,
        sqlite_where=current,
        postgresql_where=current,
    )
    op.create_table(
        "device",
        sa.Column("dev", by_bytes(43), nullable=False),
        sa.Column("identity_id", INTEGER, nullable=False),
        sa.Column("dsk_pub", sa.String(length=43), nullable=False),
        sa.Column("dhk_pub", sa.String(length=43), nullable=False),
        sa.Column("kind", sa.String(length=8), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("added_at", sa.DateTime(), nullable=False),
        sa.Column("revoked_at", sa.DateTime(), nullable=True),
        sa.CheckConstraint("kind in ('browser', 'recovery')", name=op.f("ck_device_kind_known")),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("fk_device_identity_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dev", name=op.f("pk_device")),
    )
    op.create_index(op.f("ix_device_identity_id"), "device", ["identity_id"])
    op.create_table(
        "device_entry",
        sa.Column("identity_id", INTEGER, autoincrement=False, nullable=False),
        sa.Column("n", INTEGER, autoincrement=False, nullable=False),
        sa.Column("hash", sa.String(length=43), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["identity_id"], ["identity.id"], name=op.f("fk_device_entry_identity_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("identity_id", "n", name=op.f("pk_device_entry")),
    )
    op.create_table(
        "device_request",
        sa.Column("dev", by_bytes(43), nullable=False),
        sa.Column("user_id", INTEGER, nullable=False),
        sa.Column("dsk_pub", sa.String(length=43), nullable=False),
        sa.Column("dhk_pub", sa.String(length=43), nullable=False),
        sa.Column("label", sa.String(length=80), nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["user_id"], ["user.id"], name=op.f("fk_device_request_user_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("dev", name=op.f("pk_device_request")),
    )
    op.create_index(op.f("ix_device_request_user_id"), "device_request", ["user_id"])
    op.create_table(
        "epoch",
        sa.Column("id", INTEGER, nullable=False),
        sa.Column("chat_id", INTEGER, nullable=False),
        sa.Column("number", INTEGER, nullable=False),
        sa.Column("hash", sa.String(length=43), nullable=False),
        sa.Column("record", sa.Text(), nullable=False),
        sa.Column("began_seq", INTEGER, nullable=False),
        sa.Column("created_at", sa.DateTime(), nullable=False),
        sa.ForeignKeyConstraint(["chat_id"], ["chat.id"], name=op.f("fk_epoch_chat_id"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_epoch")),
        sa.UniqueConstraint("chat_id", "number", name=op.f("uq_epoch_chat_id_number")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "epoch_share",
        sa.Column("epoch_id", INTEGER, nullable=False),
        sa.Column("dev", by_bytes(43), nullable=False),
        sa.Column("enc", sa.String(length=43), nullable=False),
        sa.Column("ct", sa.String(length=64), nullable=False),
        sa.ForeignKeyConstraint(
            ["epoch_id"], ["epoch.id"], name=op.f("fk_epoch_share_epoch_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(["dev"], ["device.dev"], name=op.f("fk_epoch_share_dev"), ondelete="CASCADE"),
        sa.PrimaryKeyConstraint("epoch_id", "dev", name=op.f("pk_epoch_share")),
    )
    op.create_index(op.f("ix_epoch_share_dev"), "epoch_share", ["dev"])


def downgrade() -> None:
    """Without the keys nobody can read what was encrypted: of those messages their places stay, and nothing
    of what hung on them.
    """
    for table in ("epoch_share", "epoch", "device_request", "device_entry", "device", "identity"):
        op.drop_table(table)
    for beside in ("reaction", "mention", "upload"):
        op.execute(f"DELETE FROM {beside} WHERE message_id IN (SELECT id FROM message WHERE {LOCKED})")
    op.execute(f"DELETE FROM upload WHERE message_id IS NULL AND chat_id IN ({ENCRYPTED})")
    nothing = ", ".join(f"{name} = NULL" for name in CARRIED)
    op.execute(f"UPDATE message SET deleted = true, content = '', {nothing} WHERE {LOCKED}")
    op.execute("UPDATE chat SET encryption = 'none' WHERE encryption = 'e2e'")
    with (
        numbers_kept("chat"),
        op.batch_alter_table("chat", table_kwargs={"sqlite_autoincrement": True}) as batch,
    ):
        batch.drop_constraint(op.f("ck_chat_encryption_of_kind"), type_="check")
        batch.drop_constraint(op.f("ck_chat_sealed_by_token"), type_="check")
        batch.drop_constraint(op.f("ck_chat_encryption_known"), type_="check")
        batch.create_check_constraint(op.f("ck_chat_encryption_known"), "encryption in ('none', 'sealed')")
        batch.create_check_constraint(op.f("ck_chat_sealed_by_link"), BY_LINK)
