"""What a family makes of a contract: the governing terms and milestones in its rows, and what waits for a person.

The rows of a contract hold what its family provides once all that is confirmed has effect
(``models.governing``), so that review, search and tracking see one contract. The decisions of people are kept apart
from them as ever: what an amendment does not touch keeps its decision, what it changes is opened again, what it takes
out is shown as no longer found. A document that is only proposed changes nothing yet, and warns all the same.
"""

import datetime as dt
import re
from collections.abc import Collection, Sequence
from itertools import takewhile
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert
from sqlmodel import Session, col, select

from models.actor import Actor
from models.business import WEEKENDS_ONLY, BusinessCalendar, calendar_for
from models.contract import Milestone, Outcome, Term, TermField, TermState
from models.contract_resolution import resolve_contract
from models.decision import Action, Finding
from models.evidence import Evidence
from models.family import OWN_TERM, VERSIONS, FamilyRole, Operation, OperationKind
from models.governing import Governing, GoverningMilestone, Member, governing
from models.milestone_keys import keys_of
from models.resolution import Conventions
from models.versions import newer_milestones, newer_terms
from store import audit
from store.audit import Entry
from store.columns import storable_tree
from store.families import (
    decide_link,
    link_by_person,
    links_from,
    links_to,
    outcome_of,
    propose_links,
)
from store.family_tables import AmendmentChange, FamilyLink, LinkState
from store.machine_rows import save_milestones, save_terms
from store.review_tables import DecisionRow, ReviewItem
from store.reviewing import item_id_of_milestone, item_id_of_term, sync_items
from store.search import index_contract
from store.tables import Contract

AMENDED_BY = "amended_by:"
"""How the flag begins that names the contract whose document governs a value."""

NONE_OF_THEM = ""
"""``AmendmentChange.milestone_key`` of changed words that no milestone hangs on."""

_ASIDE = {"confidence", "derivation", "flags", "evidence", "rule", "rank", "occurrences", "cycles"}


class Reckoning(NamedTuple):
    """How dates are computed."""

    calendar: BusinessCalendar = WEEKENDS_ONLY
    conventions: Conventions = Conventions()


def reckoning_of(outcome: Outcome) -> Reckoning:
    """How the dates of a contract were computed: what amends it is computed likewise."""
    calendar = calendar_for(outcome.jurisdiction) if outcome.jurisdiction else WEEKENDS_ONLY
    return Reckoning(calendar, outcome.conventions)


class Stands(NamedTuple):
    """A contract as its family makes it. ``view`` is None for one that nothing changes."""

    terms: tuple[Term, ...]
    milestones: tuple[Milestone, ...]
    view: Governing | None = None
    sections: tuple[str | None, ...] | None = None
    """The clause of the contract that each milestone stands in; None for all: where their first passage stands."""


class Effect(NamedTuple):
    """One thing that an amendment changes: a term or a milestone before and after, or words no term hangs on."""

    what: str
    item_id: str | None = None
    milestone_key: str | None = None
    old: Term | Milestone | None = None
    new: Term | Milestone | None = None
    operation: Operation | None = None


def governed(
    session: Session,
    contract_id: str,
    outcome: Outcome,
    now: dt.datetime,
    *,
    using: Reckoning | None = None,
    but: str | None = None,
    also: FamilyLink | None = None,
) -> Stands:
    """What was read of a contract with what its confirmed amendments make of it; as read where there are none.

    Dates are computed as the contract's were, unless ``using`` says otherwise. ``but`` leaves a link out, ``also``
    takes one in that nobody has confirmed yet.
    """
    using = using or reckoning_of(outcome)
    links = [link for link in links_to(session, contract_id, LinkState.CONFIRMED) if link.id != but]
    if also is not None and also.id not in {link.id for link in links}:
        links.append(also)
    own = {key for one in outcome.milestones for key in one.evidence}
    outcome, versions = versioned(session, contract_id, outcome, links, using)
    members = [member for link in links if (member := member_of(session, link)) is not None]
    if not members:
        milestones = tuple(_own_words_first(one, own) for one in outcome.milestones) if versions else outcome.milestones
        return Stands(outcome.terms, milestones)
    master, dated = master_of(contract_id, outcome)
    view = governing((master, *members), _all_in_effect(members, now.date()), using.calendar, using.conventions)
    if view.base is None:
        return Stands(outcome.terms, outcome.milestones, view)
    terms = tuple(_marked(one.term, one.document, contract_id) for one in view.terms)
    if dated is not None:
        terms = tuple(term for term in terms if term.field is not dated)
        terms += tuple(term for term in outcome.terms if term.field is dated)
    milestones = tuple(
        _marked(_own_words_first(one.milestone, own), one.document, contract_id, own) for one in view.milestones
    )
    return Stands(terms, milestones, view, tuple(_section(one, view) for one in view.milestones))


def amend_families(session: Session, contract_id: str, now: dt.datetime) -> None:
    """After a document was read: propose what it gives to others, and bring the families it belongs to up to date."""
    parents = {link.parent_id for link in propose_links(session, contract_id, now)}
    parents |= {link.parent_id for link in links_from(session, contract_id) if link.state.holds}
    if links_to(session, contract_id):
        parents.add(contract_id)
    for parent in sorted(parents):
        amend(session, parent, now)


def amend(session: Session, contract_id: str, now: dt.datetime, *, using: Reckoning | None = None) -> None:
    """Bring a contract's rows, its items and the warnings in line with its family, all in one transaction.

    Doing it again changes nothing.
    """
    contract, outcome = session.get(Contract, contract_id), outcome_of(session, contract_id)
    if contract is None or outcome is None:
        return
    stands = governed(session, contract_id, outcome, now, using=using)
    signed = any(link.role is FamilyRole.EXECUTION_COPY for link in links_to(session, contract_id, LinkState.CONFIRMED))
    contract.draft = outcome.draft and not signed
    session.add(contract)
    save_terms(session, stands.terms, contract_id, contract.extraction_id, now)
    save_milestones(session, stands.milestones, contract_id, contract.extraction_id, now)
    session.flush()
    sync_items(session, contract, now)
    session.flush()
    index_contract(session, contract)
    for link in links_to(session, contract_id):
        _write_changes(session, link, effects(session, link, now, using=using) if link.state.holds else ())
        if (child := session.get(Contract, link.child_id)) is not None:
            sync_items(session, child, now)  # what it says is decided here, or there again


def decide(
    session: Session,
    link: FamilyLink,
    state: LinkState,
    actor: Actor,
    now: dt.datetime,
    *,
    using: Reckoning | None = None,
) -> FamilyLink:
    """Confirm or refuse a link, with all that follows from it in the same transaction."""
    decided = decide_link(session, link, state, actor, now)
    amend(session, link.parent_id, now, using=using)
    return decided


def amend_by(
    session: Session,
    contract_id: str,
    document_id: str,
    actor: Actor,
    now: dt.datetime,
    *,
    using: Reckoning | None = None,
) -> FamilyLink:
    """A person says that a document amends a contract: link them, with all that follows, in the same transaction."""
    link = link_by_person(session, document_id, contract_id, actor, now)
    amend(session, contract_id, now, using=using)
    return link


def reviewed(session: Session, link: FamilyLink, actor: Actor, now: dt.datetime) -> None:
    """Put on record that a person has seen to what no rule understood of an amendment."""
    link.reviewed_at = link.updated_at = now
    session.add(link)
    session.flush()
    child = session.get(Contract, link.child_id)
    after = {"document": child.name if child else link.child_id}
    entry = Entry(
        Action.SEEN, contract_id=link.parent_id, after=after, number=f"{link.id} {_seen_before(session, link)}"
    )
    audit.write(session, actor, now, entry)


def _seen_before(session: Session, link: FamilyLink) -> int:
    told = select(func.count()).where(DecisionRow.contract_id == link.parent_id, DecisionRow.action == Action.SEEN)
    return session.exec(told).one()


def effects(
    session: Session,
    link: FamilyLink,
    now: dt.datetime,
    *,
    using: Reckoning | None = None,
) -> tuple[Effect, ...]:
    """What a document changes of the contract it belongs to, all others as they are."""
    outcome, child = outcome_of(session, link.parent_id), outcome_of(session, link.child_id)
    if outcome is None or child is None or link.role in OWN_TERM:
        return ()
    before = governed(session, link.parent_id, outcome, now, using=using, but=link.id)
    after = governed(session, link.parent_id, outcome, now, using=using, also=link)
    found = [*_terms_changed(link.parent_id, before, after), *_milestones_changed(link.parent_id, before, after)]
    view = after.view
    moved = {one.operation for one in view.changes if one.document == link.child_id and one.moves} if view else set()
    silent = [
        one
        for one in child.operations
        if one not in moved and one.kind not in (OperationKind.CONFIRM, OperationKind.RESTATE)
    ]
    if view is not None and view.base not in (None, link.parent_id, link.child_id):
        silent = []  # a restatement came after it
    found += [effect for one in silent for effect in _unread(link.parent_id, before, one)]
    if view is not None and link.child_id in view.undated:
        found.append(Effect("The document bears no date: since when it has effect is not known."))
    elif link.role not in VERSIONS and not (child.operations or found or silent):
        found.append(Effect("What it changes could not be read."))
    return tuple(found)


def warning_of(session: Session, contract_id: str, milestone_key: str) -> str | None:
    """What a reminder of a milestone must say of amendments that nobody has decided yet; None where there are none."""
    for link in links_to(session, contract_id, LinkState.PROPOSED, LinkState.CONFIRMED):
        changes = session.exec(select(AmendmentChange).where(AmendmentChange.link_id == link.id)).all()
        touched = {one.milestone_key for one in changes if one.milestone_key is not None}
        unread = any(one.item_id is None and one.milestone_key is None for one in changes)
        if (milestone_key in touched or unread) and under_review(session, link, changes):
            child = session.get(Contract, link.child_id)
            name = (child.title or child.name) if child else "an amendment"
            return f"An amendment is under review ({name}); this may change."
    return None


def under_review(session: Session, link: FamilyLink, changes: Sequence[AmendmentChange]) -> bool:
    """Whether somebody still has to decide about a link, or about anything it changes."""
    if link.state is LinkState.PROPOSED:
        return bool(changes)
    if link.reviewed_at is None and any(one.item_id is None and one.milestone_key != NONE_OF_THEM for one in changes):
        return True
    ids = [one.item_id for one in changes if one.item_id is not None]
    items = session.exec(select(ReviewItem).where(col(ReviewItem.id).in_(ids))) if ids else ()
    return any(item.state.open or (item.state.confirmed and item.finding is Finding.VANISHED) for item in items)


def changes_of(session: Session, link_id: str) -> list[AmendmentChange]:
    """What is on record of a link's changes, in order."""
    statement = select(AmendmentChange).where(AmendmentChange.link_id == link_id)
    return list(session.exec(statement.order_by(col(AmendmentChange.ordinal))))


def governing_document(value: Term | Milestone) -> str | None:
    """Id of the contract whose document governs a value; None for the contract's own."""
    return next((flag.removeprefix(AMENDED_BY) for flag in value.flags if flag.startswith(AMENDED_BY)), None)


def member_of(session: Session, link: FamilyLink) -> Member | None:
    """The document that a link brings beside the contract; None for another version of it, or one never read."""
    if link.role in VERSIONS:
        return None
    outcome = outcome_of(session, link.child_id)
    return Member.of(link.child_id, outcome, link.role, link.number) if outcome else None


def versioned(
    session: Session, contract_id: str, outcome: Outcome, links: Sequence[FamilyLink], using: Reckoning
) -> tuple[Outcome, int]:
    """The contract as its latest version has it, each value marked with its document; how many versions there are."""
    newer = [link for link in links if link.role in (FamilyRole.NEWER_DRAFT, FamilyRole.EXECUTION_COPY)]
    changing = 0
    for link in sorted(newer, key=lambda one: (one.role is FamilyRole.EXECUTION_COPY, one.created_at)):
        version = outcome_of(session, link.child_id)
        if version is None:
            continue
        changing += 1
        whole = link.role is FamilyRole.NEWER_DRAFT
        own = {key for one in outcome.milestones for key in one.evidence}
        terms = newer_terms(outcome.terms, version.terms, whole=whole)
        milestones = newer_milestones(outcome.milestones, version.milestones, whole=whole)
        outcome = outcome.model_copy(
            update={
                "terms": tuple(_marked(one, link.child_id, contract_id) if its else one for one, its in terms),
                "milestones": tuple(
                    _marked(one, link.child_id, contract_id, own) if its else one for one, its in milestones
                ),
            }
        )
    if changing:
        dated = resolve_contract(outcome.terms, outcome.milestones, using.calendar, using.conventions)
        outcome = outcome.model_copy(update={"terms": dated[0], "milestones": dated[1]})
    return outcome, changing


def master_of(contract_id: str, outcome: Outcome) -> tuple[Member, TermField | None]:
    """The contract itself, which the others change, whatever it may change in turn.

    One without a date gets one, so that it governs although nobody knows since when; the field that was put in.
    """
    master = Member.of(contract_id, outcome).model_copy(update={"role": FamilyRole.MASTER, "operations": ()})
    if master.effective is not None:
        return master, None
    field = TermField.AGREEMENT_DATE
    term = Term(field=field, state=TermState.FOUND, confidence=0, date=dt.date.min)
    return master.model_copy(update={"terms": (*(one for one in master.terms if one.field is not field), term)}), field


def _all_in_effect(members: Sequence[Member], today: dt.date) -> dt.date:
    """A day on which all that is known has effect: deadlines to come follow from what will govern then."""
    days = [one.effective for one in members] + [done.since for one in members for done in one.operations]
    return max([today, *(day for day in days if day is not None)]) + dt.timedelta(days=1)


def _own_words_first(milestone: Milestone, own: Collection[Evidence]) -> Milestone:
    """The contract's own passages first, by which the milestone is known, then those that changed it."""
    changing = list(takewhile(lambda one: one not in own, milestone.evidence))
    kept = milestone.evidence[len(changing) :]
    return milestone.model_copy(update={"evidence": (*kept, *changing)}) if kept and changing else milestone


def _marked(value: Any, document: str | None, contract_id: str, own: Collection[Evidence] = ()) -> Any:
    """The value with the mark of the document that governs it; a page of another document would mislead."""
    if document is None or document == contract_id:
        return value
    places = tuple(one if one in own else one.model_copy(update={"page": None, "boxes": ()}) for one in value.evidence)
    return value.model_copy(update={"evidence": places, "flags": (*value.flags, AMENDED_BY + document)})


def _section(one: GoverningMilestone, view: Governing) -> str | None:
    """The clause of the contract that a milestone stands in; None for what an amendment says outside all of them."""
    return one.section or (one.milestone.evidence[-1].section if one.read_in == view.base else None)


def _terms_changed(contract_id: str, before: Stands, after: Stands) -> list[Effect]:
    old, new = ({term.field: term for term in one.terms} for one in (before, after))
    found = []
    for field in TermField:
        was, now = old.get(field), new.get(field)
        if not _same(was, now):
            found.append(Effect(str(field), item_id_of_term(contract_id, field), None, was, now))
    return found


def _unread(contract_id: str, before: Stands, operation: Operation) -> list[Effect]:
    """What an operation that moved nothing may move: what stands in its clause; all where it names none."""
    what = f"{operation.kind} {operation.section or operation.what or ''}".strip()
    if operation.section is None:
        return [Effect(what, operation=operation)]
    wanted = _clause(operation.section)
    sections = before.sections or tuple(one.evidence[0].section for one in before.milestones)
    keyed = zip(keys_of(before.milestones, contract_id), sections, strict=True)
    keys = [key for key, section in keyed if (_clause(section) + ".").startswith((wanted + ".", wanted + "("))]
    return [Effect(what, milestone_key=key, operation=operation) for key in keys or [NONE_OF_THEM]]


def _clause(section: str | None) -> str:
    return re.sub(r"^(?:section|clause|article|paragraph)s?\s+", "", (section or "").strip(" .").lower())


def _milestones_changed(contract_id: str, before: Stands, after: Stands) -> list[Effect]:
    old, new = (dict(zip(keys_of(one.milestones, contract_id), one.milestones, strict=True)) for one in (before, after))
    found = []
    for key in dict.fromkeys((*old, *new)):
        was, now = old.get(key), new.get(key)
        if not _same(was, now):
            shown = now or was
            assert shown is not None  # the key is of one of the two
            found.append(Effect(shown.title, item_id_of_milestone(key), key, was, now))
    return found


def _same(one: Term | Milestone | None, other: Term | Milestone | None) -> bool:
    absent = [value is None or (isinstance(value, Term) and value.state is TermState.ABSENT) for value in (one, other)]
    if any(absent):
        return all(absent)
    assert one is not None
    assert other is not None
    return one.model_dump(mode="json", exclude=_ASIDE) == other.model_dump(mode="json", exclude=_ASIDE)


def _write_changes(session: Session, link: FamilyLink, found: Sequence[Effect]) -> None:
    rows = [
        {
            "link_id": link.id,
            "ordinal": ordinal,
            "parent_id": link.parent_id,
            "milestone_key": one.milestone_key,
            "item_id": one.item_id,
            "what": one.what,
            "old": _dumped(one.old),
            "new": _dumped(one.new or one.operation),
        }
        for ordinal, one in enumerate(found)
    ]
    if [row.model_dump() for row in changes_of(session, link.id)] == rows:
        return
    session.execute(delete(AmendmentChange).where(col(AmendmentChange.link_id) == link.id))
    if rows:
        session.execute(insert(AmendmentChange), rows)
    session.expire_all()


def _dumped(value: Term | Milestone | Operation | None) -> dict[str, Any] | None:
    found: dict[str, Any] | None = storable_tree(value.model_dump(mode="json")) if value else None
    return found
