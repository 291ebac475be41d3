"""Tracked contracts, their occurrences, decisions about terms, entered deadlines, and the heartbeat of the runs."""

import datetime as dt
from collections.abc import Collection, Sequence
from typing import Any, NamedTuple

from sqlalchemy import func
from sqlmodel import Session, col, select

from models.tracked import CycleDecision, OccurrenceState, Proof
from store.errors import StoreError
from store.identity import derive
from store.review_tables import DecisionRow
from store.tracking_tables import (
    CycleDecisionRow,
    EnteredDeadline,
    Heartbeat,
    OccurrenceRow,
    TrackedContractRow,
)

_CHUNK = 500

_OVERLAP = 1_000
"""Decisions looked at again: on a busy server those with smaller numbers may be committed later."""


def occurrence_id(key: str, cycle: int, sequence: str) -> str:
    """Id of an occurrence: the same over re-planning, whatever its dates."""
    return derive("occurrence", key, str(cycle), sequence)


def find_occurrence(session: Session, id_: str) -> OccurrenceRow:
    """An occurrence by its id, or the beginning of it. Raises StoreError if none or several begin so."""
    found = session.get(OccurrenceRow, id_)
    if found is not None:
        return found
    begin = col(OccurrenceRow.id)
    matches = session.exec(select(OccurrenceRow).where(begin >= id_, begin < id_ + "g").limit(2)).all() if id_ else []
    if len(matches) == 1:
        return matches[0]
    problem = "Several occurrences begin" if matches else "No occurrence begins"
    raise StoreError(f"{problem} with {id_[:40]!r}.", "Give more of the id, or another one.")


def occurrences_of(session: Session, contract_id: str) -> list[OccurrenceRow]:
    """All occurrences of a contract, by day; those without one last."""
    rows = session.exec(select(OccurrenceRow).where(OccurrenceRow.contract_id == contract_id))
    return sorted(rows, key=lambda row: (row.due or dt.date.max, row.id))


def occurrences_by_id(session: Session, ids: Collection[str]) -> dict[str, OccurrenceRow]:
    """Several occurrences."""
    return {row.id: row for row in session.exec(select(OccurrenceRow).where(col(OccurrenceRow.id).in_(list(ids))))}


class Delayed(NamedTuple):
    """An occurrence that another one holds up; ``by`` is how many days late that one is so far."""

    occurrence: OccurrenceRow
    by: int


def delayed_by(session: Session, row: OccurrenceRow, today: dt.date) -> list[Delayed]:
    """What waits for an occurrence, whatever waits for that included, in order of its day.

    The number of days is 0 while the occurrence is not late.
    """
    late = max(0, (today - row.due).days) if row.due is not None and row.state.open else 0
    others = [one for one in occurrences_of(session, row.contract_id) if one.state.open and one.id != row.id]
    held, found = {row.milestone_key}, []
    while waiting := [one for one in others if held & set(one.waits_for)]:
        held |= {one.milestone_key for one in waiting}
        found += waiting
        others = [one for one in others if one not in waiting]
    return [Delayed(one, late) for one in sorted(found, key=lambda one: (one.due or dt.date.max, one.id))]


def holding_up(session: Session, rows: Collection[OccurrenceRow]) -> dict[str, int]:
    """How many open occurrences wait for each of some, whatever waits for those included; by id, where any do."""
    contracts = sorted({row.contract_id for row in rows})
    waiting: dict[str, list[tuple[str, frozenset[str]]]] = {}
    for start in range(0, len(contracts), _CHUNK):
        statement = select(OccurrenceRow.contract_id, OccurrenceRow.milestone_key, OccurrenceRow.waits_for).where(
            col(OccurrenceRow.contract_id).in_(contracts[start : start + _CHUNK]),
            # What waits is blocked, and few are: of the many others nothing is read.
            OccurrenceRow.state == OccurrenceState.BLOCKED,
        )
        for contract_id, key, waits_for in session.exec(statement):
            waiting.setdefault(contract_id, []).append((key, frozenset(waits_for)))
    counted = ((row.id, _waiting_for(row.milestone_key, waiting.get(row.contract_id, ()))) for row in rows)
    return {id_: number for id_, number in counted if number}


def _waiting_for(key: str, others: Sequence[tuple[str, frozenset[str]]]) -> int:
    held, number = {key}, 0
    while waiting := [one for one in others if held & one[1] and one[0] not in held]:
        held |= {key for key, _ in waiting}
        number += len(waiting)
    return number


def open_until(session: Session, until: dt.date, owner_id: str | None = None) -> list[OccurrenceRow]:
    """What is planned and to be acted on until a day, overdue included; of one owner, or of all."""
    statement = select(OccurrenceRow).where(
        OccurrenceRow.state == OccurrenceState.PLANNED, col(OccurrenceRow.act_by) <= until
    )
    if owner_id is not None:
        statement = statement.where(OccurrenceRow.owner_id == owner_id)
    return list(session.exec(statement.order_by(col(OccurrenceRow.act_by), col(OccurrenceRow.id))))


def contracts_to_check(session: Session, today: dt.date) -> list[str]:
    """Ids of tracked contracts that must be looked at again on a day."""
    statement = select(TrackedContractRow.contract_id).where(TrackedContractRow.check_on <= today)
    return list(session.exec(statement.order_by(col(TrackedContractRow.contract_id))))


def tracked_contracts(session: Session) -> list[str]:
    """Ids of all tracked contracts."""
    return list(session.exec(select(TrackedContractRow.contract_id).order_by(col(TrackedContractRow.contract_id))))


def contracts_decided(session: Session, seen: int) -> tuple[int, list[str]]:
    """The number of the last decision, and the contracts decided about since number ``seen``."""
    last = session.exec(select(func.max(DecisionRow.seq))).one() or 0
    if last <= seen:
        return last, []
    statement = (
        select(DecisionRow.contract_id)
        .where(col(DecisionRow.seq) > seen - _OVERLAP, col(DecisionRow.contract_id).is_not(None))
        .distinct()
    )
    return last, sorted(id_ for id_ in session.exec(statement) if id_ is not None)


def cycle_decisions(session: Session, contract_ids: Collection[str]) -> dict[str, tuple[CycleDecision, ...]]:
    """What was decided about the terms of some contracts, in the order it was decided."""
    rows = session.exec(
        select(CycleDecisionRow)
        .where(col(CycleDecisionRow.contract_id).in_(list(contract_ids)))
        .order_by(col(CycleDecisionRow.seq))
    )
    found: dict[str, tuple[CycleDecision, ...]] = {}
    for row in rows:
        found[row.contract_id] = (*found.get(row.contract_id, ()), _decision(row))
    return found


def add_decision(session: Session, contract_id: str, decision: CycleDecision) -> None:
    """Put a decision about a term on record. Those before it stay, and no longer count."""
    session.add(
        CycleDecisionRow(
            contract_id=contract_id,
            cycle=decision.cycle,
            choice=decision.choice,
            reason=decision.reason,
            proof=decision.proof.model_dump(mode="json", exclude_none=True) if decision.proof else None,
            decided_by=decision.decided_by,
            decided_at=decision.decided_at,
        )
    )
    session.flush()


def _decision(row: CycleDecisionRow) -> CycleDecision:
    return CycleDecision(
        cycle=row.cycle,
        choice=row.choice,
        reason=row.reason,
        proof=Proof.model_validate(row.proof) if row.proof else None,
        decided_by=row.decided_by,
        decided_at=row.decided_at,
    )


def entered_deadlines(session: Session, contract_ids: Collection[str]) -> dict[str, tuple[EnteredDeadline, ...]]:
    """The deadlines that people entered for some contracts and did not withdraw, by contract."""
    rows = session.exec(
        select(EnteredDeadline)
        .where(col(EnteredDeadline.contract_id).in_(list(contract_ids)), col(EnteredDeadline.withdrawn_at).is_(None))
        .order_by(col(EnteredDeadline.due), col(EnteredDeadline.id))
    )
    found: dict[str, tuple[EnteredDeadline, ...]] = {}
    for row in rows:
        found[row.contract_id] = (*found.get(row.contract_id, ()), row)
    return found


def tracked_rows(session: Session, contract_ids: Collection[str]) -> dict[str, TrackedContractRow]:
    """The rows of some contracts that are tracked already."""
    statement = select(TrackedContractRow).where(col(TrackedContractRow.contract_id).in_(list(contract_ids)))
    return {row.contract_id: row for row in session.exec(statement)}


def tracked(session: Session, contract_id: str) -> TrackedContractRow:
    """A tracked contract. Raises StoreError if it is not tracked (yet)."""
    found = session.get(TrackedContractRow, contract_id)
    if found is None:
        raise StoreError(
            f"The contract {contract_id[:40]!r} is not tracked.",
            "Confirm something of it in review; then: milepost remind.",
        )
    return found


def heartbeat(session: Session, name: str) -> Heartbeat | None:
    """The last run of something; None if it never ran."""
    return session.get(Heartbeat, name)


def begin_run(session: Session, name: str, *, now: dt.datetime, expected_every: dt.timedelta) -> Heartbeat:
    """Note that a run began. Other runs that plan wait for this transaction."""
    found = session.exec(select(Heartbeat).where(Heartbeat.name == name).with_for_update()).first()
    if found is None:
        found = Heartbeat(name=name, started_at=now, expected_every=expected_every.total_seconds())
    found.started_at, found.finished_at = now, None
    found.expected_every = expected_every.total_seconds()
    session.add(found)
    session.flush()
    return found


def finish_run(
    session: Session, name: str, *, now: dt.datetime, report: dict[str, Any], seen: int, policy: str
) -> None:
    """Note that a run ended, what it did, and up to which decision it planned by which policy."""
    found = session.get(Heartbeat, name)
    if found is None:
        raise ValueError(f"the run {name!r} never began")
    found.finished_at, found.report, found.seen, found.policy = now, report, seen, policy
    session.add(found)
    session.flush()


def names_done(rows: Sequence[OccurrenceRow]) -> dict[tuple[str, int, str], dt.date]:
    """On which day each occurrence that is done was done, by what it is known by."""
    return {
        (row.milestone_key, row.cycle, row.sequence): row.done_on
        for row in rows
        if row.state is OccurrenceState.DONE and row.done_on is not None
    }


def owners_with_open(session: Session, until: dt.date) -> list[str]:
    """Ids of the owners who have something to act on until a day, overdue included."""
    statement = (
        select(OccurrenceRow.owner_id)
        .where(OccurrenceRow.state == OccurrenceState.PLANNED, col(OccurrenceRow.act_by) <= until)
        .distinct()
    )
    return sorted(session.exec(statement))


def count_open(session: Session) -> dict[str, int]:
    """How many open occurrences each owner has, by owner."""
    statement = (
        select(OccurrenceRow.owner_id, func.count())
        .where(col(OccurrenceRow.state).in_([state for state in OccurrenceState if state.open]))
        .group_by(col(OccurrenceRow.owner_id))
    )
    return dict(session.exec(statement).all())
