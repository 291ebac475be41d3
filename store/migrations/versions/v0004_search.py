"""Search: the texts that can be found, and what finds words in them (FTS5 on SQLite, GIN on PostgreSQL).

Contracts that are already there are indexed by the program (``store.search.index_missing``).
"""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
WORD = sa.String(32)

SQLITE_INDEX = (
    # The words come in folded and separated by blanks (store.search), so nothing is left for a tokenizer to decide.
    "CREATE VIRTUAL TABLE search_index USING fts5(kind, own, context, tokenize = 'ascii', prefix = '2 3')",
    "CREATE TRIGGER search_entry_deleted AFTER DELETE ON search_entry "
    "BEGIN DELETE FROM search_index WHERE rowid = old.id; END",
)

POSTGRESQL_INDEX = (
    "ALTER TABLE search_entry ADD COLUMN vector tsvector NOT NULL",
    "CREATE INDEX ix_search_entry_vector ON search_entry USING gin (vector)",
)


def upgrade() -> None:
    """Make the table and its index of words."""
    op.create_table(
        "search_entry",
        sa.Column("id", sa.BigInteger().with_variant(sa.Integer(), "sqlite"), autoincrement=True, nullable=False),
        sa.Column("contract_id", KEY, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("context", sa.Text(), nullable=False),
        sa.Column("item_id", KEY, nullable=True),
        sa.Column("page", sa.Integer(), nullable=True),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name="fk_search_entry_contract_id_contract"),
        sa.PrimaryKeyConstraint("id", name="pk_search_entry"),
    )
    op.create_index("ix_search_entry_contract_id_id", "search_entry", ["contract_id", "id"])
    for statement in SQLITE_INDEX if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_INDEX:
        op.execute(statement)
