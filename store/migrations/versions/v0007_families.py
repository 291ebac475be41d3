"""Contract families: links between contracts, what one does to another, and what waits for a person."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0007"
down_revision = "0006"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(32)


def _of_contract(table: str, column: str = "contract_id") -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint([column], ["contract.id"], name=f"fk_{table}_{column}_contract")


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "filed_document",
        sa.Column("contract_id", KEY, nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("parties", JSON, nullable=False),
        sa.Column("agreement_date", sa.Date(), nullable=True),
        sa.Column("effective_date", sa.Date(), nullable=True),
        sa.Column("opening", sa.Text(), nullable=True),
        _of_contract("filed_document"),
        sa.PrimaryKeyConstraint("contract_id", name="pk_filed_document"),
    )
    op.create_index("ix_filed_document_agreement_date", "filed_document", ["agreement_date"])
    op.create_index("ix_filed_document_effective_date", "filed_document", ["effective_date"])
    op.create_table(
        "family_reference",
        sa.Column("contract_id", KEY, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("dated", sa.Date(), nullable=True),
        sa.Column("value", JSON, nullable=False),
        _of_contract("family_reference"),
        sa.PrimaryKeyConstraint("contract_id", "ordinal", name="pk_family_reference"),
    )
    op.create_index("ix_family_reference_dated", "family_reference", ["dated"])
    op.create_table(
        "family_word",
        sa.Column("contract_id", KEY, nullable=False),
        sa.Column("word", KEY, nullable=False),
        _of_contract("family_word"),
        sa.PrimaryKeyConstraint("contract_id", "word", name="pk_family_word"),
    )
    op.create_index("ix_family_word_word_contract_id", "family_word", ["word", "contract_id"])
    op.create_table(
        "family_link",
        sa.Column("id", KEY, nullable=False),
        sa.Column("child_id", KEY, nullable=False),
        sa.Column("parent_id", KEY, nullable=False),
        sa.Column("role", WORD, nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("certainty", WORD, nullable=False),
        sa.Column("reasons", JSON, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("decided_by", KEY, nullable=True),
        sa.Column("decided_by_name", sa.Text(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("reviewed_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        _of_contract("family_link", "child_id"),
        _of_contract("family_link", "parent_id"),
        sa.PrimaryKeyConstraint("id", name="pk_family_link"),
        sa.UniqueConstraint("child_id", "parent_id", name="uq_family_link_child_id_parent_id"),
    )
    op.create_index("ix_family_link_parent_id_state", "family_link", ["parent_id", "state"])
    op.create_table(
        "family_operation",
        sa.Column("contract_id", KEY, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("field", WORD, nullable=True),
        sa.Column("value", JSON, nullable=False),
        _of_contract("family_operation"),
        sa.PrimaryKeyConstraint("contract_id", "ordinal", name="pk_family_operation"),
    )
    op.create_table(
        "amendment_change",
        sa.Column("link_id", KEY, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("parent_id", KEY, nullable=False),
        sa.Column("milestone_key", KEY, nullable=True),
        sa.Column("item_id", KEY, nullable=True),
        sa.Column("what", sa.Text(), nullable=False),
        sa.Column("old", JSON, nullable=True),
        sa.Column("new", JSON, nullable=True),
        sa.ForeignKeyConstraint(["link_id"], ["family_link.id"], name="fk_amendment_change_link_id_family_link"),
        _of_contract("amendment_change", "parent_id"),
        sa.PrimaryKeyConstraint("link_id", "ordinal", name="pk_amendment_change"),
    )
    op.create_index("ix_amendment_change_parent_id_milestone_key", "amendment_change", ["parent_id", "milestone_key"])
    op.create_index("ix_amendment_change_item_id", "amendment_change", ["item_id"])
