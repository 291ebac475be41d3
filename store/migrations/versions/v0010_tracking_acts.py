"""The history of what people did about what is tracked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0010"
down_revision = "0009"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")
JSON = sa.JSON().with_variant(JSONB(), "postgresql")
MOMENT = sa.DateTime(timezone=True)
TABLE = "tracking_act"


def upgrade() -> None:
    """Make the table, which is only added to."""
    op.create_table(
        TABLE,
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("contract_id", KEY, nullable=False),
        sa.Column("occurrence_id", KEY, nullable=True),
        sa.Column("act", sa.String(32), nullable=False),
        sa.Column("detail", sa.Text(), nullable=True),
        sa.Column("proof", JSON, nullable=True),
        sa.Column("by", sa.Text(), nullable=False),
        sa.Column("at", MOMENT, nullable=False),
        sa.ForeignKeyConstraint(["contract_id"], ["contract.id"], name="fk_tracking_act_contract_id_contract"),
        sa.ForeignKeyConstraint(["occurrence_id"], ["occurrence.id"], name="fk_tracking_act_occurrence_id_occurrence"),
        sa.PrimaryKeyConstraint("seq", name="pk_tracking_act"),
    )
    op.create_index("ix_tracking_act_contract_id_seq", TABLE, ["contract_id", "seq"])
    op.create_index("ix_tracking_act_occurrence_id_seq", TABLE, ["occurrence_id", "seq"])
    if op.get_bind().dialect.name == "postgresql":
        op.execute(
            f"CREATE FUNCTION {TABLE}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN RAISE EXCEPTION '{TABLE} is only added to'; END $$"
        )
        op.execute(
            f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE ON {TABLE} "
            f"FOR EACH ROW EXECUTE FUNCTION {TABLE}_append_only()"
        )
    else:
        op.execute(
            f"CREATE TRIGGER {TABLE}_append_only BEFORE UPDATE ON {TABLE} "
            f"BEGIN SELECT RAISE(ABORT, '{TABLE} is only added to'); END"
        )
