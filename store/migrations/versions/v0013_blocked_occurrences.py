"""An index by which what waits in a contract is found without reading all that is planned of it."""

from alembic import op

revision = "0013"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Make the index."""
    op.create_index("ix_occurrence_contract_id_state", "occurrence", ["contract_id", "state"])
