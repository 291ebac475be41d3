"""Amendments that nobody has decided yet: what hangs on the contract they change may be another soon."""

from collections.abc import Iterable, Sequence

from sqlmodel import Session, col, select

from store.amending import warning_of
from store.family_tables import FamilyLink, LinkState
from store.tracking_tables import OccurrenceRow

_CHUNK = 500


def warnings_of(session: Session, rows: Iterable[OccurrenceRow]) -> dict[str, str]:
    """What to say of occurrences, by id; those that no amendment under review may change are left out."""
    asked = list(rows)
    amended = _amended(session, sorted({row.contract_id for row in asked}))
    said = (
        (row.id, warning_of(session, row.contract_id, row.milestone_key)) for row in asked if row.contract_id in amended
    )
    return {id_: words for id_, words in said if words is not None}


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
