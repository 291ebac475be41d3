"""What the queue reads instead of all items: how far each contract is, and the words of each item.

The database keeps both up to date by itself. The indexes of the queue hold what it filters by.
"""

import sqlalchemy as sa
from alembic import op

revision = "0012"
down_revision = "0011"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")

COUNTED = "('pending', 'awaiting_approval', 'accepted', 'corrected', 'rejected')"
DONE = "('accepted', 'corrected', 'rejected')"

FILL = (
    f"""
INSERT INTO review_progress (contract_id, total, done)
SELECT contract_id, SUM(CASE WHEN state IN {COUNTED} THEN 1 ELSE 0 END),
SUM(CASE WHEN state IN {DONE} THEN 1 ELSE 0 END)
FROM review_item GROUP BY contract_id
""",
    """
INSERT INTO review_text (item_id, text)
SELECT id, lower(title) || '\n' || lower(quote) || '\n' || lower(COALESCE(counterparty, '')) FROM review_item
""",
)

SQLITE_TRIGGERS = (
    f"""
CREATE TRIGGER review_item_added AFTER INSERT ON review_item
BEGIN
INSERT OR IGNORE INTO review_progress (contract_id, total, done) VALUES (NEW.contract_id, 0, 0);
UPDATE review_progress SET total = total + (NEW.state IN {COUNTED}), done = done + (NEW.state IN {DONE})
WHERE contract_id = NEW.contract_id;
INSERT INTO review_text (item_id, text)
VALUES (NEW.id, lower(NEW.title) || '\n' || lower(NEW.quote) || '\n' || lower(COALESCE(NEW.counterparty, '')));
END
""",
    f"""
CREATE TRIGGER review_item_decided AFTER UPDATE OF state ON review_item WHEN OLD.state <> NEW.state
BEGIN
UPDATE review_progress SET total = total + (NEW.state IN {COUNTED}) - (OLD.state IN {COUNTED}),
done = done + (NEW.state IN {DONE}) - (OLD.state IN {DONE}) WHERE contract_id = NEW.contract_id;
END
""",
    """
CREATE TRIGGER review_item_named AFTER UPDATE OF title, quote, counterparty ON review_item
WHEN OLD.title <> NEW.title OR OLD.quote <> NEW.quote OR OLD.counterparty IS NOT NEW.counterparty
BEGIN
UPDATE review_text
SET text = lower(NEW.title) || '\n' || lower(NEW.quote) || '\n' || lower(COALESCE(NEW.counterparty, ''))
WHERE item_id = NEW.id;
END
""",
    f"""
CREATE TRIGGER review_item_deleted BEFORE DELETE ON review_item
BEGIN
UPDATE review_progress SET total = total - (OLD.state IN {COUNTED}), done = done - (OLD.state IN {DONE})
WHERE contract_id = OLD.contract_id;
DELETE FROM review_text WHERE item_id = OLD.id;
END
""",
)
POSTGRESQL_TRIGGERS = (
    f"""
CREATE FUNCTION review_item_added() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
INSERT INTO review_progress (contract_id, total, done)
VALUES (NEW.contract_id, (NEW.state IN {COUNTED})::int, (NEW.state IN {DONE})::int)
ON CONFLICT (contract_id) DO UPDATE
SET total = review_progress.total + excluded.total, done = review_progress.done + excluded.done;
INSERT INTO review_text (item_id, text)
VALUES (NEW.id, lower(NEW.title) || E'\\n' || lower(NEW.quote) || E'\\n' || lower(COALESCE(NEW.counterparty, '')));
RETURN NULL; END $$
""",
    f"""
CREATE FUNCTION review_item_decided() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
UPDATE review_progress SET total = total + (NEW.state IN {COUNTED})::int - (OLD.state IN {COUNTED})::int,
done = done + (NEW.state IN {DONE})::int - (OLD.state IN {DONE})::int WHERE contract_id = NEW.contract_id;
RETURN NULL; END $$
""",
    """
CREATE FUNCTION review_item_named() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
UPDATE review_text
SET text = lower(NEW.title) || E'\\n' || lower(NEW.quote) || E'\\n' || lower(COALESCE(NEW.counterparty, ''))
WHERE item_id = NEW.id;
RETURN NULL; END $$
""",
    f"""
CREATE FUNCTION review_item_deleted() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
UPDATE review_progress SET total = total - (OLD.state IN {COUNTED})::int, done = done - (OLD.state IN {DONE})::int
WHERE contract_id = OLD.contract_id;
DELETE FROM review_text WHERE item_id = OLD.id;
RETURN OLD; END $$
""",
    """
CREATE TRIGGER review_item_added AFTER INSERT ON review_item
FOR EACH ROW EXECUTE FUNCTION review_item_added()
""",
    """
CREATE TRIGGER review_item_decided AFTER UPDATE OF state ON review_item
FOR EACH ROW WHEN (OLD.state IS DISTINCT FROM NEW.state) EXECUTE FUNCTION review_item_decided()
""",
    """
CREATE TRIGGER review_item_named AFTER UPDATE OF title, quote, counterparty ON review_item
FOR EACH ROW WHEN ((OLD.title, OLD.quote, OLD.counterparty) IS DISTINCT FROM (NEW.title, NEW.quote, NEW.counterparty))
EXECUTE FUNCTION review_item_named()
""",
    """
CREATE TRIGGER review_item_deleted BEFORE DELETE ON review_item
FOR EACH ROW EXECUTE FUNCTION review_item_deleted()
""",
)

INDEXES = {
    "ix_review_item_queue": (
        *("state", "priority", "id", "confidence", "kind", "finding", "assignee_id", "contract_type", "decided_by"),
    ),
    "ix_review_item_finding_state_priority_id": ("finding", "state", "priority", "id"),
    "ix_review_item_clause_hash_state_contract_id_kind": ("clause_hash", "state", "contract_id", "kind"),
}
INSTEAD_OF = ("ix_review_item_state_priority_id", "ix_review_item_clause_hash_state")


def upgrade() -> None:
    """Make the tables, fill them with what is there, and let the database itself keep them."""
    op.create_table(
        "review_progress",
        sa.Column("contract_id", KEY, nullable=False),
        sa.Column("total", sa.Integer(), nullable=False),
        sa.Column("done", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name="fk_review_progress_contract_id_contract"),
        sa.PrimaryKeyConstraint("contract_id", name="pk_review_progress"),
    )
    op.create_table(
        "review_text",
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("text", KEY, nullable=False),
        sa.ForeignKeyConstraint(["item_id"], ["review_item.id"], name="fk_review_text_item_id_review_item"),
        sa.PrimaryKeyConstraint("item_id", name="pk_review_text"),
    )
    of_database = SQLITE_TRIGGERS if op.get_bind().dialect.name == "sqlite" else POSTGRESQL_TRIGGERS
    for statement in (*FILL, *of_database):
        op.execute(statement)
    for name in INSTEAD_OF:
        op.drop_index(name, "review_item")
    for name, columns in INDEXES.items():
        op.create_index(name, "review_item", list(columns), unique=False)
