"""Keeps the occurrences and reminders of a contract in step with what was confirmed and decided.

Safe to do again at any time: what is there already stays, what moved is moved, what no longer holds is superseded and
never deleted. What a person closed stays closed.
"""

import datetime as dt
import hashlib
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from sqlmodel import Session

from models.contract import MilestoneKind
from models.cycles import Cycle
from models.dateexpr import Fixed, Recurring, Shift
from models.derivation import date_words
from models.period import Direction, Period, Unit
from models.tracked import (
    ContractStatus,
    OccurrenceState,
    PlannedOccurrence,
    TrackedContract,
    TrackedMilestone,
)
from rules.tracking_policies import Case, ReviewRule
from store.tracking_occurrences import entered_deadlines, names_done, occurrence_id, occurrences_of
from store.tracking_owners import Directory
from store.tracking_reminders import cancel_planned
from store.tracking_tables import OccurrenceRow, TrackedContractRow
from tracking.chains import plan_chains
from tracking.context import Context
from tracking.ownership import assign
from tracking.planning import Frame, Term, plan_contract, term_of
from tracking.standing import BEFORE_FORCE, contract_standing

PROGRAM = "milepost"
"""Who closed what nobody closed."""

_CHECK_EVERY = 60
"""Days after which a contract is looked at again in any case, for the horizon moves."""

_BACK = 400
"""Days back from today within which what is open is planned anew; what is older stays as it is."""

_MONTHS = {"monthly": 1, "quarterly": 3, "semiannual": 6, "annual": 12}
_IN_FORCE = {
    ContractStatus.ACTIVE,
    ContractStatus.NOTICE_WINDOW_OPEN,
    ContractStatus.UP_FOR_RENEWAL,
    ContractStatus.EXPIRING,
    ContractStatus.EVERGREEN,
}
_SHOWN = ("title", "due", "earliest", "send_by", "amount", "currency", "blocked_on", "expected")
"""Columns that a calendar or a list shows: a change of one makes a new version."""


def keep(
    session: Session,
    contract: TrackedContract,
    context: Context,
    directory: Directory,
    *,
    now: dt.datetime,
    force: bool = False,
) -> bool:
    """Bring what is on record of a contract up to date; whether there was anything to do.

    Nothing is done before the day the contract must be looked at again, unless what it hangs on has changed, or
    ``force`` is given.
    """
    today = now.date()
    row = session.get(TrackedContractRow, contract.id)
    fingerprint = _fingerprint(contract, context)
    if row is not None and not force and row.fingerprint == fingerprint and row.check_on > today:
        return False
    if row is None:
        row = TrackedContractRow(
            contract_id=contract.id,
            title=contract.title,
            ladders={},
            since=today,
            check_on=today,
            created_at=now,
            updated_at=now,
        )
    rows = {one.id: one for one in occurrences_of(session, contract.id)}
    frame = _frame(row, context, list(rows.values()), today)
    term = term_of(contract, frame)
    reminders = context.policies.reminders
    stands = contract_standing(
        contract, term, today, notice_window=reminders.notice_window, expiring=reminders.expiring
    )
    extra = (*_entered(session, contract), *_reviews(contract, context, row, term, stands.status))
    frame = Frame(**{**_parts(frame), "extra": extra})
    planned = _until_signed(plan_contract(contract, frame), contract)
    _describe(row, contract, fingerprint, stands.status, stands.missing, stands.cycle, now)
    row.check_on = _next_check(planned, stands.changes_on, today, frame.happenings)
    session.add(row)
    session.flush()
    _reconcile(session, contract, planned, rows, frame, context, directory, now)
    return True


def _reconcile(
    session: Session,
    contract: TrackedContract,
    planned: Sequence[PlannedOccurrence],
    rows: dict[str, OccurrenceRow],
    frame: Frame,
    context: Context,
    directory: Directory,
    now: dt.datetime,
) -> None:
    stated = {occurrence_id(*one.name): one for one in planned}
    for id_, one in stated.items():
        row = rows.get(id_)
        if row is None:
            if one.closed is None:
                rows[id_] = _new(id_, one, contract, now)
        elif row.state.open or row.closed_by == PROGRAM:
            _change(row, one, frame.today, now)
    for id_, row in rows.items():
        gone = id_ not in stated and row.state.open and (row.due is None or row.due >= frame.start)
        if gone:
            _close(row, OccurrenceState.SUPERSEDED, "no longer stated by what is confirmed", now)
    closed = [row.id for row in rows.values() if not row.state.open and row.planned_as]
    cancel_planned(session, closed, "nothing to do any more")
    for row in rows.values():
        if row.state.open:
            _assign(row, stated.get(row.id), contract, context, directory, now)
        else:
            row.planned_as = ""
        session.add(row)
    session.flush()
    open_ = [row for row in rows.values() if row.state.open]
    cases = partial(case_of, contract)
    plan_chains(session, open_, cases, contract.settings.ladders, context, directory, now=now)


def _until_signed(planned: tuple[PlannedOccurrence, ...], contract: TrackedContract) -> tuple[PlannedOccurrence, ...]:
    """What a contract asks for binds nobody while people say that it is not signed; what they entered does.

    A document that only looks like a draft is tracked: silence about a contract in force is the worse mistake.
    """
    if contract.settings.stage not in BEFORE_FORCE:
        return planned
    stated = {one.key for one in contract.milestones} | {f"{contract.id}:notice", f"{contract.id}:term"}
    unsigned = {"expected": True, "blocked_on": "signature of the contract"}
    return tuple(one.model_copy(update=unsigned) if one.key in stated and not one.closed else one for one in planned)


def case_of(contract: TrackedContract, kind: str) -> Case:
    """What the rules of policies are told of a milestone of a contract."""
    value = contract.value
    return Case(
        kind=kind,
        contract_type=contract.contract_type,
        department=contract.settings.department,
        counterparty=contract.counterparty,
        value=value.value if value else None,
        currency=value.currency if value else None,
        risk=contract.settings.risk,
    )


def _frame(row: TrackedContractRow, context: Context, rows: Sequence[OccurrenceRow], today: dt.date) -> Frame:
    reminders = context.policies.reminders
    since = row.since - dt.timedelta(days=reminders.look_back)
    return Frame(
        today=today,
        start=max(since, today - dt.timedelta(days=_BACK)),
        end=today + dt.timedelta(days=reminders.horizon),
        calendar=context.calendar,
        conventions=context.conventions,
        done=names_done(rows),
        happenings=frozenset(reminders.happenings),
    )


def _parts(frame: Frame) -> dict[str, Any]:
    return {name: getattr(frame, name) for name in Frame.__slots__}


def _new(id_: str, one: PlannedOccurrence, contract: TrackedContract, now: dt.datetime) -> OccurrenceRow:
    return OccurrenceRow(
        id=id_,
        contract_id=contract.id,
        milestone_key=one.key,
        cycle=one.cycle,
        sequence=one.sequence,
        owner_id="",
        created_at=now,
        **_columns(one),
        updated_at=now,
    )


def _columns(one: PlannedOccurrence) -> dict[str, Any]:
    return {
        "kind": one.kind,
        "title": one.title,
        "due": one.due,
        "earliest": one.earliest,
        "send_by": one.send_by,
        "act_by": one.act_by,
        "amount": one.amount,
        "currency": one.currency,
        "state": OccurrenceState.BLOCKED if one.blocked else OccurrenceState.PLANNED,
        "expected": one.expected,
        "blocked_on": one.blocked_on,
        "derivation": one.derivation,
        "waits_for": list(one.waits_for),
    }


def _change(row: OccurrenceRow, one: PlannedOccurrence, today: dt.date, now: dt.datetime) -> None:
    """Write what is planned now over what was; a change that people see makes a new version."""
    before = tuple(getattr(row, name) for name in _SHOWN), row.state
    if one.closed is not None:
        if row.state.open:
            row.missed = row.missed or _passed(row, one, today)
            _close(row, one.closed, one.closed_reason or "", now)
            if one.proof is not None:
                row.proof = one.proof.model_dump(mode="json", exclude_none=True)
            row.done_on = one.due if one.closed is OccurrenceState.DONE and one.proof is None else row.done_on
        return
    for name, value in _columns(one).items():
        setattr(row, name, value)
    row.closed_at = row.closed_by = row.closed_reason = None
    if (tuple(getattr(row, name) for name in _SHOWN), row.state) != before:
        row.version += 1
        row.updated_at = now


def _passed(row: OccurrenceRow, one: PlannedOccurrence, today: dt.date) -> bool:
    """Whether an occurrence that is done away with was open when its day had passed: nobody acted."""
    if row.state is not OccurrenceState.PLANNED or row.act_by is None or row.act_by >= today:
        return False
    return one.closed is OccurrenceState.SUPERSEDED


def _close(row: OccurrenceRow, state: OccurrenceState, reason: str, now: dt.datetime, by: str = PROGRAM) -> None:
    row.state, row.closed_reason, row.closed_by, row.closed_at = state, reason, by, now
    row.version += 1
    row.updated_at = now


def _assign(
    row: OccurrenceRow,
    one: PlannedOccurrence | None,
    contract: TrackedContract,
    context: Context,
    directory: Directory,
    now: dt.datetime,
) -> None:
    """Give it an owner by the rules, unless a person chose one; whoever left is followed to their successor."""
    chosen = row.owner_id if row.owner_fixed else one.owner if one else None
    found = assign(context.policies.owners, directory, case_of(contract, row.kind), contract.settings, chosen)
    if found.owner_id != row.owner_id:
        if row.owner_id:
            row.version += 1
            row.updated_at = now
        row.owner_id = found.owner_id
    row.routed_by = found.why
    if one is not None and one.ladder is not None:
        row.ladder = list(one.ladder)


def _entered(session: Session, contract: TrackedContract) -> tuple[TrackedMilestone, ...]:
    return tuple(
        TrackedMilestone(key=row.id, kind=row.kind, title=row.title, date=row.due, owner=row.owner_id)
        for row in entered_deadlines(session, [contract.id]).get(contract.id, ())
    )


def _reviews(
    contract: TrackedContract, context: Context, row: TrackedContractRow, term: Term, status: ContractStatus
) -> tuple[TrackedMilestone, ...]:
    """The reviews that policy asks for, of a contract in force."""
    if status not in _IN_FORCE:
        return ()
    case = case_of(contract, MilestoneKind.REVIEW)
    rule = next((one for one in context.policies.reviews.reviews if one.when.fits(case)), None)
    if rule is None:
        return ()
    start = getattr(term.rolling, "start", None) or row.since
    return (_review(contract, rule, start),)


def _review(contract: TrackedContract, rule: ReviewRule, start: dt.date) -> TrackedMilestone:
    months = _MONTHS[rule.every]
    first = Shift(base=Fixed(date=start), period=Period(count=months, unit=Unit.MONTH), direction=Direction.AFTER)
    return TrackedMilestone(
        key=f"{contract.id}:review",
        kind=MilestoneKind.REVIEW,
        title=rule.title,
        # By the day of the start: what begins on the 31st comes on the last of each month, and does not drift.
        expr=Recurring(rrule=f"FREQ=MONTHLY;INTERVAL={months};BYMONTHDAY={start.day}", start=first),
        derivation=f"policy: {rule.name}, {rule.every} from {date_words(start)}",
    )


def _describe(
    row: TrackedContractRow,
    contract: TrackedContract,
    fingerprint: str,
    status: ContractStatus,
    missing: str | None,
    cycle: Cycle | None,
    now: dt.datetime,
) -> None:
    settings = contract.settings
    columns: Mapping[str, Any] = {
        "title": contract.title,
        "counterparty": contract.counterparty,
        "contract_type": contract.contract_type,
        "value": contract.value.value if contract.value else None,
        "currency": contract.value.currency if contract.value else None,
        "department": settings.department,
        "risk": settings.risk,
        "stage": settings.stage,
        "owner_id": settings.owner,
        "ladders": {kind: list(ladder) for kind, ladder in settings.ladders.items()},
        "terminated_on": settings.terminated_on,
        "fingerprint": fingerprint,
        "status": status,
        "missing": missing,
        "cycle": cycle.number if cycle else None,
        "term_start": cycle.start if cycle else None,
        "term_end": cycle.end if cycle else None,
        "updated_at": now,
    }
    for name, value in columns.items():
        setattr(row, name, value)


def _next_check(
    planned: Sequence[PlannedOccurrence], changes_on: dt.date | None, today: dt.date, happenings: frozenset[str]
) -> dt.date:
    """The next day on which planning gives something else although nothing was decided."""
    day = dt.timedelta(days=1)
    days = [today + _CHECK_EVERY * day]
    if changes_on is not None:
        days.append(changes_on)
    for one in planned:
        if one.due is None or one.closed is not None:
            continue
        if one.expected:
            # It moves with what it waits for on every day that is late.
            days += [max(first.due or today, today) + day for first in planned if first.key in one.waits_for]
        elif one.kind in happenings and one.due >= today:
            days.append(one.due + day)
    return min(days)


def _fingerprint(contract: TrackedContract, context: Context) -> str:
    parts = (contract.model_dump_json(), context.policies.version, context.conventions.model_dump_json())
    return hashlib.sha256("\x1f".join((*parts, context.calendar.name)).encode("utf-8", "surrogatepass")).hexdigest()[
        :32
    ]
