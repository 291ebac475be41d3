"""One clause, many contracts: what says the same in the same words is decided once, and undone as one.

Identical passages (the same words, whatever their case, spacing and punctuation) form a group. Near-identical ones
(the same numbers, units and negations, in nearly the same words: another party's name) are shown beside them with what
differs; they are decided with the group only if the person says so. Each item keeps its own row of the audit trail.
"""

import datetime as dt
from collections.abc import Sequence
from difflib import SequenceMatcher
from typing import NamedTuple

from rapidfuzz import fuzz
from sqlalchemy import ColumnElement, func
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.actor import Actor
from models.clause_identity import clause_words
from models.decision import Action, Change, ItemState
from review.deciding import accept, correct, reject
from review.errors import Invalid, NotFound, StaleVersion
from review.resolving import PLAIN, Reckoning
from store import identity
from store.review_queue import Listed, spread
from store.review_tables import ReviewItem
from store.reviewing import answer_of, find_item
from store.rows import milestone_of, term_of
from store.tables import Contract, MilestoneRow, TermRow

LIKE = 85.0
"""Likeness in per cent of the words from which on two passages of one shape are near-identical."""

MOST = 200
"""Items decided in one go: other writers wait meanwhile."""

_CANDIDATES = 1_000
_SHOWN_WORDS = 12


class Group(NamedTuple):
    """A clause that stands in several contracts: how many items wait, in how many contracts."""

    clause: str
    kind: str
    title: str
    quote: str
    items: int
    contracts: int


class Member(NamedTuple):
    """An item of a group, with its contract. ``version`` is what a decision on it must name.

    ``same_answer``: whether the program read the same out of it as out of the group's first item. ``likeness`` is 100
    for the identical; ``differs`` tells the words that do not match.
    """

    item: ReviewItem
    contract: Contract
    same_answer: bool
    likeness: float = 100.0
    differs: str = ""


class Members(NamedTuple):
    """The items of one clause that wait to be decided, and those that nearly say the same."""

    identical: list[Member]
    near: list[Member]


class Choice(NamedTuple):
    """An item to be decided with its group, in the version that the person saw."""

    item_id: str
    version: int


class Decided(NamedTuple):
    """What was decided together; undone by ``bulk_id``."""

    bulk_id: str
    items: list[ReviewItem]


def groups(
    session: Session, *, kind: str | None = None, fewest: int = 2, limit: int = 50, offset: int = 0
) -> list[Group]:
    """The clauses that wait in at least ``fewest`` contracts, the most frequent first."""
    clause, items = col(ReviewItem.clause_hash), func.count()
    contracts = func.count(func.distinct(col(ReviewItem.contract_id)))
    conditions: list[ColumnElement[bool]] = [
        spread(ReviewItem.state) == ItemState.PENDING,
        clause.is_not(None),
    ]
    if kind is not None:
        conditions.append(col(ReviewItem.kind) == kind)
    largest = (
        # In the order of the index each clause's items stand together: nothing need be sorted, or kept in mind.
        columns(clause, items, contracts)
        .where(*conditions)
        .group_by(clause)
        .having(contracts >= fewest)
        .order_by(items.desc(), clause)
        .limit(limit)
        .offset(offset)
    )
    rows = session.execute(largest).tuples().all()
    first = (
        columns(clause, func.min(col(ReviewItem.id)))
        .where(*conditions, clause.in_([row[0] for row in rows]))
        .group_by(clause)
        .subquery()
    )
    shown = session.exec(select(ReviewItem).join(first, col(ReviewItem.id) == first.c[1]))
    firsts = {item.clause_hash: item for item in shown}
    return [
        Group(hashed, firsts[hashed].kind, firsts[hashed].title, firsts[hashed].quote, count, several)
        for hashed, count, several in rows
        if hashed is not None
    ]


def group_size(session: Session, item: ReviewItem) -> int:
    """How many items wait that say the same as this one, itself included if it waits."""
    if item.clause_hash is None:
        return 0
    counted = select(func.count()).where(
        col(ReviewItem.clause_hash) == item.clause_hash, col(ReviewItem.state) == ItemState.PENDING
    )
    return session.exec(counted).one()


def members(session: Session, clause: str, *, limit: int = MOST) -> Members:
    """The items that wait in a group: identical ones, and near-identical ones. Raises ``NotFound``."""
    identical = _waiting(session, col(ReviewItem.clause_hash) == clause, limit)
    if not identical:
        raise NotFound("Nothing waits any more that says this.")
    first = identical[0].item
    near: list[tuple[Listed, float, str]] = []
    if first.clause_shape is not None:
        same_shape = (col(ReviewItem.clause_shape) == first.clause_shape) & (col(ReviewItem.clause_hash) != clause)
        wanted = clause_words(first.quote)
        for listed in _waiting(session, same_shape, _CANDIDATES):
            words = clause_words(listed.item.quote)
            likeness = fuzz.ratio(wanted, words)
            if likeness >= LIKE:
                near.append((listed, round(likeness, 1), _differences(wanted, words)))
    near.sort(key=lambda found: (-found[1], found[0].item.id))
    kept = near[:limit]
    answers = _answers(session, [*(one.item for one in identical), *(one[0].item for one in kept)])
    said = answers.get(first.id)
    return Members(
        [Member(one.item, one.contract, answers.get(one.item.id) == said) for one in identical],
        [
            Member(one.item, one.contract, answers.get(one.item.id) == said, likeness, differs)
            for one, likeness, differs in kept
        ],
    )


def decide_group(
    session: Session,
    action: Action,
    choices: Sequence[Choice],
    actor: Actor,
    now: dt.datetime,
    *,
    change: Change | None = None,
    reason: str | None = None,
    using: Reckoning = PLAIN,
) -> Decided:
    """Decide all of the chosen items alike: each its own row of the audit, all with one ``bulk_id``.

    All or none: ``StaleVersion`` names the first that a colleague changed. Raises ``Invalid`` for items that do not say
    the same, or are more than ``MOST``.
    """
    if not choices:
        raise Invalid("Choose at least one item.", "items")
    if len(choices) > MOST:
        raise Invalid(f"Decide at most {MOST} at a time.", "items")
    if len({choice.item_id for choice in choices}) < len(choices):
        raise Invalid("An item is named twice.", "items")
    _refuse_others(session, choices)
    named = "\x1f".join(sorted(f"{choice.item_id} {choice.version}" for choice in choices))
    bulk_id = identity.derive("bulk", actor.id, now.isoformat(), named)
    return Decided(
        bulk_id, [_decide(session, action, one, actor, now, change, reason, using, bulk_id) for one in choices]
    )


def _decide(
    session: Session,
    action: Action,
    choice: Choice,
    actor: Actor,
    now: dt.datetime,
    change: Change | None,
    reason: str | None,
    using: Reckoning,
    bulk_id: str,
) -> ReviewItem:
    """One item of a group, in the version that was seen, or moved on since by another of the group."""
    id_, version = choice
    match action:
        case Action.ACCEPT:
            return accept(session, id_, version, actor, now, using=using, reason=reason, bulk_id=bulk_id)
        case Action.REJECT:
            return reject(session, id_, version, actor, now, using=using, reason=reason or "", bulk_id=bulk_id)
        case Action.CORRECT if change is not None:
            return correct(session, id_, version, actor, now, change, using=using, reason=reason, bulk_id=bulk_id)
    raise Invalid("A group is accepted, rejected, or corrected with a change.", "action")


def _refuse_others(session: Session, choices: Sequence[Choice]) -> None:
    """Only what says the same may be decided alike, and only as it was seen."""
    found = [(choice, find_item(session, choice.item_id)) for choice in choices]
    shapes: set[str | None] = set()
    hashes: set[str | None] = set()
    for choice, item in found:
        if item is None:
            raise NotFound("There is no such item.")
        if item.version != choice.version:
            raise StaleVersion(item)
        shapes.add(item.clause_shape)
        hashes.add(item.clause_hash)
    alike = (len(shapes) == 1 and None not in shapes) or (len(hashes) == 1 and None not in hashes)
    if not alike and len(choices) > 1:
        raise Invalid("These passages do not say the same. Decide them one by one.", "items")


def _waiting(session: Session, condition: ColumnElement[bool], limit: int) -> list[Listed]:
    statement = (
        select(ReviewItem, Contract)
        .join(Contract, col(Contract.id) == col(ReviewItem.contract_id))
        .where(condition, col(ReviewItem.state) == ItemState.PENDING)
        # By contract: in that order decisions lock them, so that two groups never wait for each other.
        .order_by(col(ReviewItem.contract_id), col(ReviewItem.id))
        .limit(limit)
    )
    return [Listed(item, contract) for item, contract in session.exec(statement)]


def _answers(session: Session, items: Sequence[ReviewItem]) -> dict[str, str]:
    """What the program read out of each item, by its id."""
    answers: dict[str, str] = {}
    by_key = {item.milestone_key: item.id for item in items if item.milestone_key is not None}
    for row in session.exec(select(MilestoneRow).where(col(MilestoneRow.key).in_(by_key))):
        answers[by_key[row.key]] = answer_of(milestone_of(row))
    by_term = {(item.contract_id, item.term_field): item.id for item in items if item.term_field is not None}
    if by_term:
        contracts = {contract_id for contract_id, _ in by_term}
        fields = {field for _, field in by_term}
        statement = select(TermRow).where(col(TermRow.contract_id).in_(contracts), col(TermRow.field).in_(fields))
        for term in session.exec(statement):
            if (id_ := by_term.get((term.contract_id, term.field))) is not None:
                answers[id_] = answer_of(term_of(term))
    return answers


def _differences(wanted: list[str], words: list[str]) -> str:
    """The words that differ: ``supplier → licensor``."""
    parts = []
    for tag, a, b, c, d in SequenceMatcher(a=wanted, b=words, autojunk=False).get_opcodes():
        if tag != "equal":
            parts.append(
                f"{' '.join(wanted[a:b][:_SHOWN_WORDS]) or '∅'} → {' '.join(words[c:d][:_SHOWN_WORDS]) or '∅'}"
            )
    return "; ".join(parts)
