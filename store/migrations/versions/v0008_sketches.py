"""A sketch of the words of each document, by which versions of one contract are told."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects.postgresql import JSONB

revision = "0008"
down_revision = "0012"
branch_labels = None
depends_on = None

JSON = sa.JSON().with_variant(JSONB(), "postgresql")


def upgrade() -> None:
    """Add the column."""
    op.add_column("filed_document", sa.Column("sketch", JSON, nullable=True))
