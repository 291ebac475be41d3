"""A contract as it stands: what was read, with what people decided and supplied, and the dates that follow.

The machine's values stay as they are in the store. Here they are put together with the human ones and resolved by the
date algebra, as often as somebody asks: for a preview, after a decision, when a fact is supplied.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.business import WEEKENDS_ONLY, BusinessCalendar
from models.contract import Milestone, Term, TermField, TermState
from models.contract_resolution import contract_resolver, resolve_contract
from models.dateexpr import Anchor, AnchorName
from models.decision import ItemState, ItemSubject
from models.resolution import Blocked, Conventions, Fact
from models.resolve import Resolver
from review.errors import NotFound
from store.confirmed import fact_of
from store.review_tables import ReviewItem, SuppliedFact
from store.reviewing import due_of
from store.rows import milestone_of, term_of
from store.tables import Contract, MilestoneRow, TermRow


class Reckoning(NamedTuple):
    """How dates are computed in this installation."""

    calendar: BusinessCalendar = WEEKENDS_ONLY
    conventions: Conventions = Conventions()


PLAIN = Reckoning()
"""Weekends are no business days, and a term ends on its anniversary."""


@dataclass(frozen=True)
class Standing:
    """The terms and milestones of a contract that count now, by the ids of their items, and the supplied facts.

    ``machine`` is what was last read, of every item; ``values`` what counts: a person's value where there is one. What
    was rejected does not count: such a term is taken as not stated, such a milestone is left out.
    """

    contract: Contract
    items: Mapping[str, ReviewItem]
    machine: Mapping[str, Term | Milestone]
    values: Mapping[str, Term | Milestone]
    facts: Mapping[str, Fact]
    versions: Mapping[str, int]
    """Of the machine's rows, by the ids of the items."""
    unlisted: tuple[Term, ...] = ()
    """Terms without an item of their own: nothing was found, and nothing hangs on them."""

    def value(self, item_id: str) -> Term | Milestone | None:
        """What counts for an item, else what was read."""
        return self.values.get(item_id) or self.machine.get(item_id)

    def with_value(self, item_id: str, value: Term | Milestone | None) -> "Standing":
        """The same with one value in place of another; without it where None."""
        values = {key: kept for key, kept in self.values.items() if key != item_id}
        if value is not None:
            values[item_id] = value
        return replace(self, values=values)

    def with_fact(self, key: str, fact: Fact | None) -> "Standing":
        """The same with a supplied fact; without it where None."""
        facts = {name: kept for name, kept in self.facts.items() if name != key}
        if fact is not None:
            facts[key] = fact
        return replace(self, facts=facts)

    @property
    def terms(self) -> tuple[Term, ...]:
        """All terms that count."""
        return (*(value for value in self.values.values() if isinstance(value, Term)), *self.unlisted)

    def resolver(self, using: Reckoning) -> Resolver:
        """Resolves what hangs on this contract."""
        return contract_resolver(self.terms, using.calendar, using.conventions, self.facts)


@dataclass(frozen=True)
class Waiting:
    """A fact that is not known, and the items that wait for it."""

    anchor: str
    words: str
    item_ids: tuple[str, ...] = field(default=())


def load_contract(session: Session, contract_id: str, *, lock: bool = False) -> Contract:
    """The contract; ``lock`` makes others who change its dates wait. Raises ``NotFound``."""
    statement = select(Contract).where(Contract.id == contract_id)
    if lock:
        statement = statement.with_for_update()  # SQLite has locked the whole database already
    contract = session.exec(statement.execution_options(populate_existing=True)).first()
    if contract is None:
        raise NotFound("There is no such contract.")
    return contract


def load_standing(session: Session, contract: Contract, only: ReviewItem | None = None) -> Standing:
    """A contract as it stands; with ``only`` no more of it than the dates of that item hang on.

    Milestones hang on terms and facts, not on each other. What hangs on a term is all the rest.
    """
    of_contract = select(ReviewItem).where(ReviewItem.contract_id == contract.id)
    of_milestones = select(MilestoneRow).where(MilestoneRow.contract_id == contract.id)
    if only is not None and only.subject is not ItemSubject.TERM:
        of_contract = of_contract.where((col(ReviewItem.subject) == ItemSubject.TERM) | (col(ReviewItem.id) == only.id))
        of_milestones = of_milestones.where(col(MilestoneRow.key) == only.milestone_key)
    items = {item.id: item for item in session.exec(of_contract.execution_options(populate_existing=True))}
    terms = {row.field: row for row in session.exec(select(TermRow).where(TermRow.contract_id == contract.id))}
    milestones = {row.key: row for row in session.exec(of_milestones)}
    machine: dict[str, Term | Milestone] = {}
    values: dict[str, Term | Milestone] = {}
    versions: dict[str, int] = {}
    for item in items.values():
        read: Term | Milestone | None = None
        if item.term_field is not None and (term := terms.pop(item.term_field, None)) is not None:
            read, versions[item.id] = term_of(term), term.version
        elif item.milestone_key is not None and (row := milestones.get(item.milestone_key)) is not None:
            read, versions[item.id] = milestone_of(row), row.version
        if read is not None:
            machine[item.id] = read
        if (counts := counting_value(item, read)) is not None:
            values[item.id] = counts
    unlisted = tuple(term_of(row) for row in terms.values())
    return Standing(contract, items, machine, values, facts_of(session, contract.id), versions, unlisted)


def counting_value(item: ReviewItem, read: Term | Milestone | None) -> Term | Milestone | None:
    """What counts of an item: a confirmed value, else what was read; None where it was rejected."""
    if item.state.confirmed and item.human_value is not None:
        return human_value(item)
    if item.state is ItemState.REJECTED:
        # What a person rejected is not stated in the contract: nothing may hang on it.
        return _absent(item.term_field) if item.term_field is not None else None
    return None if item.state is ItemState.SUPERSEDED else read


def human_value(item: ReviewItem) -> Term | Milestone | None:
    """What a person decided, or proposed where a second one is still to agree."""
    if item.human_value is None:
        return None
    if item.subject is ItemSubject.TERM:
        return Term.model_validate(item.human_value)
    return Milestone.model_validate(item.human_value)


def facts_of(session: Session, contract_id: str) -> dict[str, Fact]:
    """The facts that people supplied, by ``Anchor.key``."""
    holding = select(SuppliedFact).where(
        SuppliedFact.contract_id == contract_id, col(SuppliedFact.withdrawn_at).is_(None)
    )
    return {row.anchor: fact_of(row) for row in session.exec(holding)}


def resolved(standing: Standing, using: Reckoning, as_of: dt.date | None = None) -> dict[str, Term | Milestone]:
    """Every value that counts with its dates, by the ids of the items."""
    ids = list(standing.values)
    term_ids = [id_ for id_ in ids if isinstance(standing.values[id_], Term)]
    milestone_ids = [id_ for id_ in ids if isinstance(standing.values[id_], Milestone)]
    terms = tuple(value for id_ in term_ids if isinstance(value := standing.values[id_], Term))
    milestones = tuple(value for id_ in milestone_ids if isinstance(value := standing.values[id_], Milestone))
    all_terms, dated = resolve_contract(
        (*terms, *standing.unlisted), milestones, using.calendar, using.conventions, standing.facts, as_of
    )
    return {**dict(zip(term_ids, all_terms, strict=False)), **dict(zip(milestone_ids, dated, strict=True))}


def shown(standing: Standing, item: ReviewItem, using: Reckoning) -> Term | Milestone | None:
    """The value of an item with its dates as things stand; what was rejected as it was read.

    What a person confirmed is as they confirmed it, and moves only when somebody decides what it hangs on.
    """
    if item.state.confirmed and (confirmed := human_value(item)) is not None:
        return confirmed
    value = resolved(standing, using).get(item.id) if item.id in standing.values else None
    if item.state.open and (proposal := human_value(item)) is not None:
        return proposal
    return standing.machine.get(item.id) if item.state is ItemState.REJECTED or value is None else value


def waiting(standing: Standing, using: Reckoning) -> list[Waiting]:
    """The facts that are not known, those first for which most items wait."""
    resolver = standing.resolver(using)
    found: dict[str, tuple[str, list[str]]] = {}
    for item_id, value in standing.values.items():
        if value.expr is None:
            continue
        outcome = resolver.resolve(value.expr)
        if isinstance(outcome, Blocked):
            for key, words in zip(outcome.on, outcome.missing or outcome.on, strict=False):
                found.setdefault(key, (words, []))[1].append(item_id)
    ordered = sorted(found.items(), key=lambda entry: (-len(entry[1][1]), entry[0]))
    return [Waiting(key, words, tuple(ids)) for key, (words, ids) in ordered]


def anchor_of(key: str) -> Anchor | None:
    """The anchor that a key names, None if it names none."""
    if key.startswith("event:"):
        words = key.removeprefix("event:").strip()
        return Anchor(name=AnchorName.EVENT, event=words) if words else None
    if key in set(AnchorName) - {AnchorName.EVENT}:
        return Anchor(name=AnchorName(key))
    return None


def same_dates(one: Term | Milestone, other: Term | Milestone) -> bool:
    """Whether two values fall due on the same days, and wait for the same."""
    if due_of(one) != due_of(other) or one.blocked_on != other.blocked_on:
        return False
    if isinstance(one, Milestone) and isinstance(other, Milestone):
        return (one.date, one.earliest, one.latest) == (other.date, other.earliest, other.latest)
    return True


def _absent(field_: TermField) -> Term:
    return Term(field=field_, state=TermState.ABSENT, confidence=1.0)
