"""Tracking: owners, occurrences, reminders and their ledger, decisions about terms, runs."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
NUMBER = sa.Numeric().with_variant(sa.Text(), "sqlite")
MOMENT = sa.DateTime(timezone=True)
WORD = sa.String(32)

APPEND_ONLY = ("cycle_decision", "delivery_attempt")
"""Tables that are only added to."""


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "owner",
        sa.Column("id", KEY, nullable=False),
        sa.Column("kind", WORD, nullable=False),
        sa.Column("name", KEY, nullable=False),
        sa.Column("email", sa.Text(), nullable=True),
        sa.Column("time_zone", KEY, nullable=False),
        sa.Column("channels", JSON, nullable=False),
        sa.Column("department", KEY, nullable=True),
        sa.Column("deputy_id", KEY, nullable=True),
        sa.Column("replaced_by_id", KEY, nullable=True),
        sa.Column("account_id", KEY, nullable=True),
        sa.Column("away_from", sa.Date(), nullable=True),
        sa.Column("away_until", sa.Date(), nullable=True),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["deputy_id"], ["owner.id"], name="fk_owner_deputy_id_owner"),
        sa.ForeignKeyConstraint(["replaced_by_id"], ["owner.id"], name="fk_owner_replaced_by_id_owner"),
        sa.ForeignKeyConstraint(["account_id"], ["account.id"], name="fk_owner_account_id_account"),
        sa.PrimaryKeyConstraint("id", name="pk_owner"),
        sa.UniqueConstraint("name", name="uq_owner_name"),
    )
    op.create_index("ix_owner_account_id", "owner", ["account_id"])
    op.create_index("ix_owner_deputy_id", "owner", ["deputy_id"])
    op.create_table(
        "membership",
        sa.Column("team_id", KEY, nullable=False),
        sa.Column("person_id", KEY, nullable=False),
        sa.ForeignKeyConstraint(["team_id"], ["owner.id"], name="fk_membership_team_id_owner"),
        sa.ForeignKeyConstraint(["person_id"], ["owner.id"], name="fk_membership_person_id_owner"),
        sa.PrimaryKeyConstraint("team_id", "person_id", name="pk_membership"),
    )
    op.create_index("ix_membership_person_id", "membership", ["person_id"])
    op.create_table(
        "tracked_contract",
        sa.Column("contract_id", KEY, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("counterparty", KEY, nullable=True),
        sa.Column("contract_type", KEY, nullable=True),
        sa.Column("value", NUMBER, nullable=True),
        sa.Column("currency", KEY, nullable=True),
        sa.Column("department", KEY, nullable=True),
        sa.Column("risk", WORD, nullable=True),
        sa.Column("stage", WORD, nullable=True),
        sa.Column("owner_id", KEY, nullable=True),
        sa.Column("ladders", JSON, nullable=False),
        sa.Column("terminated_on", sa.Date(), nullable=True),
        sa.Column("since", sa.Date(), nullable=False),
        sa.Column("check_on", sa.Date(), nullable=False),
        sa.Column("fingerprint", KEY, nullable=False),
        sa.Column("status", WORD, nullable=False),
        sa.Column("missing", sa.Text(), nullable=True),
        sa.Column("cycle", sa.Integer(), nullable=True),
        sa.Column("term_start", sa.Date(), nullable=True),
        sa.Column("term_end", sa.Date(), nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name="fk_tracked_contract_contract_id_contract"),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name="fk_tracked_contract_owner_id_owner"),
        sa.PrimaryKeyConstraint("contract_id", name="pk_tracked_contract"),
    )
    op.create_index("ix_tracked_contract_check_on", "tracked_contract", ["check_on"])
    op.create_index("ix_tracked_contract_owner_id", "tracked_contract", ["owner_id"])
    op.create_index("ix_tracked_contract_status", "tracked_contract", ["status"])
    op.create_table(
        "entered_deadline",
        sa.Column("id", KEY, nullable=False),
        sa.Column("contract_id", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("due", sa.Date(), nullable=False),
        sa.Column("owner_id", KEY, nullable=True),
        sa.Column("entered_by", KEY, nullable=False),
        sa.Column("entered_at", MOMENT, nullable=False),
        sa.Column("withdrawn_at", MOMENT, nullable=True),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name="fk_entered_deadline_contract_id_contract"),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name="fk_entered_deadline_owner_id_owner"),
        sa.PrimaryKeyConstraint("id", name="pk_entered_deadline"),
    )
    op.create_index("ix_entered_deadline_contract_id", "entered_deadline", ["contract_id"])
    op.create_table(
        "occurrence",
        sa.Column("id", KEY, nullable=False),
        sa.Column("contract_id", KEY, nullable=False),
        sa.Column("milestone_key", KEY, nullable=False),
        sa.Column("kind", KEY, nullable=False),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("sequence", KEY, nullable=False),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("earliest", sa.Date(), nullable=True),
        sa.Column("send_by", sa.Date(), nullable=True),
        sa.Column("act_by", sa.Date(), nullable=True),
        sa.Column("amount", NUMBER, nullable=True),
        sa.Column("currency", KEY, nullable=True),
        sa.Column("state", WORD, nullable=False),
        sa.Column("expected", sa.Boolean(), nullable=False),
        sa.Column("blocked_on", sa.Text(), nullable=True),
        sa.Column("derivation", sa.Text(), nullable=True),
        sa.Column("waits_for", JSON, nullable=False),
        sa.Column("owner_id", KEY, nullable=False),
        sa.Column("owner_fixed", sa.Boolean(), nullable=False),
        sa.Column("routed_by", sa.Text(), nullable=True),
        sa.Column("ladder", JSON, nullable=True),
        sa.Column("acknowledged_at", MOMENT, nullable=True),
        sa.Column("acknowledged_by", KEY, nullable=True),
        sa.Column("snoozed_until", sa.Date(), nullable=True),
        sa.Column("done_on", sa.Date(), nullable=True),
        sa.Column("closed_at", MOMENT, nullable=True),
        sa.Column("closed_by", KEY, nullable=True),
        sa.Column("closed_reason", sa.Text(), nullable=True),
        sa.Column("proof", JSON, nullable=True),
        sa.Column("missed", sa.Boolean(), nullable=False),
        sa.Column("planned_as", KEY, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.Column("updated_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name="fk_occurrence_contract_id_contract"),
        sa.ForeignKeyConstraint(["owner_id"], ["owner.id"], name="fk_occurrence_owner_id_owner"),
        sa.PrimaryKeyConstraint("id", name="pk_occurrence"),
    )
    op.create_index("ix_occurrence_contract_id_cycle", "occurrence", ["contract_id", "cycle"])
    op.create_index("ix_occurrence_owner_id_due", "occurrence", ["owner_id", "due"])
    op.create_index("ix_occurrence_state_act_by", "occurrence", ["state", "act_by"])
    op.create_index("ix_occurrence_state_due", "occurrence", ["state", "due"])
    op.create_table(
        "cycle_decision",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("contract_id", KEY, nullable=False),
        sa.Column("cycle", sa.Integer(), nullable=False),
        sa.Column("choice", WORD, nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("proof", JSON, nullable=True),
        sa.Column("decided_by", KEY, nullable=False),
        sa.Column("decided_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name="fk_cycle_decision_contract_id_contract"),
        sa.PrimaryKeyConstraint("seq", name="pk_cycle_decision"),
    )
    op.create_index("ix_cycle_decision_contract_id_seq", "cycle_decision", ["contract_id", "seq"])
    op.create_table(
        "reminder",
        sa.Column("id", KEY, nullable=False),
        sa.Column("occurrence_id", KEY, nullable=True),
        sa.Column("purpose", WORD, nullable=False),
        sa.Column("rung", sa.Integer(), nullable=True),
        sa.Column("due", sa.Date(), nullable=True),
        sa.Column("fire_at", MOMENT, nullable=False),
        sa.Column("recipient_id", KEY, nullable=False),
        sa.Column("channel", KEY, nullable=False),
        sa.Column("state", WORD, nullable=False),
        sa.Column("note", sa.Text(), nullable=True),
        sa.Column("claimed_at", MOMENT, nullable=True),
        sa.Column("claim_token", KEY, nullable=True),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("sent_at", MOMENT, nullable=True),
        sa.Column("created_at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"], name="fk_reminder_occurrence_id_occurrence"),
        sa.ForeignKeyConstraint(["recipient_id"], ["owner.id"], name="fk_reminder_recipient_id_owner"),
        sa.PrimaryKeyConstraint("id", name="pk_reminder"),
    )
    op.create_index("ix_reminder_occurrence_id_fire_at", "reminder", ["occurrence_id", "fire_at"])
    op.create_index("ix_reminder_recipient_id_state_fire_at", "reminder", ["recipient_id", "state", "fire_at"])
    op.create_index("ix_reminder_state_fire_at", "reminder", ["state", "fire_at"])
    op.create_table(
        "delivery_attempt",
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("reminder_id", KEY, nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("event", WORD, nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.Column("message_id", KEY, nullable=True),
        sa.Column("addresses", JSON, nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.ForeignKeyConstraint(["reminder_id"], ["reminder.id"], name="fk_delivery_attempt_reminder_id_reminder"),
        sa.PrimaryKeyConstraint("seq", name="pk_delivery_attempt"),
    )
    op.create_index("ix_delivery_attempt_at", "delivery_attempt", ["at"])
    op.create_index("ix_delivery_attempt_reminder_id_seq", "delivery_attempt", ["reminder_id", "seq"])
    op.create_table(
        "heartbeat",
        sa.Column("name", KEY, nullable=False),
        sa.Column("started_at", MOMENT, nullable=False),
        sa.Column("finished_at", MOMENT, nullable=True),
        sa.Column("expected_every", sa.Float(), nullable=False),
        sa.Column("seen", sa.Integer(), nullable=False),
        sa.Column("policy", KEY, nullable=False),
        sa.Column("report", JSON, nullable=True),
        sa.PrimaryKeyConstraint("name", name="pk_heartbeat"),
    )
    for table in APPEND_ONLY:
        if op.get_bind().dialect.name == "postgresql":
            op.execute(
                f"CREATE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
                f"$$ BEGIN RAISE EXCEPTION '{table} is only added to'; END $$"
            )
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} "
                f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()"
            )
        else:
            op.execute(
                f"CREATE TRIGGER {table}_append_only BEFORE UPDATE ON {table} "
                f"BEGIN SELECT RAISE(ABORT, '{table} is only added to'); END"
            )
