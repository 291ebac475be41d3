"""What the pages of amendments show: links with their reasons, both values with both quotes, and what governs."""

import datetime as dt
from collections.abc import Sequence
from typing import NamedTuple

from sqlmodel import Session, col, select

from models.contract import Milestone, Term
from models.decision import PROGRAM, Action
from models.evidence import Evidence
from models.family import CHANGES_NOTHING, Operation
from models.problem import DocumentError
from review.clause_text import clause_text, old_and_new
from review.diffing import Piece, word_diff
from review.previewing import value_words
from review.services import Services
from review.wording import contract_name, heading, plain_words
from store.amending import Reckoning as StoreReckoning
from store.amending import changes_of, under_review
from store.families import links_from, links_to, operations_of
from store.family_tables import AmendmentChange, FamilyLink, LinkState
from store.governing_on import GoverningOn, governing_on
from store.review_tables import DecisionRow, ReviewItem
from store.reviewing import find_item
from store.tables import Contract, Document

PAGE = 50


class Listed(NamedTuple):
    """A link for a list: the document, the contract, and how far it is decided."""

    link: FamilyLink
    child: str
    parent: str
    waits: bool


class Side(NamedTuple):
    """A value on one side: in words, with the words of the document it rests on."""

    words: str
    quote: str
    where: str


class Compared(NamedTuple):
    """One thing that changes, old and new; ``operation`` where no rule understood what it does to a value."""

    what: str
    old: Side | None
    new: Side | None
    item: ReviewItem | None
    decided: str | None
    """Who had decided the old value, if anybody."""
    operation: Operation | None


class Clause(NamedTuple):
    """What is done to a clause, with its words before and after where they are known."""

    what: str
    operation: Operation
    pieces: list[Piece]


def listed(session: Session, links: Sequence[FamilyLink]) -> list[Listed]:
    """Links with what their documents are called."""
    names = _names(session, [id_ for link in links for id_ in (link.child_id, link.parent_id)])
    return [
        Listed(link, names[link.child_id], names[link.parent_id], _waits(session, link))
        for link in links
        if link.child_id in names and link.parent_id in names
    ]


def waiting(session: Session, page: int = 1) -> list[FamilyLink]:
    """Links that nobody has decided, then those whose changes were not all looked at; the newest first."""
    statement = select(FamilyLink).where(FamilyLink.state != LinkState.REFUSED)
    statement = statement.where(
        (col(FamilyLink.state) == LinkState.PROPOSED) | col(FamilyLink.id).in_(select(AmendmentChange.link_id))
    )
    ordered = statement.order_by(col(FamilyLink.state).desc(), col(FamilyLink.created_at).desc(), col(FamilyLink.id))
    return list(session.exec(ordered.limit(PAGE + 1).offset((page - 1) * PAGE)))


def family_of(session: Session, contract_id: str) -> tuple[list[Listed], list[Listed]]:
    """What belongs to a contract, and what it belongs to."""
    return listed(session, links_to(session, contract_id)), listed(session, links_from(session, contract_id))


def governing(session: Session, services: Services, contract_id: str, day: dt.date) -> GoverningOn | None:
    """What governs a contract as of a day."""
    found = governing_on(session, contract_id, day, using=StoreReckoning(*services.using))
    return found._replace(names=_names(session, list(found.names))) if found else None


def compared(session: Session, link: FamilyLink) -> list[Compared]:
    """Everything that a document changes, both values side by side."""
    name = _names(session, [link.child_id]).get(link.child_id, "")
    return [_compared(session, change, name) for change in changes_of(session, link.id)]


def clauses(session: Session, services: Services, link: FamilyLink) -> list[Clause]:
    """What a document does to the clauses of the contract, in the order of its text."""
    done = [one for one in operations_of(session, link.child_id) if one.kind not in CHANGES_NOTHING]
    parent = session.get(Contract, link.parent_id)
    held = session.get(Document, parent.document_sha256) if parent else None
    source = None
    if held is not None and any(one.section for one in done):
        try:
            source = services.library.source(held.sha256, held.name)
        except DocumentError:
            source = None  # both texts are not to be had: the sentence alone is shown
    found = []
    for one in done:
        clause = clause_text(source, one.section) if source and one.section else None
        pair = old_and_new(one, clause)
        found.append(Clause(operation_words(one), one, word_diff(*pair) if pair else []))
    return found


def operation_words(operation: Operation) -> str:
    """What is done, in a few words: ``Section 4.2: replaced``."""
    section = operation.section
    named = section if section and section[0].isalpha() else f"Section {section}" if section else operation.what
    done = _DONE.get(str(operation.kind), plain_words(str(operation.kind)))
    return f"{named}: {done}" if named else done.capitalize()


_DONE = {
    "replace": "new text",
    "replace_words": "words exchanged",
    "insert": "added",
    "delete": "deleted",
    "extend": "the term changes",
    "amend": "changed in a way that a person reads",
    "restate": "the whole agreement is replaced",
    "renew": "renewed",
    "assign": "assigned",
    "terminate": "terminated",
    "terminate_part": "ends in part",
}


def _compared(session: Session, change: AmendmentChange, name: str) -> Compared:
    if change.item_id is None:
        operation = Operation.model_validate(change.new) if change.new else None
        what = operation_words(operation) if operation else change.what
        return Compared(what, None, None, None, None, operation)
    kind = Term if change.milestone_key is None else Milestone
    old = kind.model_validate(change.old) if change.old else None
    new = kind.model_validate(change.new) if change.new else None
    item = find_item(session, change.item_id)
    what = heading(item.title, item.kind, item.term_field is not None) if item else plain_words(change.what)
    known = set(old.evidence) if old else set()
    added = next((one for one in new.evidence if one not in known), None) if new else None
    return Compared(
        what,
        _side(old, old.evidence[0] if old and old.evidence else None, None),
        _side(new, added or (new.evidence[0] if new and new.evidence else None), name if added else None),
        item,
        _decided_before(session, change.item_id),
        None,
    )


def _side(value: Term | Milestone | None, evidence: Evidence | None, name: str | None) -> Side | None:
    if value is None:
        return None
    words = value_words(value)
    if isinstance(value, Milestone) and value.amount is not None:
        words = f"{words}, {value.amount.text}"
    return Side(words, evidence.quote if evidence else "", name or (evidence.where if evidence else ""))


def _decided_before(session: Session, item_id: str) -> str | None:
    """Who had decided an item before an amendment opened it again, and what."""
    rows = select(DecisionRow).where(
        DecisionRow.item_id == item_id, DecisionRow.action == Action.REOPEN, DecisionRow.actor_id == PROGRAM.id
    )
    row = session.exec(rows.order_by(col(DecisionRow.seq).desc()).limit(1)).first()
    before = (row.before if row else None) or {}
    who, state = before.get("decided_by_name"), before.get("state")
    return f"{who}: {state}" if who and state else None


def _waits(session: Session, link: FamilyLink) -> bool:
    if link.state is LinkState.PROPOSED:
        return True
    return link.state is LinkState.CONFIRMED and under_review(session, link, changes_of(session, link.id))


def _names(session: Session, ids: Sequence[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    wanted = sorted(set(ids))
    for start in range(0, len(wanted), 400):
        part = wanted[start : start + 400]
        for contract in session.exec(select(Contract).where(col(Contract.id).in_(part))):
            found[contract.id] = contract_name(contract.title, contract.name)
    return found
