"""Contract families: what documents say of one another, and the links that are proposed and decided.

Candidates for a link come from indexes, never from comparing all pairs: documents that bear the date that is asked
for, and documents that share the beginnings of two parties' names.
"""

import datetime as dt
import re
from collections.abc import Collection, Iterable, Sequence
from typing import Any, NamedTuple

from sqlalchemy import delete, func, insert
from sqlalchemy import select as columns
from sqlmodel import Session, col, select

from models.actor import Actor
from models.contract import Outcome
from models.decision import PROGRAM, Action
from models.family import VERSIONS, Certainty, FamilyRole, Link, Operation, Reference
from models.linking import Filed, links_of, normalised_party
from models.versions import version_of
from store import audit, identity
from store.audit import Entry
from store.errors import StoreError
from store.family_tables import (
    FamilyLink,
    FamilyOperation,
    FamilyReference,
    FamilyWord,
    FiledDocument,
    LinkState,
)
from store.review_tables import DecisionRow
from store.tables import Contract, Extraction

MOST = 400
"""Candidates looked at for one document: more that share a date or two parties say nothing."""
_ID_BEGINS = 6
"""Digits that an id must be given with."""
_NAMED_WITHIN = 800
"""Characters of an opening within which the parties are named."""
_COMMON = frozenset(
    re.findall(
        r"\w+",
        """agreement contract the this and between among exhibit confidential treatment requested company corporation
        limited inc llc ltd party parties whereas effective date dated united states january february march april may
        june july august september october november december redacted securities exchange commission certain
        information has been omitted portions section article table contents page new york delaware california state
        law services service master supply license distribution""",
    )
)
"""Words that open so many contracts that none is found by them."""
_IN_ONE = 400
"""Values named in one statement."""


class Family(NamedTuple):
    """A contract and the links to what belongs to it, in the order of their numbers, then of their making."""

    parent: Contract
    links: tuple[FamilyLink, ...]


def file_document(session: Session, contract_id: str, outcome: Outcome) -> None:
    """Write what a document says of itself and of others over what it said before."""
    for table in (FiledDocument, FamilyReference, FamilyWord, FamilyOperation):
        session.execute(delete(table).where(col(table.contract_id) == contract_id))
    filed = Filed.of(contract_id, outcome)
    session.execute(
        insert(FiledDocument),
        [
            {
                "contract_id": contract_id,
                "title": filed.title,
                "parties": list(filed.parties),
                "agreement_date": filed.agreement_date,
                "effective_date": filed.effective_date,
                "opening": filed.opening,
                "sketch": list(filed.sketch),
            }
        ],
    )
    if found := sorted(_found_by(filed)):
        session.execute(insert(FamilyWord), [{"contract_id": contract_id, "word": word} for word in found])
    if outcome.amends:
        session.execute(
            insert(FamilyReference),
            [
                {
                    "contract_id": contract_id,
                    "ordinal": ordinal,
                    "role": one.role,
                    "dated": one.dated,
                    "value": one.model_dump(mode="json"),
                }
                for ordinal, one in enumerate(outcome.amends)
            ],
        )
    if outcome.operations:
        session.execute(
            insert(FamilyOperation),
            [
                {
                    "contract_id": contract_id,
                    "ordinal": ordinal,
                    "kind": one.kind,
                    "section": one.section,
                    "field": one.field,
                    "value": one.model_dump(mode="json"),
                }
                for ordinal, one in enumerate(outcome.operations)
            ],
        )


def propose_links(session: Session, contract_id: str, now: dt.datetime) -> list[FamilyLink]:
    """The links that a document newly gives: to what it refers to, and from what was waiting for it.

    A link that a rule is certain of is confirmed by the program. One that is known already stays as it is decided.
    """
    found: list[FamilyLink] = []
    for child in (contract_id, *_children_waiting(session, contract_id)):
        filed = filed_of(session, [child])
        if not filed or not filed[0].references:
            continue
        for link in links_of(filed[0], filed_of(session, _candidates(session, filed[0]))):
            if (row := _propose(session, link, now)) is not None:
                found.append(row)
    if (version := _version(session, contract_id)) is not None and (row := _propose(session, version, now)) is not None:
        found.append(row)
    return found


def _version(session: Session, contract_id: str) -> Link | None:
    """The known contract that a new document is a version of. One that is linked either way is none any more."""
    filed = filed_of(session, [contract_id])
    if not filed or filed[0].references or not filed[0].sketch:
        return None
    of_it = select(FamilyLink.child_id).where(FamilyLink.parent_id == contract_id, col(FamilyLink.role).in_(VERSIONS))
    if session.exec(of_it.limit(1)).first() is not None:
        return None
    near = set(_sharing(session, _names(filed[0]))) - {contract_id}
    near -= _versions_among(session, near, LinkState.CONFIRMED, LinkState.PROPOSED)
    return version_of(filed[0], filed_of(session, near))


def sweep_links(session: Session, now: dt.datetime) -> list[FamilyLink]:
    """Propose what the documents of the whole store say of one another; nothing where nothing is new."""
    ids = session.exec(select(FamilyReference.contract_id).distinct().order_by(col(FamilyReference.contract_id)))
    return [link for id_ in list(ids) for link in propose_links(session, id_, now)]


def link_by_person(
    session: Session, child_id: str, parent_id: str, actor: Actor, now: dt.datetime, *, reason: str | None = None
) -> FamilyLink:
    """Confirm that a document belongs to a contract, for a person says so; whether or not the document does."""
    if child_id == parent_id:
        raise ValueError("a contract does not amend itself")
    link = find_link(session, child_id, parent_id)
    if link is None:
        filed = filed_of(session, [child_id])
        reference = filed[0].references[0] if filed and filed[0].references else None
        link = FamilyLink(
            id=link_id(child_id, parent_id),
            child_id=child_id,
            parent_id=parent_id,
            role=reference.role if reference else FamilyRole.AMENDMENT,
            number=reference.number if reference else None,
            certainty=Certainty.CERTAIN,
            reasons=[reason or f"{actor.name} said so."],
            created_at=now,
            updated_at=now,
        )
    return decide_link(session, link, LinkState.CONFIRMED, actor, now)


def decide_link(session: Session, link: FamilyLink, state: LinkState, actor: Actor, now: dt.datetime) -> FamilyLink:
    """Put on record who confirmed or refused a link. Deciding the same again changes nothing."""
    if link.state is state and link.decided_by is not None:
        return link
    before = {"state": link.state} if link.decided_by is not None else None
    link.state, link.decided_by, link.decided_by_name, link.decided_at = state, actor.id, actor.name, now
    link.updated_at = now
    session.add(link)
    session.flush()
    child = session.get(Contract, link.child_id)
    after = {"state": state, "document": child.name if child else link.child_id, "role": link.role}
    told = select(func.count()).where(DecisionRow.contract_id == link.parent_id, DecisionRow.action == Action.LINK)
    number = f"{link.id} {session.exec(told).one()}"
    entry = Entry(Action.LINK, contract_id=link.parent_id, before=before, after=after, number=number)
    audit.write(session, actor, now, entry)
    return link


def link_id(child_id: str, parent_id: str) -> str:
    """Id of the link between two contracts."""
    return identity.derive("family-link", child_id, parent_id)


def find_link(session: Session, child_id: str, parent_id: str) -> FamilyLink | None:
    """The link between two contracts, whatever its state."""
    return session.get(FamilyLink, link_id(child_id, parent_id), populate_existing=True)


def links_to(session: Session, parent_id: str, *states: LinkState) -> list[FamilyLink]:
    """What belongs to a contract: by number, then in the order it came; of some states only, where they are named."""
    statement = select(FamilyLink).where(FamilyLink.parent_id == parent_id)
    if states:
        statement = statement.where(col(FamilyLink.state).in_(states))
    rows = session.exec(statement.execution_options(populate_existing=True)).all()
    return sorted(rows, key=lambda link: (link.number is None, link.number or 0, link.created_at, link.id))


def links_from(session: Session, child_id: str, *states: LinkState) -> list[FamilyLink]:
    """The contracts that a document belongs to; by links of some states only, where they are named."""
    statement = select(FamilyLink).where(FamilyLink.child_id == child_id)
    if states:
        statement = statement.where(col(FamilyLink.state).in_(states))
    return list(session.exec(statement.order_by(col(FamilyLink.id)).execution_options(populate_existing=True)))


def operations_of(session: Session, contract_id: str) -> tuple[Operation, ...]:
    """What a document does to others, in the order of its text."""
    rows = session.exec(
        select(FamilyOperation).where(FamilyOperation.contract_id == contract_id).order_by(col(FamilyOperation.ordinal))
    )
    return tuple(Operation.model_validate(row.value) for row in rows)


def outcome_of(session: Session, contract_id: str) -> Outcome | None:
    """A document as last read, whatever others do to it."""
    contract = session.get(Contract, contract_id)
    extraction = session.get(Extraction, contract.extraction_id) if contract else None
    return Outcome.model_validate(extraction.outcome) if extraction and extraction.outcome else None


def filed_of(session: Session, ids: Collection[str]) -> list[Filed]:
    """What linking needs to know of some contracts, by id."""
    found: list[Filed] = []
    for part in _parts(sorted(set(ids))):
        references: dict[str, list[Reference]] = {}
        stored = select(FamilyReference).where(col(FamilyReference.contract_id).in_(part))
        for row in session.exec(stored.order_by(col(FamilyReference.contract_id), col(FamilyReference.ordinal))):
            references.setdefault(row.contract_id, []).append(Reference.model_validate(row.value))
        unsigned = select(Contract).where(col(Contract.id).in_(part), col(Contract.draft))
        drafts = {contract.id for contract in session.exec(unsigned)}
        documents = select(FiledDocument).where(col(FiledDocument.contract_id).in_(part))
        for document in session.exec(documents.order_by(col(FiledDocument.contract_id))):
            found.append(
                Filed(
                    key=document.contract_id,
                    title=document.title,
                    parties=tuple(document.parties),
                    agreement_date=document.agreement_date,
                    effective_date=document.effective_date,
                    references=tuple(references.get(document.contract_id, ())),
                    opening=document.opening,
                    draft=document.contract_id in drafts,
                    sketch=tuple(document.sketch or ()),
                )
            )
    return found


def first_word(name: str) -> str:
    """What a party's name is found by: its first word, which is the same however the rest is written."""
    return normalised_party(name).partition(" ")[0]


def _propose(session: Session, link: Link, now: dt.datetime) -> FamilyLink | None:
    """Store a link if it is new, or was proposed only and is certain now."""
    known = find_link(session, link.child, link.parent)
    certain = link.certainty is Certainty.CERTAIN
    if known is not None:
        if known.decided_by is not None or not certain:
            return None
        known.certainty, known.reasons = link.certainty, list(link.reasons)
        return decide_link(session, known, LinkState.CONFIRMED, PROGRAM, now)
    row = FamilyLink(
        id=link_id(link.child, link.parent),
        child_id=link.child,
        parent_id=link.parent,
        role=link.role,
        number=link.number,
        certainty=link.certainty,
        reasons=list(link.reasons),
        created_at=now,
        updated_at=now,
    )
    if certain:
        return decide_link(session, row, LinkState.CONFIRMED, PROGRAM, now)
    session.add(row)
    session.flush()
    return row


def _candidates(session: Session, child: Filed) -> set[str]:
    """Ids of the contracts that ``child`` may mean: of the date it names with one of the parties, or with two."""
    found: set[str] = set()
    for reference in child.references:
        names = reference.parties or child.parties
        words = {first_word(name) for name in names} if names else _words_of(child.opening)
        found |= set(_sharing(session, words))
        if reference.dated is not None:
            date = reference.dated
            dated = (col(FiledDocument.agreement_date) == date) | (col(FiledDocument.effective_date) == date)
            statement = select(FiledDocument.contract_id).where(dated)
            if words:
                statement = statement.where(col(FiledDocument.contract_id).in_(_with_any(words)))
            found |= set(session.exec(statement.order_by(col(FiledDocument.contract_id)).limit(MOST)))
    return found - {child.key} - _versions_among(session, found, LinkState.CONFIRMED)


def _versions_among(session: Session, ids: Collection[str], *states: LinkState) -> set[str]:
    """Which of some documents are another version of a contract, which stands for them."""
    statement = select(FamilyLink.child_id).where(
        col(FamilyLink.role).in_(VERSIONS), col(FamilyLink.state).in_(states), col(FamilyLink.child_id).in_(ids)
    )
    return {*session.exec(statement)}


def _children_waiting(session: Session, contract_id: str) -> list[str]:
    """Ids of the documents that may refer to this one, came before it, and are not linked yet."""
    filed = filed_of(session, [contract_id])
    if not filed:
        return []
    words = _found_by(filed[0])
    found = set(_sharing(session, words, referring=True))
    dates = [date for date in (filed[0].agreement_date, filed[0].effective_date) if date is not None]
    if dates:
        dated = select(FamilyReference.contract_id).where(col(FamilyReference.dated).in_(dates)).distinct()
        if words:
            dated = dated.where(col(FamilyReference.contract_id).in_(_with_any(words)))
        found |= set(session.exec(dated.order_by(col(FamilyReference.contract_id)).limit(MOST)))
    return sorted(id_ for id_ in found - {contract_id} if not _linked(session, id_))


def _linked(session: Session, child_id: str) -> bool:
    """Whether it is decided what each reference of a document means."""
    asked = session.exec(select(func.count()).where(FamilyReference.contract_id == child_id)).one()
    return len(links_from(session, child_id, LinkState.CONFIRMED)) >= asked


def _names(filed: Filed) -> set[str]:
    """The words that the names of a document's parties begin with, and of those it gives another agreement.

    Where no party was read, any word of the opening may be one.
    """
    names = {*filed.parties, *(name for reference in filed.references for name in reference.parties)}
    return {word for name in names if (word := first_word(name))} if names else _words_of(filed.opening)


def _found_by(filed: Filed) -> set[str]:
    """What a document is found by. What others may refer to is found by the words it opens with as well: a party's name
    is among them, whatever was read as its parties."""
    opening = "" if filed.references else (filed.opening or "")[:_NAMED_WITHIN]
    return _names(filed) | (_words_of(opening) - _COMMON)


def _with_any(words: Iterable[str]) -> Any:
    return columns(col(FamilyWord.contract_id)).where(col(FamilyWord.word).in_(sorted(words)))


def _sharing(session: Session, words: Iterable[str], *, referring: bool = False) -> list[str]:
    """Ids of the contracts in which two parties' names begin with some of these words."""
    wanted = sorted({word for word in words if word})
    if len(wanted) < 2:
        return []
    statement = columns(FamilyWord.contract_id).where(col(FamilyWord.word).in_(wanted))  # type: ignore[call-overload]
    if referring:
        statement = statement.where(col(FamilyWord.contract_id).in_(columns(col(FamilyReference.contract_id))))
    statement = statement.group_by(col(FamilyWord.contract_id)).having(func.count() >= 2)
    return list(session.execute(statement.order_by(col(FamilyWord.contract_id)).limit(MOST)).scalars())


def _words_of(opening: str | None) -> set[str]:
    """The words of an opening that begin with a capital letter: a party's name is among them."""
    found = {normalised_party(word) for word in re.findall(r"\b[A-Z][\w'’&-]{2,}", opening or "")}
    return {word for word in found if word and " " not in word}


def _parts(ids: Sequence[str]) -> Iterable[Sequence[str]]:
    return (ids[start : start + _IN_ONE] for start in range(0, len(ids), _IN_ONE))


def find_contract(session: Session, named: str) -> Contract:
    """A contract by its id or the beginning of it, its file's name or its title. Raises StoreError if it is not one."""
    found = session.get(Contract, named)
    if found is not None:
        return found
    wanted = named.strip().lower()
    name, title = func.lower(col(Contract.name)), func.lower(col(Contract.title))
    matches = session.exec(select(Contract).where((name == wanted) | (title == wanted)).limit(2)).all()
    if not matches and len(wanted) >= _ID_BEGINS and re.fullmatch(r"[0-9a-f]+", wanted):
        begins = (col(Contract.id) >= wanted, col(Contract.id) < wanted + "g")
        matches = session.exec(select(Contract).where(*begins).limit(2)).all()
    if len(matches) == 1:
        return matches[0]
    problem = "Several contracts are" if matches else "No contract is"
    raise StoreError(
        f"{problem} called {named[:80]!r}.", "Give its id, as in the address of its page, or its file name."
    )
