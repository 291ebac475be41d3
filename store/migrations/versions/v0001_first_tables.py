"""The first tables: documents, batches and their ledger, extractions, contracts, terms, milestones, problems."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# Written out, not taken from store.columns: what a migration made must stay what it made.
KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
EXACT = sa.Text().with_variant(sa.Numeric(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(32)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "batch",
        sa.Column("id", KEY, nullable=False),
        sa.Column("root", KEY, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("ruleset_version", KEY, nullable=False),
        sa.Column("model_version", KEY, nullable=False),
        sa.Column("settings", JSON, nullable=False),
        sa.Column("files", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.PrimaryKeyConstraint("id", name="pk_batch"),
    )
    op.create_table(
        "document",
        sa.Column("sha256", KEY, nullable=False),
        sa.Column("size", sa.BigInteger(), nullable=False),
        sa.Column("media_type", sa.Text(), nullable=True),
        sa.Column("pages", sa.Integer(), nullable=True),
        sa.Column("name", KEY, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.PrimaryKeyConstraint("sha256", name="pk_document"),
    )
    op.create_table(
        "extraction",
        sa.Column("id", KEY, nullable=False),
        sa.Column("document_sha256", KEY, nullable=False),
        sa.Column("ruleset_version", KEY, nullable=False),
        sa.Column("model_version", KEY, nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("category", WORD, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("outcome", JSON, nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(
            ["document_sha256"], ["document.sha256"], name="fk_extraction_document_sha256_document"
        ),
        sa.PrimaryKeyConstraint("id", name="pk_extraction"),
        sa.UniqueConstraint(
            "document_sha256",
            "ruleset_version",
            "model_version",
            name="uq_extraction_document_sha256_ruleset_version_model_version",
        ),
    )
    op.create_table(
        "ledger_entry",
        sa.Column("id", KEY, nullable=False),
        sa.Column("batch_id", KEY, nullable=False),
        sa.Column("path", KEY, nullable=False),
        sa.Column("sha256", KEY, nullable=True),
        sa.Column("size", sa.BigInteger(), nullable=True),
        sa.Column("state", WORD, nullable=False),
        sa.Column("category", WORD, nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("duplicate_of", KEY, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("seconds", sa.Float(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("started_at", MOMENT, nullable=True),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["batch_id"], ["batch.id"], name="fk_ledger_entry_batch_id_batch"),
        sa.PrimaryKeyConstraint("id", name="pk_ledger_entry"),
        sa.UniqueConstraint("batch_id", "path", name="uq_ledger_entry_batch_id_path"),
    )
    op.create_index("ix_ledger_entry_batch_id_state_path", "ledger_entry", ["batch_id", "state", "path"], unique=False)
    op.create_index("ix_ledger_entry_sha256", "ledger_entry", ["sha256"], unique=False)
    op.create_table(
        "contract",
        sa.Column("id", KEY, nullable=False),
        sa.Column("document_sha256", KEY, nullable=False),
        sa.Column("extraction_id", KEY, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("title", sa.Text(), nullable=True),
        sa.Column("contract_type", sa.Text(), nullable=True),
        sa.Column("governing_law", sa.Text(), nullable=True),
        sa.Column("parties", JSON, nullable=False),
        sa.Column("draft", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["document_sha256"], ["document.sha256"], name="fk_contract_document_sha256_document"),
        sa.ForeignKeyConstraint(["extraction_id"], ["extraction.id"], name="fk_contract_extraction_id_extraction"),
        sa.PrimaryKeyConstraint("id", name="pk_contract"),
        sa.UniqueConstraint("document_sha256", name="uq_contract_document_sha256"),
    )
    op.create_index("ix_contract_extraction_id", "contract", ["extraction_id"], unique=False)
    op.create_table(
        "problem",
        sa.Column("id", KEY, nullable=False),
        sa.Column("extraction_id", KEY, nullable=False),
        sa.Column("ordinal", sa.Integer(), nullable=False),
        sa.Column("stage", WORD, nullable=False),
        sa.Column("category", WORD, nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["extraction_id"], ["extraction.id"], name="fk_problem_extraction_id_extraction"),
        sa.PrimaryKeyConstraint("id", name="pk_problem"),
        sa.UniqueConstraint("extraction_id", "ordinal", name="uq_problem_extraction_id_ordinal"),
    )
    op.create_index("ix_problem_category", "problem", ["category"], unique=False)
    op.create_table(
        "milestone",
        sa.Column("key", KEY, nullable=False),
        sa.Column("contract_id", KEY, nullable=False),
        sa.Column("extraction_id", KEY, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("quote", sa.Text(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.Column("section", sa.Text(), nullable=True),
        sa.Column("current", sa.Boolean(), nullable=False),
        sa.Column("machine_details", JSON, nullable=False),
        sa.Column("machine_expr", JSON, nullable=True),
        sa.Column("machine_date", sa.Date(), nullable=True),
        sa.Column("machine_earliest", sa.Date(), nullable=True),
        sa.Column("machine_latest", sa.Date(), nullable=True),
        sa.Column("machine_due", sa.Date(), nullable=True),
        sa.Column("machine_blocked_on", sa.Text(), nullable=True),
        sa.Column("machine_derivation", sa.Text(), nullable=True),
        sa.Column("machine_confidence", sa.Float(), nullable=False),
        sa.Column("machine_direction", WORD, nullable=True),
        sa.Column("machine_anchor", sa.Text(), nullable=True),
        sa.Column("machine_recurrence", WORD, nullable=True),
        sa.Column("machine_rrule", sa.Text(), nullable=True),
        sa.Column("machine_amount", EXACT, nullable=True),
        sa.Column("machine_currency", KEY, nullable=True),
        sa.Column("machine_who", sa.Text(), nullable=True),
        sa.Column("machine_evidence", JSON, nullable=False),
        sa.Column("machine_rule", sa.Text(), nullable=False),
        sa.Column("machine_flags", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name="fk_milestone_contract_id_contract"),
        sa.ForeignKeyConstraint(["extraction_id"], ["extraction.id"], name="fk_milestone_extraction_id_extraction"),
        sa.PrimaryKeyConstraint("key", name="pk_milestone"),
    )
    op.create_index("ix_milestone_contract_id_position", "milestone", ["contract_id", "position"], unique=False)
    op.create_index("ix_milestone_extraction_id", "milestone", ["extraction_id"], unique=False)
    op.create_index("ix_milestone_kind_machine_due", "milestone", ["kind", "machine_due"], unique=False)
    op.create_index("ix_milestone_machine_due_key", "milestone", ["machine_due", "key"], unique=False)
    op.create_table(
        "term",
        sa.Column("id", KEY, nullable=False),
        sa.Column("contract_id", KEY, nullable=False),
        sa.Column("extraction_id", KEY, nullable=False),
        sa.Column("field", WORD, nullable=False),
        sa.Column("machine_state", WORD, nullable=False),
        sa.Column("machine_value", JSON, nullable=False),
        sa.Column("machine_date", sa.Date(), nullable=True),
        sa.Column("machine_perpetual", sa.Boolean(), nullable=False),
        sa.Column("machine_blocked_on", sa.Text(), nullable=True),
        sa.Column("machine_confidence", sa.Float(), nullable=False),
        sa.Column("machine_evidence", JSON, nullable=False),
        sa.Column("machine_derivation", sa.Text(), nullable=True),
        sa.Column("machine_rule", sa.Text(), nullable=True),
        sa.Column("machine_flags", JSON, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name="fk_term_contract_id_contract"),
        sa.ForeignKeyConstraint(["extraction_id"], ["extraction.id"], name="fk_term_extraction_id_extraction"),
        sa.PrimaryKeyConstraint("id", name="pk_term"),
        sa.UniqueConstraint("contract_id", "field", name="uq_term_contract_id_field"),
    )
    op.create_index("ix_term_extraction_id", "term", ["extraction_id"], unique=False)
    op.create_index("ix_term_field_machine_date", "term", ["field", "machine_date"], unique=False)
