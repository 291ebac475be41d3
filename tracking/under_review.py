"""Amendments and new readings that nobody has decided yet: what hangs on what they change may be another soon."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from store.amending import warning_of
from store.family_tables import FamilyLink, LinkState
from store.rereads import under_review
from store.tracking_tables import OccurrenceRow

_CHUNK = 500
_REREAD = "A new reading of the contract is under review; this may change."


def warnings_of(session: Session, rows: Iterable[OccurrenceRow]) -> dict[str, str]:
    """What to say of occurrences, by id; those that nothing under review may change are left out."""
    asked = list(rows)
    contract_ids = sorted({row.contract_id for row in asked})
    amended, reread = _amended(session, contract_ids), _reread(session, contract_ids)
    said: dict[str, str] = {}
    for row in asked:
        words = warning_of(session, row.contract_id, row.milestone_key) if row.contract_id in amended else None
        if words is None and not reread.isdisjoint(((row.contract_id, row.milestone_key), (row.contract_id, None))):
            words = _REREAD
        if words is not None:
            said[row.id] = words
    return said


def _reread(session: Session, contract_ids: Sequence[str]) -> set[tuple[str, str | None]]:
    """Milestones of some contracts of which a new reading is to be decided, as ``store.rereads.under_review``."""
    found: set[tuple[str, str | None]] = set()
    for start in range(0, len(contract_ids), _CHUNK):
        found |= under_review(session, contract_ids[start : start + _CHUNK])
    return found


def _amended(session: Session, contract_ids: Sequence[str]) -> set[str]:
    """Those of some contracts that anything is linked to as a change of them."""
    found: set[str] = set()
    for start in range(0, len(contract_ids), _CHUNK):
        statement = select(FamilyLink.parent_id).where(
            col(FamilyLink.parent_id).in_(contract_ids[start : start + _CHUNK]),
            col(FamilyLink.state).in_([LinkState.PROPOSED, LinkState.CONFIRMED]),
        )
        found.update(session.exec(statement))
    return found
