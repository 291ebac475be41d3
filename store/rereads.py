"""New readings of the portfolio after an upgrade: which contracts need one, what it gave, and what people decide.

    with writing(engine) as session:
        batch = begin_reread(session, versions, now)
    ... each of ``waiting`` is read, and ``keep`` writes down what that gave, a transaction each ...
    ... each of ``uncompared`` is compared, a transaction each ...
    with writing(engine) as session:
        finish_reread(session, batch.id, now)

A run that was killed leaves the rest pending. Nothing that people see moves until somebody accepts.
"""

import datetime as dt
from collections import Counter
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, delete, func, insert
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.actor import Actor
from models.contract import FIVE_TERMS, Milestone, Outcome, Status, Term
from models.decision import Finding
from models.rereading import steadied
from store import identity, rows
from store.columns import storable_tree
from store.errors import StoreError
from store.recurring_tables import (
    Reread,
    RereadContract,
    RereadDifference,
    RereadEffect,
    RereadingState,
    RereadState,
)
from store.reread_effects import Versions, family_of, put, rehearse
from store.review_tables import ReviewItem
from store.tables import Contract, Extraction

_OPEN = (RereadState.READING, RereadState.READY, RereadState.UNCHANGED)
_UNDECIDED = (RereadingState.DIFFERS, RereadingState.SHADED)
_SEE = "See: milepost reread --preview."


class Waiting(NamedTuple):
    """A contract that is to be read anew: its document, and the name that goes with it."""

    contract_id: str
    sha256: str
    name: str


class Summary(NamedTuple):
    """A new reading of the portfolio in figures. ``differ`` counts values, ``counts`` contracts by their state."""

    id: str
    state: RereadState
    contracts: int
    differ: int
    counts: Mapping[RereadingState, int]
    created_at: dt.datetime

    @property
    def sentence(self) -> str:
        """What people are told first: ``412 contracts re-read, 9 values differ``."""
        many = "1 contract" if self.contracts == 1 else f"{self.contracts:,} contracts"
        values = "1 value differs" if self.differ == 1 else f"{self.differ:,} values differ"
        return f"{many} re-read, {values if self.differ else 'no value differs'}"


class Decided(NamedTuple):
    """What a decision was about: contracts that now stand as re-read (or stay as they were), and stale ones."""

    contracts: int
    stale: int


def behind(session: Session, versions: Versions) -> int:
    """How many contracts were read by other rules or models, and not yet anew by these."""
    return session.exec(select(func.count()).select_from(Contract).where(*_behind(versions))).one()


def begin_reread(session: Session, versions: Versions, now: dt.datetime, *, again: bool = False) -> Reread | None:
    """Begin, or go on with, reading by these versions what others had read; None where there is nothing to read.

    Readings by other versions that wait for a decision are superseded: what they found is out of date. ``again`` reads
    once more what was dropped or could not be read.
    """
    id_ = identity.derive("reread", *versions)
    _supersede(session, id_)
    batch = session.get(Reread, id_)
    if again and batch is not None:
        states = (RereadingState.DROPPED, RereadingState.FAILED, RereadingState.STALE)
        dropped = session.exec(
            select(RereadContract).where(RereadContract.reread_id == id_, col(RereadContract.state).in_(states))
        ).all()
        for family in {row.family for row in dropped}:
            _forget_differences(session, id_, family)
        for row in dropped:
            session.delete(row)
        session.flush()
    fresh = session.exec(select(Contract).where(*_behind(versions)).order_by(col(Contract.id))).all()
    if batch is None and not fresh:
        return None
    if batch is None:
        batch = Reread(
            id=id_,
            ruleset_version=versions.ruleset,
            model_version=versions.model,
            state=RereadState.READING,
            created_at=now,
        )
        session.add(batch)
        session.flush()
    if fresh:
        session.execute(
            insert(RereadContract),
            [
                {
                    "reread_id": id_,
                    "contract_id": contract.id,
                    "family": contract.id,
                    "base_extraction_id": contract.extraction_id,
                    "state": RereadingState.PENDING,
                }
                for contract in fresh
            ],
        )
        batch.state, batch.read_at = RereadState.READING, None
        session.add(batch)
        session.flush()
    return batch if batch.state is RereadState.READING else None


def waiting(session: Session, reread_id: str) -> list[Waiting]:
    """The contracts that are still to be read, by id."""
    statement = (
        select(Contract, Extraction.outcome["file"].as_string())
        .join(RereadContract, col(RereadContract.contract_id) == Contract.id)
        .join(Extraction, col(Extraction.id) == Contract.extraction_id)
        .where(RereadContract.reread_id == reread_id, RereadContract.state == RereadingState.PENDING)
        .order_by(col(Contract.id))
    )
    return [
        Waiting(contract.id, contract.document_sha256, name or contract.name)
        for contract, name in session.exec(statement)
    ]


def keep(session: Session, reread_id: str, contract_id: str, outcome: Outcome | str) -> RereadingState:
    """Write down what reading a contract anew gave: an outcome, or why there is none."""
    row = _row(session, reread_id, contract_id)
    base = session.get(Extraction, row.base_extraction_id)
    if isinstance(outcome, Outcome) and outcome.status is Status.FAILED:
        outcome = outcome.problems[0].message if outcome.problems else "It could not be read."
    if isinstance(outcome, str):
        row.state, row.reason = RereadingState.FAILED, outcome
    else:
        before = Outcome.model_validate(base.outcome) if base is not None else None
        found = steadied(rows.clean(outcome), before) if before is not None else rows.clean(outcome)
        row.state = RereadingState.SAME if found == before else RereadingState.READ
        row.outcome = None if found == before else found.model_dump(mode="json")
    session.add(row)
    session.flush()
    return row.state


def uncompared(session: Session, reread_id: str) -> list[tuple[str, ...]]:
    """The contracts whose new readings are still to be compared; those of one family together."""
    read = set(
        session.exec(
            select(RereadContract.contract_id).where(
                RereadContract.reread_id == reread_id, RereadContract.state == RereadingState.READ
            )
        )
    )
    groups: list[tuple[str, ...]] = []
    while read:
        family = set(family_of(session, [min(read)])) & read
        groups.append(tuple(sorted(family)))
        read -= family
    return groups


def compare(session: Session, reread_id: str, group: Sequence[str], now: dt.datetime) -> int:
    """Find out what the new readings of contracts that change together make different; how many values differ."""
    batch = _batch(session, reread_id)
    versions = Versions(batch.ruleset_version, batch.model_version)
    outcomes = [Outcome.model_validate(_row(session, reread_id, id_).outcome) for id_ in group]
    found = rehearse(session, outcomes, versions, now)
    family = group[0]
    _forget_differences(session, reread_id, family)
    if found:
        session.execute(
            insert(RereadDifference),
            [
                {
                    "reread_id": reread_id,
                    "family": family,
                    "ordinal": ordinal,
                    "contract_id": one.contract_id,
                    "item_id": one.item_id,
                    "milestone_key": one.milestone_key,
                    "what": one.what,
                    "old": _dumped(one.old),
                    "new": _dumped(one.new),
                    "effect": one.effect,
                }
                for ordinal, one in enumerate(found)
            ],
        )
    for id_ in group:
        row = _row(session, reread_id, id_)
        row.family, row.state = family, RereadingState.DIFFERS if found else RereadingState.SHADED
        session.add(row)
    session.flush()
    return len(found)


def finish_reread(session: Session, reread_id: str, now: dt.datetime) -> Summary:
    """Say that all was read and compared. Where no value differs there is nothing for people to decide."""
    batch = _batch(session, reread_id)
    counts = _counts(session, reread_id)
    if counts[RereadingState.PENDING] or counts[RereadingState.READ]:
        raise StoreError("The portfolio is still being re-read.", "Run milepost reread again.")
    if batch.state is RereadState.READING:
        batch.state = RereadState.READY if counts[RereadingState.DIFFERS] else RereadState.UNCHANGED
        batch.read_at = now
        session.add(batch)
        session.flush()
    return summary(session, batch)


def find_reread(session: Session, prefix: str | None = None) -> Reread:
    """The new reading whose id begins with ``prefix``; the newest if none is given."""
    batches = list_rereads(session)
    if prefix is None and batches:
        return batches[0]
    found = [batch for batch in batches if prefix and batch.id.startswith(prefix)]
    if len(found) == 1:
        return found[0]
    if not batches:
        raise StoreError("The portfolio has never been re-read.", "Do it with: milepost reread.")
    problem = "No re-reading's id begins" if not found else f"{len(found)} re-readings' ids begin"
    raise StoreError(f"{problem} with {(prefix or '')[:40]!r}.", _SEE)


def list_rereads(session: Session) -> list[Reread]:
    """All new readings of the portfolio, newest first."""
    return list(session.exec(select(Reread).order_by(col(Reread.created_at).desc(), col(Reread.id))))


def summary(session: Session, batch: Reread) -> Summary:
    """A new reading in figures."""
    counts = _counts(session, batch.id)
    differ = session.exec(
        select(func.count()).select_from(RereadDifference).where(RereadDifference.reread_id == batch.id)
    ).one()
    return Summary(batch.id, batch.state, counts.total(), differ, counts, batch.created_at)


def differences(session: Session, reread_id: str) -> list[tuple[Contract, RereadDifference]]:
    """What differs, by the names of the contracts, with the contract each value is of."""
    statement = (
        select(Contract, RereadDifference)
        .join(RereadDifference, col(RereadDifference.contract_id) == Contract.id)
        .where(RereadDifference.reread_id == reread_id)
        .order_by(col(Contract.name), col(Contract.id), col(RereadDifference.family), col(RereadDifference.ordinal))
    )
    return [(contract, one) for contract, one in session.exec(statement)]


def states_by_family(session: Session, reread_id: str) -> dict[str, RereadingState]:
    """How far what changes together is decided."""
    statement = select(RereadContract.family, RereadContract.state).where(
        RereadContract.reread_id == reread_id, RereadContract.state != RereadingState.SAME
    )
    return {family: RereadingState(state) for family, state in session.exec(statement)}


def under_review(session: Session, contract_ids: Collection[str]) -> set[tuple[str, str | None]]:
    """What an accepted new reading has opened again and nobody has decided: milestones, by contract and key.

    Without a key all of a contract: every deadline hangs on one of the five terms.
    """
    accepted = columns(col(RereadContract.family)).where(
        col(RereadContract.reread_id) == col(RereadDifference.reread_id),
        col(RereadContract.contract_id) == col(RereadDifference.family),  # a family is called after one of its own
        col(RereadContract.state) == RereadingState.ACCEPTED,
    )
    statement = (
        select(RereadDifference, ReviewItem)
        .join(ReviewItem, col(ReviewItem.id) == col(RereadDifference.item_id))
        .where(col(RereadDifference.contract_id).in_(contract_ids), accepted.exists())
    )
    return {
        (item.contract_id, item.milestone_key)
        for one, item in session.exec(statement.execution_options(populate_existing=True))
        if _waits(one, item) and (item.term_field is None or item.term_field in FIVE_TERMS)
    }


def _waits(one: RereadDifference, item: ReviewItem) -> bool:
    """Whether nobody has decided on another value since it opened the item again, or found it no more."""
    if one.effect is RereadEffect.VANISHES:
        return item.state.confirmed and item.finding is Finding.VANISHED
    return one.effect is RereadEffect.REOPENS and item.state.open


def failures(session: Session, reread_id: str) -> list[tuple[str, str]]:
    """Names of the contracts that could not be read anew, and why."""
    statement = (
        select(Contract.name, RereadContract.reason)
        .join(RereadContract, col(RereadContract.contract_id) == Contract.id)
        .where(RereadContract.reread_id == reread_id, RereadContract.state == RereadingState.FAILED)
        .order_by(col(Contract.name))
    )
    return [(name, reason or "") for name, reason in session.exec(statement)]


def accept_reread(
    session: Session, batch: Reread, actor: Actor, now: dt.datetime, contracts: Collection[str] = ()
) -> Decided:
    """Let new readings stand, in this one transaction: all that are undecided, or those of ``contracts`` alone.

    Families go together. A contract that was read in another way since the comparison is left as it is.
    """
    found = _undecided(session, batch, contracts)
    versions = Versions(batch.ruleset_version, batch.model_version)
    fresh: dict[str, list[Outcome]] = {}
    stale = 0
    for row in found:
        contract = session.get(Contract, row.contract_id)
        if contract is None or contract.extraction_id != row.base_extraction_id:
            stale += 1
            _decide(row, RereadingState.STALE, actor, now)
            continue
        fresh.setdefault(row.family, []).append(Outcome.model_validate(row.outcome))
        _decide(row, RereadingState.ACCEPTED, actor, now)
    session.flush()
    for outcomes in fresh.values():
        put(session, outcomes, versions, now)
    _close(session, batch.id)
    return Decided(len(found) - stale, stale)


def drop_reread(
    session: Session, batch: Reread, actor: Actor, now: dt.datetime, contracts: Collection[str] = ()
) -> Decided:
    """Let everything stay as it was read before: of all that is undecided, or of ``contracts`` alone."""
    found = _undecided(session, batch, contracts)
    for row in found:
        _decide(row, RereadingState.DROPPED, actor, now)
    session.flush()
    _close(session, batch.id)
    return Decided(len(found), 0)


def _behind(versions: Versions) -> tuple[ColumnElement[bool], ...]:
    by_these = columns(col(Extraction.id)).where(
        col(Extraction.ruleset_version) == versions.ruleset, col(Extraction.model_version) == versions.model
    )
    anew = columns(col(RereadContract.contract_id)).where(
        col(RereadContract.reread_id) == identity.derive("reread", *versions)
    )
    return col(Contract.extraction_id).not_in(by_these), col(Contract.id).not_in(anew)


def _supersede(session: Session, but: str) -> None:
    others = session.exec(select(Reread).where(Reread.id != but, col(Reread.state).in_(_OPEN))).all()
    for batch in others:
        batch.state = RereadState.SUPERSEDED
        session.add(batch)
        _forget_undecided(session, batch.id)
    session.flush()


def _forget_undecided(session: Session, reread_id: str) -> None:
    """Let what nobody has decided be read anew, should these versions come back: what they found is out of date."""
    states = (RereadingState.PENDING, RereadingState.READ, *_UNDECIDED)
    rows_ = session.exec(
        select(RereadContract).where(RereadContract.reread_id == reread_id, col(RereadContract.state).in_(states))
    ).all()
    for family in {row.family for row in rows_}:
        _forget_differences(session, reread_id, family)
    for row in rows_:
        session.delete(row)


def _undecided(session: Session, batch: Reread, contracts: Iterable[str]) -> list[RereadContract]:
    batch = _batch(session, batch.id, lock=True)
    if batch.state not in (RereadState.READY, RereadState.UNCHANGED):
        why = {
            RereadState.READING: ("It is not read to its end yet.", "Run milepost reread again."),
            RereadState.SUPERSEDED: ("Rules or models have changed since.", "Run milepost reread again."),
        }.get(batch.state, ("It is decided already.", _SEE))
        raise StoreError(*why)
    rows_ = session.exec(
        select(RereadContract)
        .where(RereadContract.reread_id == batch.id, col(RereadContract.state).in_(_UNDECIDED))
        .order_by(col(RereadContract.family), col(RereadContract.contract_id))
        .execution_options(populate_existing=True)
    ).all()
    wanted = set(contracts)
    if not wanted:
        return list(rows_)
    families = {row.family for row in rows_ if row.contract_id in wanted}
    families |= set(
        session.exec(
            select(RereadDifference.family).where(
                RereadDifference.reread_id == batch.id, col(RereadDifference.contract_id).in_(wanted)
            )
        )
    )
    found = [row for row in rows_ if row.family in families]
    if not found:
        raise StoreError("Nothing is to be decided of this contract.", _SEE)
    return found


def _decide(row: RereadContract, state: RereadingState, actor: Actor, now: dt.datetime) -> None:
    row.state, row.outcome = state, None
    row.decided_by, row.decided_by_name, row.decided_at = actor.id, actor.name, now


def _close(session: Session, reread_id: str) -> None:
    counts = _counts(session, reread_id)
    if not counts[RereadingState.DIFFERS]:
        batch = _batch(session, reread_id)
        # What the program is only more or less sure of nobody need decide, and anybody can still take over.
        batch.state = RereadState.UNCHANGED if counts[RereadingState.SHADED] else RereadState.DECIDED
        session.add(batch)
        session.flush()


def _forget_differences(session: Session, reread_id: str, family: str) -> None:
    session.execute(
        delete(RereadDifference).where(
            col(RereadDifference.reread_id) == reread_id, col(RereadDifference.family) == family
        )
    )


def _counts(session: Session, reread_id: str) -> Counter[RereadingState]:
    statement = (
        select(RereadContract.state, func.count())
        .where(RereadContract.reread_id == reread_id)
        .group_by(col(RereadContract.state))
    )
    return Counter({RereadingState(state): number for state, number in session.exec(statement)})


def _batch(session: Session, reread_id: str, *, lock: bool = False) -> Reread:
    found = session.get(Reread, reread_id, with_for_update=lock, populate_existing=True)
    if found is None:
        raise StoreError("There is no such re-reading.", _SEE)
    return found


def _row(session: Session, reread_id: str, contract_id: str) -> RereadContract:
    found = session.get(RereadContract, (reread_id, contract_id), populate_existing=True)
    if found is None:
        raise StoreError("This contract is not being re-read.", "Run milepost reread again.")
    return found


def value_of(dumped: Mapping[str, object] | None) -> Term | Milestone | None:
    """A value of a ``RereadDifference`` as the models have it."""
    if dumped is None:
        return None
    return (Milestone if "kind" in dumped else Term).model_validate(dumped)


def _dumped(value: Term | Milestone | None) -> dict[str, object] | None:
    found: dict[str, object] | None = storable_tree(value.model_dump(mode="json")) if value else None
    return found
