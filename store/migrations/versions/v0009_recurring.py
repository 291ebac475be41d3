"""What happens by schedule: files of inboxes, and new readings that wait for a person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0009"
down_revision = "0007"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(32)


def _references(table: str, column: str, other: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], [f"{other}.id"], name=f"fk_{table}_{column}_{other}")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "inbox_file",
        sa.Column("id", KEY, nullable=False),
        sa.Column("inbox", KEY, nullable=False),
        sa.Column("path", KEY, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("stamp", KEY, nullable=False),
        sa.Column("sha256", KEY, nullable=True),
        sa.Column("earlier_sha256", KEY, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("first_seen_at", MOMENT, nullable=False),
        sa.Column("steady_since", MOMENT, nullable=False),
        sa.Column("taken_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_inbox_file"),
        sa.UniqueConstraint("inbox", "path", name="uq_inbox_file_inbox_path"),
    )
    op.create_index("ix_inbox_file_state", "inbox_file", ["state"])
    op.create_index("ix_inbox_file_sha256", "inbox_file", ["sha256"])
    op.create_table(
        "reread",
        sa.Column("id", KEY, nullable=False),
        sa.Column("ruleset_version", KEY, nullable=False),
        sa.Column("model_version", KEY, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("read_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_reread"),
    )
    op.create_index("ix_reread_state", "reread", ["state"])
    op.create_table(
        "rereading",
        sa.Column("reread_id", KEY, nullable=False),
        sa.Column("contract_id", KEY, nullable=False),
        sa.Column("family", KEY, nullable=False),
        sa.Column("base_extraction_id", KEY, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("outcome", JSON, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_by", KEY, nullable=True),
        sa.Column("decided_by_name", sa.Text(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        _references("rereading", "reread_id", "reread"),
        _references("rereading", "contract_id", "contract"),
        _references("rereading", "base_extraction_id", "extraction"),
        sa.PrimaryKeyConstraint("reread_id", "contract_id", name="pk_rereading"),
    )
    op.create_index("ix_rereading_reread_id_state", "rereading", ["reread_id", "state"])
    op.create_index("ix_rereading_contract_id", "rereading", ["contract_id"])
    op.create_table(
        "reread_difference",
        sa.Column("reread_id", KEY, nullable=False),
        sa.Column("family", KEY, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("contract_id", KEY, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("milestone_key", KEY, nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("old", JSON, nullable=True),
        sa.Column("new", JSON, nullable=True),
        sa.Column("effect", WORD, nullable=False),
        _references("reread_difference", "reread_id", "reread"),
        _references("reread_difference", "contract_id", "contract"),
        sa.PrimaryKeyConstraint("reread_id", "family", "ordinal", name="pk_reread_difference"),
    )
    op.create_index("ix_reread_difference_contract_id", "reread_difference", ["contract_id"])
    op.create_index("ix_reread_difference_item_id", "reread_difference", ["item_id"])
