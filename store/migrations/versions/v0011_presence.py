"""Which item each reviewer has open, so that colleagues see it."""

import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None

KEY = sa.Text().with_variant(sa.Text(collation="C"), "postgresql")


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "open_item",
        sa.Column("account_id", KEY, nullable=False),
        sa.Column("item_id", KEY, nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("until", sa.DateTime(timezone=True), nullable=False),
        sa.PrimaryKeyConstraint("account_id", name="pk_open_item"),
    )
