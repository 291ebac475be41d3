"""What governs as of a date: the terms and milestones of a contract family, each with the document it comes from.

A view, never a fact: it is computed from what every document of the family says and from what the later ones do to
the earlier. A restatement replaces all before it; a statement of work keeps its own term beside the master's; a
document, or a single change in it, that is not in effect yet does not govern. Where documents disagree the view says
so and keeps what governed before; it never decides.
"""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from models.base import Value
from models.business import WEEKENDS_ONLY, BusinessCalendar
from models.contract import Milestone, MilestoneKind, Outcome
from models.contract_resolution import contract_resolver, notice_expr, resolve_contract
from models.dateexpr import Fixed
from models.family import CHANGES_NOTHING, OWN_TERM, FamilyRole, Operation, OperationKind, own_role
from models.operating import Change, Conflict, Held, HeldMilestone, State, apply, outside_operations
from models.resolution import Conventions, Resolved
from models.successors import says_again
from models.term import Term, TermField, TermState

_OF_THE_TERM = frozenset(
    {MilestoneKind.EFFECTIVE, MilestoneKind.EXPIRATION, MilestoneKind.RENEWAL, MilestoneKind.NOTICE}
)
"""Kinds that follow from the terms: an amendment's own begin and end are not the contract's."""


class Member(Value):
    """A document of a family, by the caller's key, with what was read from it. ``role`` is the confirmed one."""

    key: str
    role: FamilyRole = FamilyRole.MASTER
    number: int | None = None
    terms: tuple[Term, ...] = ()
    milestones: tuple[Milestone, ...] = ()
    operations: tuple[Operation, ...] = ()

    @classmethod
    def of(cls, key: str, outcome: Outcome, role: FamilyRole | None = None, number: int | None = None) -> "Member":
        """The member a document is, in the role it gives itself unless another is given."""
        said = outcome.amends[0] if outcome.amends else None
        return cls(
            key=key,
            role=role or own_role(outcome.amends),
            number=number if number is not None else (said.number if said else None),
            terms=outcome.terms,
            milestones=outcome.milestones,
            operations=outcome.operations,
        )

    @property
    def effective(self) -> dt.date | None:
        """The day from which the document has effect; None where it is not known."""
        restating = (one.since for one in self.operations if one.kind is OperationKind.RESTATE)
        if self.role is FamilyRole.RESTATEMENT and (since := next((day for day in restating if day), None)):
            return since
        ends = {given.date for one in self.operations for given in (pair.new for pair in one.exchanges) if given}
        dates = {
            term.field: term.date
            for term in self.terms
            if term.date and not (term.field is TermField.EFFECTIVE_DATE and term.date in ends)
        }
        return dates.get(TermField.EFFECTIVE_DATE) or dates.get(TermField.AGREEMENT_DATE)


class GoverningTerm(Value):
    """A term as it stands, and the document that governs it; None for what no document states."""

    field: TermField
    term: Term
    document: str | None


class GoverningMilestone(Value):
    """A milestone as it stands, and the document that governs it.

    ``read_in`` is the document that first stated it; ``section`` the clause where an amendment put or changed it.
    """

    milestone: Milestone
    document: str
    read_in: str
    section: str | None = None


class OwnTerm(Value):
    """A document that keeps its own term beside the master's: what it says for itself."""

    document: str
    role: FamilyRole
    terms: tuple[Term, ...]
    milestones: tuple[Milestone, ...]


class Governing(Value):
    """What governs as of ``as_of``.

    ``changes`` are the operations in effect by then, in their order, with what each moved. ``pending`` are documents
    that are not in effect yet, or have a change that is not; ``undated`` are those of which nobody can say, and that do
    not govern.
    """

    as_of: dt.date
    base: str | None = None
    """The master or the restatement that the others change."""
    terms: tuple[GoverningTerm, ...] = ()
    milestones: tuple[GoverningMilestone, ...] = ()
    changes: tuple[Change, ...] = ()
    conflicts: tuple[Conflict, ...] = ()
    beside: tuple[OwnTerm, ...] = ()
    pending: tuple[str, ...] = ()
    undated: tuple[str, ...] = ()
    notice_deadline: dt.date | None = None
    """Last day for the notice that stops the renewal of the initial term."""

    def term(self, field: TermField) -> GoverningTerm | None:
        """The term of that name; None where no document governs yet."""
        return next((one for one in self.terms if one.field is field), None)


class _Step(NamedTuple):
    """An operation, or (None) the rest of what a document says, on the day it takes effect."""

    since: dt.date
    number: int
    member: Member
    operation: Operation | None


def governing(
    members: Sequence[Member],
    as_of: dt.date,
    calendar: BusinessCalendar = WEEKENDS_ONLY,
    conventions: Conventions | None = None,
) -> Governing:
    """The terms and milestones of the family as of ``as_of``, each with the document that governs it."""
    undated = tuple(one.key for one in members if one.effective is None and one.role is not FamilyRole.RELATED)
    dated = [(one, day) for one in members if (day := one.effective) is not None]
    bases = [(one, day) for one, day in dated if one.role in (FamilyRole.MASTER, FamilyRole.RESTATEMENT)]
    in_effect = [(day, one.role is FamilyRole.RESTATEMENT, one) for one, day in bases if day <= as_of]
    steps = _steps(dated, max((day for day, restates, _ in in_effect if restates), default=None))
    beside = tuple(
        OwnTerm(document=one.key, role=one.role, terms=one.terms, milestones=one.milestones)
        for one, day in dated
        if one.role in OWN_TERM - {FamilyRole.RELATED} and day <= as_of
    )
    pending = [one.key for one, day in dated if day > as_of and one.role is not FamilyRole.RELATED]
    pending += [step.member.key for step in steps if not _begun(step, as_of)]
    common = {"as_of": as_of, "beside": beside, "pending": tuple(dict.fromkeys(pending)), "undated": undated}
    if not in_effect:
        return Governing.model_validate(common)
    base = max(in_effect, key=lambda one: one[:2])[2]
    rivals = [one.key for day, restates, one in in_effect if not restates and one is not base]
    state = _state_of(base)
    if base.role is FamilyRole.MASTER and rivals:
        message = "Several documents are the agreement itself; the latest is shown."
        state.conflicts.append(Conflict(documents=(base.key, *rivals), message=message))
    for step in steps:
        if not _begun(step, as_of):
            continue
        if step.operation is None:
            _add_rest(state, step.member)
        else:
            apply(state, step.operation, step.member.key, step.member.milestones, step.since)
    return _view(state, base, common, calendar, conventions)


def _begun(step: _Step, as_of: dt.date) -> bool:
    """A part that ends with a day is still there on it; everything else begins with its day."""
    if step.operation and step.operation.kind is OperationKind.TERMINATE_PART:
        return step.since < as_of
    return step.since <= as_of


def _steps(dated: Sequence[tuple[Member, dt.date]], restated: dt.date | None) -> list[_Step]:
    """What the changing documents do, in the order it takes effect; nothing older than the restatement."""
    steps = []
    for member, day in dated:
        if member.role in OWN_TERM or member.role in (FamilyRole.MASTER, FamilyRole.RESTATEMENT):
            continue
        if restated and day < restated:
            continue
        steps.append(_Step(day, member.number or 0, member, None))
        steps += [
            _Step(max(day, one.since) if one.since else day, member.number or 0, member, one)
            for one in member.operations
            if one.kind not in CHANGES_NOTHING
        ]
    return sorted(steps, key=lambda step: (step.since, step.number))


def _state_of(base: Member) -> State:
    terms = {term.field: Held(term, base.key) for term in base.terms}
    effective = terms.get(TermField.EFFECTIVE_DATE)
    restating = next((one for one in base.operations if one.kind is OperationKind.RESTATE and one.since), None)
    if base.role is FamilyRole.RESTATEMENT and restating and restating.since and not (effective and effective.known):
        term = Term(
            field=TermField.EFFECTIVE_DATE,
            state=TermState.FOUND,
            confidence=restating.confidence,
            expr=Fixed(date=restating.since),
            date=restating.since,
            evidence=restating.evidence[:1],
            rule=restating.rule,
        )
        terms[TermField.EFFECTIVE_DATE] = Held(term, base.key)
    return State(terms, [HeldMilestone(one, base.key, base.key) for one in base.milestones], [], [])


def _add_rest(state: State, member: Member) -> None:
    """What a changing document says beside its changes, in its own right: a fee for the change, a report on it."""
    state.milestones += [
        HeldMilestone(one, member.key, member.key)
        for one in outside_operations(member.milestones, member.operations)
        if one.kind not in _OF_THE_TERM and not any(says_again(one, held.milestone) for held in state.milestones)
    ]


def _view(
    state: State,
    base: Member,
    common: dict[str, object],
    calendar: BusinessCalendar,
    conventions: Conventions | None,
) -> Governing:
    terms = tuple(held.term for held in state.terms.values())
    hanging = [one for one in state.milestones if one.read_in == base.key or not _has_date(one.milestone)]
    resolved_terms, resolved = resolve_contract(terms, tuple(one.milestone for one in hanging), calendar, conventions)
    by_place = dict(zip(map(id, hanging), resolved, strict=True))
    deadline = None
    notice = state.terms.get(TermField.NOTICE_PERIOD)
    if notice and notice.term.notice:
        found = contract_resolver(resolved_terms, calendar, conventions).resolve(notice_expr(notice.term.notice))
        deadline = found.latest if isinstance(found, Resolved) else None
    return Governing.model_validate(
        common
        | {
            "base": base.key,
            "terms": tuple(
                GoverningTerm(field=term.field, term=term, document=held.document if held.known else None)
                for term, held in zip(resolved_terms, state.terms.values(), strict=True)
            ),
            "milestones": tuple(
                GoverningMilestone(
                    milestone=by_place.get(id(one), one.milestone),
                    document=one.document,
                    read_in=one.read_in,
                    section=one.section,
                )
                for one in state.milestones
            ),
            "changes": tuple(state.changes),
            "conflicts": tuple(state.conflicts),
            "notice_deadline": deadline,
        }
    )


def _has_date(milestone: Milestone) -> bool:
    return bool(milestone.date or milestone.earliest or milestone.latest)
