"""The review: items that people decide, the trail of their decisions, the facts they supplied, policies.

Items of contracts that are already there are made by the program (``store.reviewing.sync_missing``).
"""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(32)

SQLITE_APPEND_ONLY = """
CREATE TRIGGER decision_append_only BEFORE UPDATE ON decision
BEGIN SELECT RAISE(ABORT, 'the audit trail is only added to'); END
"""
POSTGRESQL_APPEND_ONLY = (
    """
CREATE FUNCTION decision_append_only() RETURNS trigger LANGUAGE plpgsql AS
$$ BEGIN RAISE EXCEPTION 'the audit trail is only added to'; END $$
""",
    """
CREATE TRIGGER decision_append_only BEFORE UPDATE ON decision
FOR EACH ROW EXECUTE FUNCTION decision_append_only()
""",
)


def upgrade() -> None:
    """Make the tables, and let the database itself refuse to change the audit trail."""
    op.create_table(
        "review_item",
        sa.Column("id", KEY, nullable=False),
        sa.Column("subject", WORD, nullable=False),
        sa.Column("contract_id", KEY, nullable=False),
        sa.Column("milestone_key", KEY, nullable=True),
        sa.Column("term_field", WORD, nullable=True),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("state", WORD, nullable=False),
        sa.Column("finding", WORD, nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("blocked_on", sa.Text(), nullable=True),
        sa.Column("confidence", sa.Float(), nullable=False),
        sa.Column("rank", sa.Integer(), nullable=True),
        sa.Column("recurring", sa.Boolean(), nullable=False),
        sa.Column("money", sa.Float(), nullable=True),
        sa.Column("rule", KEY, nullable=True),
        sa.Column("counterparty", KEY, nullable=True),
        sa.Column("contract_type", KEY, nullable=True),
        sa.Column("contract_value", sa.Float(), nullable=True),
        sa.Column("clause_hash", KEY, nullable=True),
        sa.Column("clause_shape", KEY, nullable=True),
        sa.Column("priority", sa.Float(), nullable=False),
        sa.Column("ranked_on", sa.Date(), nullable=False),
        sa.Column("human_value", JSON, nullable=True),
        sa.Column("human_due", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("machine_version", sa.Integer(), nullable=True),
        sa.Column("decided_source", KEY, nullable=True),
        sa.Column("decided_answer", KEY, nullable=True),
        sa.Column("approvals", sa.Integer(), nullable=False),
        sa.Column("proposed", WORD, nullable=True),
        sa.Column("assignee_id", KEY, nullable=True),
        sa.Column("routed_by", sa.Text(), nullable=True),
        sa.Column("sampled", sa.Boolean(), nullable=True),
        sa.Column("decided_by", KEY, nullable=True),
        sa.Column("decided_by_name", sa.Text(), nullable=True),
        sa.Column("decided_at", MOMENT, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name="fk_review_item_contract_id_contract"),
        sa.ForeignKeyConstraint(["milestone_key"], ["milestone.key"], name="fk_review_item_milestone_key_milestone"),
        sa.PrimaryKeyConstraint("id", name="pk_review_item"),
        sa.UniqueConstraint("milestone_key", name="uq_review_item_milestone_key"),
    )
    op.create_index(
        "ix_review_item_assignee_id_state_priority_id",
        "review_item",
        ["assignee_id", "state", "priority", "id"],
        unique=False,
    )
    op.create_index("ix_review_item_clause_hash_state", "review_item", ["clause_hash", "state"], unique=False)
    op.create_index("ix_review_item_clause_shape_state", "review_item", ["clause_shape", "state"], unique=False)
    op.create_index(
        "ix_review_item_contract_id_state_priority_id",
        "review_item",
        ["contract_id", "state", "priority", "id"],
        unique=False,
    )
    op.create_index("ix_review_item_decided_by_decided_at", "review_item", ["decided_by", "decided_at"], unique=False)
    op.create_index(
        "ix_review_item_state_kind_priority_id", "review_item", ["state", "kind", "priority", "id"], unique=False
    )
    op.create_index("ix_review_item_state_priority_id", "review_item", ["state", "priority", "id"], unique=False)
    op.create_index("ix_review_item_state_ranked_on", "review_item", ["state", "ranked_on"], unique=False)
    op.create_table(
        "decision",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("id", KEY, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("action", WORD, nullable=False),
        sa.Column("actor_id", KEY, nullable=False),
        sa.Column("actor_name", sa.Text(), nullable=False),
        sa.Column("item_id", KEY, nullable=True),
        sa.Column("contract_id", KEY, nullable=True),
        sa.Column("before", JSON, nullable=True),
        sa.Column("after", JSON, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("document_sha256", KEY, nullable=True),
        sa.Column("extraction_id", KEY, nullable=True),
        sa.Column("machine_version", sa.Integer(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=True),
        sa.Column("bulk_id", KEY, nullable=True),
        sa.Column("because", KEY, nullable=True),
        sa.Column("undoes", KEY, nullable=True),
        sa.PrimaryKeyConstraint("seq", name="pk_decision"),
        sa.UniqueConstraint("id", name="uq_decision_id"),
        sa.UniqueConstraint("undoes", name="uq_decision_undoes"),
    )
    op.create_index("ix_decision_action_seq", "decision", ["action", "seq"], unique=False)
    op.create_index("ix_decision_actor_id_seq", "decision", ["actor_id", "seq"], unique=False)
    op.create_index("ix_decision_bulk_id", "decision", ["bulk_id"], unique=False)
    op.create_index("ix_decision_contract_id_seq", "decision", ["contract_id", "seq"], unique=False)
    op.create_index("ix_decision_item_id_seq", "decision", ["item_id", "seq"], unique=False)
    op.create_table(
        "supplied_fact",
        sa.Column("id", KEY, nullable=False),
        sa.Column("contract_id", KEY, nullable=False),
        sa.Column("anchor", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("date", sa.Date(), nullable=False),
        sa.Column("label", sa.Text(), nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("supplied_by", KEY, nullable=False),
        sa.Column("supplied_by_name", sa.Text(), nullable=False),
        sa.Column("supplied_at", MOMENT, nullable=False),
        sa.Column("withdrawn_by", KEY, nullable=True),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name="fk_supplied_fact_contract_id_contract"),
        sa.PrimaryKeyConstraint("id", name="pk_supplied_fact"),
        sa.UniqueConstraint("contract_id", "anchor", "number", name="uq_supplied_fact_contract_id_anchor_number"),
    )
    op.create_table(
        "review_policy",
        sa.Column("name", KEY, nullable=False),
        sa.Column("value", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("updated_by", KEY, nullable=False),
        sa.Column("updated_by_name", sa.Text(), nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("name", name="pk_review_policy"),
    )
    if op.get_bind().dialect.name == "postgresql":
        for statement in POSTGRESQL_APPEND_ONLY:
            op.execute(statement)
    else:
        op.execute(SQLITE_APPEND_ONLY)
