"""What new readings of contracts change, found out by putting them in and taking them out again.

A preview that were computed beside the real thing would one day differ from it. So a rehearsal saves the new readings
as accepting them does, with items, families and decisions following, looks at what is different, and rolls back.
"""

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.contract import Milestone, Outcome, Term
from models.decision import PROGRAM, Action, Finding, ItemState
from models.rereading import present, same_value
from store import audit
from store.audit import Entry
from store.families import links_from, links_to
from store.identity import contract_id
from store.recurring_tables import RereadEffect
from store.results import save_outcome
from store.review_tables import ReviewItem
from store.reviewing import (
    UNDECIDED,
    answer_of,
    change_item,
    columns_of,
    difference,
    find_item,
    item_id_of_milestone,
    item_id_of_term,
    snapshot,
    term_title,
)
from store.rows import milestone_of, term_of
from store.tables import Contract, Document, MilestoneRow, TermRow


class Versions(NamedTuple):
    """The versions a reading is stored under."""

    ruleset: str
    model: str


class Difference(NamedTuple):
    """One thing that new readings change; ``item_id`` is empty where no item of the review is about it."""

    contract_id: str
    item_id: str
    milestone_key: str | None
    what: str
    old: Term | Milestone | None
    new: Term | Milestone | None
    effect: RereadEffect


class _Standing(NamedTuple):
    """A value as it stands, with the milestone's key if it is one's."""

    key: str | None
    value: Term | Milestone


class _State(NamedTuple):
    """What matters here of some contracts: values by contract and item, items, drafts, and links by what they say."""

    values: Mapping[str, Mapping[str, _Standing]]
    items: Mapping[str, tuple[ItemState, Finding]]
    drafts: Mapping[str, bool]
    links: Mapping[str, tuple[str, str]]


def family_of(session: Session, ids: Iterable[str]) -> tuple[str, ...]:
    """The contracts, and all that are linked to them, by id. A link that was refused is none."""
    found: set[str] = set()
    open_ = set(ids)
    while open_:
        id_ = open_.pop()
        found.add(id_)
        near = {link.parent_id for link in links_from(session, id_) if link.state.holds}
        near |= {link.child_id for link in links_to(session, id_) if link.state.holds}
        open_ |= near - found
    return tuple(sorted(found))


def put(session: Session, outcomes: Sequence[Outcome], versions: Versions, now: dt.datetime) -> None:
    """Save new readings. What people accepted of another answer is opened again, the old decision in the trail.

    What a person had corrected or rejected stays: they had read the passage and not believed the program.
    """
    ids = family_of(session, [contract_id(_sha256(outcome)) for outcome in outcomes])
    before = {id_: _values_of(session, id_) for id_ in ids}
    for outcome in outcomes:
        document = session.get(Document, _sha256(outcome))
        save_outcome(
            session,
            outcome,
            ruleset_version=versions.ruleset,
            model_version=versions.model,
            now=now,
            size=document.size if document else 0,
        )
    session.flush()
    for id_ in ids:
        _reopen(session, before[id_], _values_of(session, id_), now)
    session.flush()


def rehearse(session: Session, outcomes: Sequence[Outcome], versions: Versions, now: dt.datetime) -> list[Difference]:
    """What ``put`` would change. Nothing stays of it; objects of the session are to be loaded anew."""
    trial = session.begin_nested()
    put(session, outcomes, versions, now)
    ids = family_of(session, [contract_id(_sha256(outcome)) for outcome in outcomes])
    after = _state_of(session, ids)
    trial.rollback()
    session.expunge_all()
    return _differences(_state_of(session, ids), after)


def _values_of(session: Session, id_: str) -> dict[str, _Standing]:
    terms = session.exec(
        select(TermRow).where(TermRow.contract_id == id_).execution_options(populate_existing=True)
    ).all()
    found = {item_id_of_term(id_, row.field): _Standing(None, term_of(row)) for row in terms}
    milestones = session.exec(
        select(MilestoneRow)
        .where(MilestoneRow.contract_id == id_, col(MilestoneRow.current))
        .order_by(col(MilestoneRow.position), col(MilestoneRow.key))
        .execution_options(populate_existing=True)
    ).all()
    return found | {item_id_of_milestone(row.key): _Standing(row.key, milestone_of(row)) for row in milestones}


def _state_of(session: Session, ids: Sequence[str]) -> _State:
    items = session.exec(
        select(ReviewItem).where(col(ReviewItem.contract_id).in_(ids)).execution_options(populate_existing=True)
    ).all()
    contracts = session.exec(
        select(Contract).where(col(Contract.id).in_(ids)).execution_options(populate_existing=True)
    ).all()
    names = {row.id: row.title or row.name for row in contracts}
    links = [link for id_ in ids for link in links_from(session, id_)]
    return _State(
        values={id_: _values_of(session, id_) for id_ in ids},
        items={item.id: (item.state, item.finding) for item in items},
        drafts={row.id: row.draft for row in contracts},
        links={
            link.id: (link.child_id, f"Would belong to {names.get(link.parent_id, 'another contract')}")
            for link in links
        },
    )


def _reopen(
    session: Session, before: Mapping[str, _Standing], after: Mapping[str, _Standing], now: dt.datetime
) -> None:
    for item_id, (_, new) in after.items():
        if item_id not in before or same_value(before[item_id].value, new):
            continue
        item = find_item(session, item_id)
        if item is None or item.state is not ItemState.ACCEPTED or item.decided_answer == answer_of(new):
            continue  # what only follows from another value is dated anew once that one is decided
        earlier = snapshot(item)
        change_item(session, item, now, {**columns_of(new), **UNDECIDED, "state": ItemState.PENDING}, unranked=True)
        was, is_ = difference(earlier, snapshot(item))
        reason = "a new reading gives another answer"
        audit.write(session, PROGRAM, now, Entry(Action.REOPEN, item, before=was, after=is_, reason=reason))


def _differences(before: _State, after: _State) -> list[Difference]:
    found: list[Difference] = []
    for id_, values in after.values.items():
        found += _of_contract(id_, before.values.get(id_, {}), values, before, after)
        if before.drafts.get(id_) is not after.drafts.get(id_):
            what = "Counts as a draft" if after.drafts.get(id_) else "No longer counts as a draft"
            found.append(Difference(id_, "", None, what, None, None, RereadEffect.SHOWS))
    for link_id, (child, what) in after.links.items():
        if link_id not in before.links:
            found.append(Difference(child, "", None, what, None, None, RereadEffect.SHOWS))
    return found


def _of_contract(
    id_: str, old: Mapping[str, _Standing], new: Mapping[str, _Standing], before: _State, after: _State
) -> list[Difference]:
    def differing(item_id: str, was: _Standing | None, now: _Standing | None) -> Difference:
        shown = now or was
        assert shown is not None  # one of the two is there
        value = shown.value
        what = term_title(value.field) if isinstance(value, Term) else value.title
        effect = _effect(before.items.get(item_id), after.items.get(item_id))
        return Difference(id_, item_id, shown.key, what, was and was.value, now and now.value, effect)

    found = [
        differing(item_id, old[item_id], one)
        for item_id, one in new.items()
        if item_id in old and not same_value(old[item_id].value, one.value)
    ]
    gone = {item_id: one for item_id, one in old.items() if item_id not in new and present(one.value) is not None}
    come = {item_id: one for item_id, one in new.items() if item_id not in old and present(one.value) is not None}
    for alike in (_overlap_of_kind, _overlap):
        for item_id, one in tuple(come.items()):
            counterpart = next((other for other, was in gone.items() if alike(was.value, one.value)), None)
            if counterpart is not None:
                found.append(differing(counterpart, gone.pop(counterpart), come.pop(item_id)))
    found += [differing(item_id, None, one) for item_id, one in come.items()]
    return found + [differing(item_id, one, None) for item_id, one in gone.items()]


def _overlap_of_kind(one: Term | Milestone, other: Term | Milestone) -> bool:
    """Whether two milestones of a kind were read from one passage, of which one reading takes in more."""
    same = isinstance(one, Milestone) and isinstance(other, Milestone) and one.kind is other.kind
    return same and _overlap(one, other)


def _overlap(one: Term | Milestone, other: Term | Milestone) -> bool:
    """Whether two milestones were read from passages that have words in common."""
    if not isinstance(one, Milestone) or not isinstance(other, Milestone):
        return False
    first, second = one.evidence[0], other.evidence[0]
    return first.start < second.end and second.start < first.end


def _effect(before: tuple[ItemState, Finding] | None, after: tuple[ItemState, Finding] | None) -> RereadEffect:
    if before is None or before[0].open or before[0] is ItemState.SUPERSEDED:
        return RereadEffect.SHOWS
    if after is not None and after[0].open:
        return RereadEffect.REOPENS
    if after is not None and after[1] is Finding.VANISHED and before[1] is not Finding.VANISHED:
        return RereadEffect.VANISHES
    return RereadEffect.KEEPS


def _sha256(outcome: Outcome) -> str:
    if outcome.sha256 is None:
        raise ValueError("a reading of no bytes cannot be put anywhere")
    return outcome.sha256
