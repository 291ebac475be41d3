"""Operations of an amendment, applied to what governed until then.

Words are exchanged in whatever was read from them: the term or the milestone that stands in that clause and has that
value. What an operation moves, and that nothing was found for it to move, is kept as a ``Change``.
"""

import datetime as dt
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from typing import Any

from models.base import Value
from models.contract import Milestone, MilestoneKind
from models.dateexpr import Anchor, AnchorName, DateExpr, Fixed, Shift, TermEnd, Window, Within
from models.evidence import Evidence
from models.family import PART, Exchange, Operation, OperationKind, Stated
from models.period import Direction, Period
from models.successors import predecessors, says_again
from models.term import Term, TermField, TermState


class TermMove(Value):
    """A term before and after; None where there was, or is, none."""

    field: TermField
    old: Term | None
    new: Term | None


class MilestoneMove(Value):
    """A milestone before and after; None for one that is new, or that falls away."""

    old: Milestone | None
    new: Milestone | None


class Change(Value):
    """What one operation of one document did. One that moved nothing changes words that no term was read from."""

    document: str
    operation: Operation
    since: dt.date
    terms: tuple[TermMove, ...] = ()
    milestones: tuple[MilestoneMove, ...] = ()

    @property
    def moves(self) -> bool:
        """Whether any term or milestone that is known moves by it."""
        return bool(self.terms or self.milestones)


class Conflict(Value):
    """Documents that do not agree, for a person to decide."""

    field: TermField | None = None
    documents: tuple[str, ...]
    message: str


@dataclass(frozen=True)
class Held:
    """A term that governs: by which document, and in which clause, where an amendment says so."""

    term: Term
    document: str
    section: str | None = None

    @property
    def known(self) -> bool:
        """Whether the document states it at all."""
        return self.term.state is not TermState.ABSENT


@dataclass(frozen=True)
class HeldMilestone:
    """A milestone that governs: by which document, in which clause, and in which document it was first read."""

    milestone: Milestone
    document: str
    read_in: str
    section: str | None = None


@dataclass
class State:
    """What governs while the operations are applied one after another."""

    terms: dict[TermField, Held]
    milestones: list[HeldMilestone]
    changes: list[Change]
    conflicts: list[Conflict]


def apply(state: State, operation: Operation, document: str, own: Sequence[Milestone], since: dt.date) -> None:
    """Applies one operation of ``document``, whose own milestones are ``own``, and notes what it moved."""
    work = _Work(state, operation, document, own, [], [])
    _APPLY.get(operation.kind, _nothing)(work)
    state.changes.append(
        Change(
            document=document,
            operation=operation,
            since=since,
            terms=tuple(work.terms),
            milestones=tuple(work.milestones),
        )
    )


def outside_operations(milestones: Sequence[Milestone], operations: Sequence[Operation]) -> list[Milestone]:
    """The milestones of a changing document that stand in none of its operations, nor in an attachment they put in."""
    return [
        one
        for one in milestones
        if not any(_belongs(one, operation) for operation in operations if operation.kind is not OperationKind.CONFIRM)
    ]


@dataclass
class _Work:
    state: State
    operation: Operation
    document: str
    own: Sequence[Milestone]
    terms: list[TermMove]
    milestones: list[MilestoneMove]

    def set_term(self, term: Term) -> None:
        held = self.state.terms.get(term.field)
        self.state.terms[term.field] = Held(term, self.document, self.operation.section)
        self.terms.append(TermMove(field=term.field, old=held.term if held and held.known else None, new=term))

    def drop_term(self, field: TermField) -> None:
        held = self.state.terms[field]
        gone = Term(field=field, state=TermState.ABSENT, confidence=self.operation.confidence)
        self.state.terms[field] = Held(gone, self.document, self.operation.section)
        self.terms.append(TermMove(field=field, old=held.term, new=None))

    def drop_milestones(self, falls: Callable[[HeldMilestone], bool]) -> None:
        gone = [one for one in self.state.milestones if falls(one)]
        self.state.milestones = [one for one in self.state.milestones if not falls(one)]
        self.milestones += [MilestoneMove(old=one.milestone, new=None) for one in gone]

    def replace_milestones(self, falls: Callable[[HeldMilestone], bool]) -> None:
        """Move what the new text says as well, drop what it leaves out, add what is new in it."""
        gone = [one for one in self.state.milestones if falls(one)]
        own = [one for one in self.own if _belongs(one, self.operation)]
        before = predecessors(own, [one.milestone for one in gone])
        self.state.milestones = [one for one in self.state.milestones if not falls(one)]
        left = [one.milestone for at, one in enumerate(gone) if at not in before]
        self.milestones += [MilestoneMove(old=one, new=None) for one in left]
        for new, at in zip(own, before, strict=True):
            if at is None:
                self._add(new)
                continue
            old = gone[at]
            moved = new.model_copy(update={"evidence": (*new.evidence, *old.milestone.evidence)})
            self.state.milestones.append(HeldMilestone(moved, self.document, old.read_in, self.operation.section))
            self.milestones.append(MilestoneMove(old=old.milestone, new=moved))

    def add_own_milestones(self) -> None:
        for one in self.own:
            if _belongs(one, self.operation):
                self._add(one)

    def _add(self, new: Milestone) -> None:
        if not any(says_again(new, held.milestone) for held in self.state.milestones):
            self.state.milestones.append(HeldMilestone(new, self.document, self.document, self.operation.section))
            self.milestones.append(MilestoneMove(old=None, new=new))


def _nothing(work: _Work) -> None:
    """Told and not spelled out: a person reads it."""


def _exchange_words(work: _Work) -> None:
    for exchange in map(partial(_with_old, work), work.operation.exchanges):
        if exchange.old is None or exchange.new is None:
            continue
        moved = _exchange_in_terms(work, exchange) | _exchange_in_milestones(work, exchange)
        if not moved:
            _note_mismatch(work, exchange)


def _with_old(work: _Work, exchange: Exchange) -> Exchange:
    """Where only the new value is told, with the one value of its kind that was read from that clause."""
    new, section = exchange.new, work.operation.section
    if exchange.old is not None or new is None or section is None:
        return exchange
    known: set[Stated] = set()
    for held in work.state.milestones:
        if _stands_in(held.milestone.evidence, held.section, section):
            amount, offset = held.milestone.amount, held.milestone.offset
            if new.amount and amount and amount.value is not None:
                known.add(Stated(text=amount.text, amount=amount))
            if new.period and offset and held.milestone.kind is MilestoneKind.NOTICE:
                known.add(Stated(text=str(offset), period=offset))
    return Exchange(old=known.pop(), new=new) if len(known) == 1 else exchange


def _exchange_in_terms(work: _Work, exchange: Exchange) -> bool:
    old, new = exchange.old, exchange.new
    if old is None or new is None:
        return False
    found = False
    for held in list(work.state.terms.values()):
        if held.known and _stands_in(held.term.evidence, held.section, work.operation.section):
            changed = _with_value(held.term, old, new)
            if changed is not None:
                evidence = (work.operation.evidence[0], *held.term.evidence)
                update = {"evidence": evidence, "rule": work.operation.rule, "alternatives": (), "derivation": None}
                work.set_term(changed.model_copy(update=update))
                found = True
    return found


def _exchange_in_milestones(work: _Work, exchange: Exchange) -> bool:
    found = False
    for index, held in enumerate(work.state.milestones):
        one = held.milestone
        if not _stands_in(one.evidence, held.section, work.operation.section):
            continue
        changed = _milestone_with(one, exchange)
        if changed is not None:
            evidence = (work.operation.evidence[0], *one.evidence)
            changed = changed.model_copy(update={"evidence": evidence})
            section = held.section or work.operation.section
            work.state.milestones[index] = HeldMilestone(changed, work.document, held.read_in, section)
            work.milestones.append(MilestoneMove(old=one, new=changed))
            found = True
    return found


def _with_value(term: Term, old: Stated, new: Stated) -> Term | None:
    """The term with the words exchanged; None where its value is not the one the words say."""
    update: dict[str, Any] | None = None
    if old.period and new.period:
        if term.notice == old.period:
            update = {"notice": new.period}
        elif term.renewal and term.renewal.period == old.period:
            update = {"renewal": term.renewal.model_copy(update={"period": new.period})}
        elif isinstance(term.expr, TermEnd) and term.expr.period == old.period:
            update = {"expr": term.expr.model_copy(update={"period": new.period}), "date": None}
    elif old.date and new.date and term.date == old.date and isinstance(term.expr, Fixed):
        update = {"expr": Fixed(date=new.date), "date": new.date}
    elif old.amount and new.amount and term.amount and term.amount.value == old.amount.value:
        update = {"amount": new.amount}
    return term.model_copy(update=update) if update else None


def _milestone_with(milestone: Milestone, exchange: Exchange) -> Milestone | None:
    old, new = exchange.old, exchange.new
    if old is None or new is None:
        return None
    update: dict[str, Any] | None = None
    if old.period and new.period and milestone.offset == old.period:
        update = {"offset": new.period}
        if milestone.expr is not None:
            update["expr"] = _with_period(milestone.expr, old.period, new.period)
    elif old.date and new.date and milestone.date == old.date and isinstance(milestone.expr, Fixed):
        update = {"expr": Fixed(date=new.date), "date": new.date}
    elif old.amount and new.amount and milestone.amount and milestone.amount.value == old.amount.value:
        update = {"amount": new.amount}
    if update is None:
        return None
    title = milestone.title.replace(old.text, new.text)
    if old.period and new.period:
        title = re.sub(rf"\b{re.escape(str(old.period))}(?!\w)", str(new.period), title)
    return milestone.model_copy(update=update | {"title": title})


def _with_period(expr: DateExpr, old: Period, new: Period) -> DateExpr:
    """The expression with each length that is ``old`` exchanged."""
    if isinstance(expr, Shift | Within | TermEnd):
        period = new if expr.period == old else expr.period
        if isinstance(expr, TermEnd):
            return expr.model_copy(update={"period": period, "start": _with_period(expr.start, old, new)})
        return expr.model_copy(update={"period": period, "base": _with_period(expr.base, old, new)})
    if isinstance(expr, Window):
        sides = {
            name: None if side is None else _with_period(side, old, new)
            for name, side in (("earliest", expr.earliest), ("latest", expr.latest))
        }
        return expr.model_copy(update=sides)
    return expr


def _note_mismatch(work: _Work, exchange: Exchange) -> None:
    """Words that should be in a clause and are not: what was read from it has another value of that kind."""
    old = exchange.old
    if old is None or work.operation.section is None or old.period is None:
        return
    for held in work.state.terms.values():
        if held.section == work.operation.section and held.term.notice and held.term.notice != old.period:
            message = (
                f'It replaces "{old.text}" in section {work.operation.section}, where {held.term.notice} governs since '
                f"{held.document}."
            )
            work.state.conflicts.append(
                Conflict(field=held.term.field, documents=(held.document, work.document), message=message)
            )


def _replace_clause(work: _Work) -> None:
    operation = work.operation
    section = operation.section
    if section is None:
        return
    given = {term.field for term in operation.terms}
    entire = PART not in operation.flags
    for field, held in list(work.state.terms.items()):
        whole = operation.text and entire and _stands_in(held.term.evidence, held.section, section, exactly=True)
        if held.known and whole and field not in given and field in _READ_FROM_CLAUSES:
            work.drop_term(field)
    for term in operation.terms:
        work.set_term(term)
    if entire:
        work.replace_milestones(lambda one: _stands_in(one.milestone.evidence, one.section, section, exactly=True))
    else:
        work.add_own_milestones()


def _delete(work: _Work) -> None:
    section = work.operation.section
    if section is None or work.operation.what or PART in work.operation.flags:
        return
    for field, held in list(work.state.terms.items()):
        stands = _stands_in(held.term.evidence, held.section, section, exactly=True)
        if held.known and stands and field in _READ_FROM_CLAUSES:
            work.drop_term(field)
    work.drop_milestones(lambda one: _stands_in(one.milestone.evidence, one.section, section, exactly=True))


def _insert(work: _Work) -> None:
    for term in work.operation.terms:
        held = work.state.terms.get(term.field)
        if held is None or not held.known:
            work.set_term(term)
        elif (held.term.notice, held.term.renewal, held.term.expr) != (term.notice, term.renewal, term.expr):
            message = f"It adds a {term.field} without taking out the one that governs since {held.document}."
            work.state.conflicts.append(
                Conflict(field=term.field, documents=(held.document, work.document), message=message)
            )
    work.add_own_milestones()


def _extend(work: _Work) -> None:
    given = next((one.new for one in work.operation.exchanges if one.new), None)
    held = work.state.terms.get(TermField.EXPIRATION_DATE)
    expr: DateExpr | None = None
    if given and given.date:
        expr = Fixed(date=given.date)
    elif given and given.period and held and held.known and held.term.expr is not None:
        expr = Shift(base=held.term.expr, period=given.period, direction=Direction.AFTER)
    if expr is None:
        return
    work.set_term(
        Term(
            field=TermField.EXPIRATION_DATE,
            state=TermState.FOUND,
            confidence=work.operation.confidence,
            expr=expr,
            date=expr.date if isinstance(expr, Fixed) else None,
            evidence=work.operation.evidence,
            rule=work.operation.rule,
        )
    )


def _terminate(work: _Work) -> None:
    """It ends with the day, and renews no more: there is nothing to give notice of."""
    _extend(work)
    for field in _READ_FROM_CLAUSES:
        held = work.state.terms.get(field)
        if held is not None and held.known:
            work.drop_term(field)
    work.drop_milestones(lambda one: one.milestone.kind is MilestoneKind.RENEWAL or _of_renewal(one.milestone))


def _of_renewal(milestone: Milestone) -> bool:
    """A notice counted from the end of the term: against a renewal, or for one."""
    base = milestone.expr.base if isinstance(milestone.expr, Shift | Within) else None
    return milestone.kind is MilestoneKind.NOTICE and isinstance(base, Anchor) and base.name in _ENDS


_ENDS = frozenset({AnchorName.TERM_END, AnchorName.INITIAL_TERM_END})


def _terminate_part(work: _Work) -> None:
    what = (work.operation.what or "").lower()
    if what:
        work.drop_milestones(lambda one: _names(one.milestone, what))
    work.add_own_milestones()


def _names(milestone: Milestone, what: str) -> bool:
    return what in f"{milestone.title}\n{milestone.quote}".lower()


_READ_FROM_CLAUSES = (TermField.RENEWAL_TERM, TermField.NOTICE_PERIOD)
"""Terms that are gone if the clause they were read from is."""
_APPLY: dict[OperationKind, Callable[[_Work], None]] = {
    OperationKind.REPLACE_WORDS: _exchange_words,
    OperationKind.REPLACE_CLAUSE: _replace_clause,
    OperationKind.DELETE: _delete,
    OperationKind.INSERT: _insert,
    OperationKind.EXTEND: _extend,
    OperationKind.RENEW: _extend,
    OperationKind.TERMINATE: _terminate,
    OperationKind.TERMINATE_PART: _terminate_part,
}


def _belongs(milestone: Milestone, operation: Operation) -> bool:
    """Whether a milestone was read from the operation, or from the attachment that it puts in."""
    place = milestone.evidence[0]
    if any(one.start < place.end and place.start < one.end for one in operation.evidence):
        return True
    section = operation.section or ""
    return bool(_ATTACHED.match(section)) and _number(place.section) == _number(section)


def _stands_in(evidence: Sequence[Evidence], own: str | None, section: str | None, *, exactly: bool = False) -> bool:
    """Whether a passage stands in the section. ``own`` is the section where an amendment put it there.

    Readers know the section a passage begins in; one that runs on shows the numbers at the start of its lines. Without
    ``exactly``, the article the section belongs to will do.
    """
    if section is None:
        return not exactly
    if " and " in section:
        return any(_stands_in(evidence, own, part, exactly=exactly) for part in section.split(" and "))
    wanted = _number(section)
    if own is not None:
        return _number(own) == wanted
    if not evidence:
        return False
    place = _number(evidence[0].section)
    if place == wanted or place.startswith((f"{wanted}.", f"{wanted}(")):
        return True
    starts = {_number(found) for found in _LINE_NUMBER.findall(evidence[0].quote)}
    if wanted in starts:
        return True
    return not exactly and not starts - {place} and bool(place) and wanted.startswith((f"{place}.", f"{place}("))


_LINE_NUMBER = re.compile(r"^[ \t]*(?:[Ss]ection |[Cc]lause |SECTION )?(\d{1,3}(?:\.\d{1,3})*)\.?(?=\s)", re.MULTILINE)
_ATTACHED = re.compile(r"^(?:exhibit|schedule|appendix|annex|attachment)\b", re.IGNORECASE)
_KIND_OF_CLAUSE = re.compile(r"^(?:sub-?)?(?:section|clause|article|paragraph|§)s? ?")


def _number(section: str | None) -> str:
    plain = " ".join((section or "").lower().split()).rstrip(".")
    return _KIND_OF_CLAUSE.sub("", plain).replace(" (", "(")
