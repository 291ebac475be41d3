"""The history of what people did about occurrences and tracked contracts: only ever added to."""

import datetime as dt

from sqlmodel import Session, col, select

from models.tracked import ActKind, Proof
from store.tracking_tables import TrackingAct

_SHOWN = 500
"""Acts that are read of a contract, at most: the newest."""


def add_act(
    session: Session,
    contract_id: str,
    act: ActKind,
    *,
    by: str,
    now: dt.datetime,
    occurrence_id: str | None = None,
    detail: str | None = None,
    proof: Proof | None = None,
) -> None:
    """Write down what somebody did."""
    session.add(
        TrackingAct(
            contract_id=contract_id,
            occurrence_id=occurrence_id,
            act=act,
            detail=detail,
            proof=proof.model_dump(mode="json", exclude_none=True) if proof else None,
            by=by,
            at=now,
        )
    )


def acts_of(session: Session, occurrence_id: str) -> list[TrackingAct]:
    """What was done about an occurrence, the newest first."""
    statement = select(TrackingAct).where(TrackingAct.occurrence_id == occurrence_id)
    return list(session.exec(statement.order_by(col(TrackingAct.seq).desc()).limit(_SHOWN)))


def acts_of_contract(session: Session, contract_id: str) -> list[TrackingAct]:
    """What was done about a contract and its occurrences, the newest first."""
    statement = select(TrackingAct).where(TrackingAct.contract_id == contract_id)
    return list(session.exec(statement.order_by(col(TrackingAct.seq).desc()).limit(_SHOWN)))
