"""What people do with occurrences and contracts: acknowledge, snooze, delegate, finish, waive, decide, enter.

Every act plans what hangs on it anew in the same transaction: a milestone that waited gets its day, reminders that
have nothing to say any more are cancelled.
"""

import datetime as dt
import secrets
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlmodel import Session

from models.derivation import date_words
from models.tracked import (
    ActKind,
    ContractSettings,
    CycleDecision,
    OccurrenceState,
    Proof,
    TrackedContract,
)
from store.tables import Contract
from store.tracking_acts import add_act
from store.tracking_occurrences import add_decision, find_occurrence, tracked
from store.tracking_owners import Directory, directory, ensure_teams
from store.tracking_reminders import add_reminders, cancel_planned, reminders_of, settle_all
from store.tracking_tables import EnteredDeadline, OccurrenceRow, Owner, TrackedContractRow
from tracking.chains import ESCALATIONS, handover, recipient
from tracking.confirmed import settings_of
from tracking.context import Context
from tracking.keeping import keep

_LONGEST = 4_000


class ActError(Exception):
    """What was asked cannot be done; the message says why."""


@dataclass(frozen=True, slots=True)
class Desk:
    """Where people act. ``source`` gives what is confirmed of contracts (``tracking.confirmed``)."""

    source: Callable[[Session, Sequence[str]], Iterable[TrackedContract]]
    context: Context

    def acknowledge(self, session: Session, id_: str, *, by: str, now: dt.datetime) -> OccurrenceRow:
        """Somebody saw it and sees to it: nothing escalates until the next step of the ladder."""
        row = _open(session, id_)
        _note(session, row, ActKind.ACKNOWLEDGED, by=by, now=now)
        return self._acknowledge(session, row, by, now)

    def _acknowledge(self, session: Session, row: OccurrenceRow, by: str, now: dt.datetime) -> OccurrenceRow:
        row.acknowledged_at, row.acknowledged_by, row.updated_at = now, by, now
        session.add(row)
        session.flush()
        cancel_planned(session, [row.id], f"acknowledged by {by}", ESCALATIONS)
        settle_all(session, row.id, by=by, now=now)
        return row

    def snooze(self, session: Session, id_: str, until: dt.date, *, by: str, now: dt.datetime) -> OccurrenceRow:
        """Say nothing of it until a day, and then remind. Raises ActError for a day past, or after the deadline."""
        row = _open(session, id_)
        today = now.date()
        if until <= today:
            raise ActError("a snooze ends on a day to come")
        if row.act_by is not None and row.act_by >= today and until > row.act_by:
            raise ActError(f"it must be done by {date_words(row.act_by)}: a snooze may not be longer")
        _note(session, row, ActKind.SNOOZED, f"until {date_words(until)}", by=by, now=now)
        self._acknowledge(session, row, by, now)
        row.snoozed_until = until
        self._plan(session, row.contract_id, now)
        return row

    def delegate(self, session: Session, id_: str, to: Owner, *, by: str, now: dt.datetime) -> OccurrenceRow:
        """Give it to another owner, who is told at once. Rules no longer change the owner."""
        row = _open(session, id_)
        if not to.active:
            raise ActError(f"{to.name} is not active")
        _note(session, row, ActKind.DELEGATED, f"to {to.name}", by=by, now=now)
        row.owner_id, row.owner_fixed = to.id, True
        row.acknowledged_at = row.acknowledged_by = row.snoozed_until = None
        row.version += 1
        row.updated_at = now
        session.add(row)
        session.flush()
        cancel_planned(session, [row.id], f"handed over to {to.name}", ESCALATIONS)
        self._plan(session, row.contract_id, now)
        told = [one for one in reminders_of(session, row.id) if one.recipient_id == to.id and one.fire_at <= now]
        if not told and row.act_by is not None:
            add_reminders(session, handover(row, recipient(directory(session), to.id), now))
        return row

    def done(
        self, session: Session, id_: str, proof: Proof, *, by: str, now: dt.datetime, on: dt.date | None = None
    ) -> OccurrenceRow:
        """It is done, on a day not after today, with a proof. What waited for it gets its day."""
        row = _open(session, id_)
        day = on or now.date()
        if day > now.date():
            raise ActError("what is done was done today or before")
        row.missed = row.missed or (row.act_by is not None and day > row.act_by)
        _note(session, row, ActKind.DONE, f"on {date_words(day)}", by=by, now=now, proof=proof)
        row.done_on, row.proof = day, proof.model_dump(mode="json", exclude_none=True)
        self._close(session, row, OccurrenceState.DONE, proof.note or "", by, now)
        return row

    def waive(self, session: Session, id_: str, reason: str, *, by: str, now: dt.datetime) -> OccurrenceRow:
        """Nobody will do it, and that is all right: the reason is kept."""
        row = _open(session, id_)
        if not reason.strip():
            raise ActError("a reason is needed")
        _note(session, row, ActKind.WAIVED, reason[:_LONGEST], by=by, now=now)
        self._close(session, row, OccurrenceState.WAIVED, reason[:_LONGEST], by, now)
        return row

    def reopen(self, session: Session, id_: str, *, by: str, now: dt.datetime) -> OccurrenceRow:
        """Take back that it is done or waived."""
        row = _locked(session, id_)
        if row.state not in (OccurrenceState.DONE, OccurrenceState.WAIVED):
            raise ActError(f"it is {row.state}")
        _note(session, row, ActKind.REOPENED, f"it was {row.state}", by=by, now=now)
        row.state = OccurrenceState.BLOCKED if row.due is None else OccurrenceState.PLANNED
        row.done_on = row.proof = row.closed_at = row.closed_by = row.closed_reason = None
        row.version += 1
        row.updated_at = now
        session.add(row)
        session.flush()
        self._plan(session, row.contract_id, now)
        return row

    def set_ladder(
        self, session: Session, id_: str, ladder: Sequence[int] | None, *, by: str, now: dt.datetime
    ) -> OccurrenceRow:
        """Lead times for this occurrence alone; None for those of the policy again."""
        row = _open(session, id_)
        if ladder is not None and (not ladder or min(ladder) < 0):
            raise ActError("lead times are 0 or more days, at least one")
        steps = ", ".join(map(str, ladder)) if ladder is not None else "those of the policy"
        _note(session, row, ActKind.LADDER, steps, by=by, now=now)
        row.ladder, row.updated_at = list(ladder) if ladder is not None else None, now
        session.add(row)
        session.flush()
        self._plan(session, row.contract_id, now)
        return row

    def decide(self, session: Session, contract_id: str, decision: CycleDecision, *, now: dt.datetime) -> None:
        """Put on record what was decided about the end of a term. Raises ActError for a term that is not yet known."""
        row = tracked(session, contract_id)
        if row.cycle is None or row.cycle < decision.cycle - 1:
            raise ActError(f"the contract is in term {row.cycle}; term {decision.cycle} cannot be decided about yet")
        add_decision(session, contract_id, decision)
        words = f"term {decision.cycle}: {decision.choice}. {decision.reason}"
        add_act(
            session, contract_id, ActKind.DECIDED, by=decision.decided_by, now=now, detail=words, proof=decision.proof
        )
        self._plan(session, contract_id, now)

    def describe(
        self, session: Session, contract_id: str, settings: ContractSettings, *, by: str, now: dt.datetime
    ) -> TrackedContractRow:
        """Say what the text of a contract does not: department, risk, stage, owner, ladders, end out of turn.

        A contract of which nothing is confirmed yet is tracked from now on.
        """
        row = self._tracked(session, contract_id, now)
        before = settings_of(row)
        for name, value in _columns(settings).items():
            setattr(row, name, value)
        session.add(row)
        session.flush()
        if settings != before:
            words = _changes(before, settings, directory(session))
            add_act(session, contract_id, ActKind.DESCRIBED, by=by, now=now, detail=words)
        self._plan(session, contract_id, now)
        return row

    def _tracked(self, session: Session, contract_id: str, now: dt.datetime) -> TrackedContractRow:
        """The row of a contract, made now if it is not tracked yet."""
        row = session.get(TrackedContractRow, contract_id)
        if row is None:
            contract = session.get(Contract, contract_id)
            if contract is None:
                raise ActError(f"there is no contract {contract_id[:40]!r}")
            today = now.date()
            row = TrackedContractRow(
                contract_id=contract_id,
                title=contract.title or contract.name,
                ladders={},
                since=today,
                check_on=today,
                created_at=now,
                updated_at=now,
            )
            session.add(row)
            session.flush()
        return row

    def enter(
        self,
        session: Session,
        contract_id: str,
        kind: str,
        title: str,
        due: dt.date,
        *,
        by: str,
        now: dt.datetime,
        owner_id: str | None = None,
    ) -> str:
        """Enter a deadline that the contract does not state (a review, an approval, a signature); its id."""
        if not title.strip() or not kind.strip():
            raise ActError("a deadline needs a kind and a title")
        self._tracked(session, contract_id, now)
        made = EnteredDeadline(
            id=secrets.token_hex(16),
            contract_id=contract_id,
            kind=kind.strip()[:60],
            title=title.strip()[:500],
            due=due,
            owner_id=owner_id,
            entered_by=by,
            entered_at=now,
        )
        session.add(made)
        words = f"{made.title}, {date_words(due)}"
        add_act(session, contract_id, ActKind.ENTERED, by=by, now=now, detail=words)
        session.flush()
        self._plan(session, contract_id, now)
        return made.id

    def withdraw(self, session: Session, deadline_id: str, *, by: str, now: dt.datetime) -> None:
        """Take back a deadline that was entered."""
        row = session.get(EnteredDeadline, deadline_id)
        if row is None or row.withdrawn_at is not None:
            raise ActError("there is no such deadline")
        row.withdrawn_at = now
        session.add(row)
        add_act(session, row.contract_id, ActKind.WITHDRAWN, by=by, now=now, detail=row.title)
        session.flush()
        self._plan(session, row.contract_id, now)

    def _close(
        self, session: Session, row: OccurrenceRow, state: OccurrenceState, reason: str, by: str, now: dt.datetime
    ) -> None:
        row.state, row.closed_reason, row.closed_by, row.closed_at = state, reason, by, now
        row.version += 1
        row.updated_at = now
        row.planned_as = ""
        session.add(row)
        session.flush()
        cancel_planned(session, [row.id], f"{state} by {by}")
        settle_all(session, row.id, by=by, now=now)
        self._plan(session, row.contract_id, now)

    def _plan(self, session: Session, contract_id: str, now: dt.datetime) -> None:
        # Before the first run nobody has made the teams that the policy names.
        ensure_teams(session, self.context.policies.owners.named, now=now)
        people: Directory = directory(session)
        for contract in self.source(session, [contract_id]):
            keep(session, contract, self.context, people, now=now, force=True)


def _note(
    session: Session,
    row: OccurrenceRow,
    act: ActKind,
    detail: str | None = None,
    *,
    by: str,
    now: dt.datetime,
    proof: Proof | None = None,
) -> None:
    add_act(session, row.contract_id, act, by=by, now=now, occurrence_id=row.id, detail=detail, proof=proof)


def _changes(before: ContractSettings, after: ContractSettings, people: Directory) -> str:
    """What was said anew of a contract, in words."""
    said = []
    for name, value in after:
        if value == getattr(before, name):
            continue
        words = people[value].name if name == "owner" and value in people else value
        said.append(f"{name.replace('_', ' ')}: {words if words else 'none'}")
    return ", ".join(said)


def _locked(session: Session, id_: str) -> OccurrenceRow:
    """An occurrence as it is now, which nobody else changes until this transaction ends."""
    row = find_occurrence(session, id_)
    session.refresh(row, with_for_update=True)
    return row


def _open(session: Session, id_: str) -> OccurrenceRow:
    row = _locked(session, id_)
    if not row.state.open:
        raise ActError(f"it is {row.state} already")
    return row


def _columns(settings: ContractSettings) -> dict[str, Any]:
    return {
        "department": settings.department,
        "risk": settings.risk,
        "stage": settings.stage,
        "owner_id": settings.owner,
        "ladders": {kind: list(ladder) for kind, ladder in settings.ladders.items()},
        "terminated_on": settings.terminated_on,
    }
