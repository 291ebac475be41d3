"""Storing what reading a document gave: all of it in one transaction, or none."""

import datetime as dt
from collections.abc import Iterable
from pathlib import PurePath
from typing import Any

from sqlalchemy import delete, func, insert, update
from sqlalchemy.dialects import postgresql, sqlite
from sqlmodel import Session, col

from models.contract import Outcome, Status, TermField
from models.problem import Problem
from store import identity, rows
from store.amending import amend_families, governed
from store.families import file_document
from store.ledger import settle
from store.machine_rows import change, save_milestones, save_terms
from store.reviewing import sync_items
from store.search import index_contract
from store.tables import Contract, Document, Extraction, ProblemRow
from store.verdicts import verdict


def save_outcome(
    session: Session,
    outcome: Outcome,
    *,
    ruleset_version: str,
    model_version: str,
    now: dt.datetime,
    size: int,
    media_type: str | None = None,
    entry_id: str | None = None,
    seconds: float | None = None,
) -> Extraction:
    """Store an outcome: document, extraction, contract, terms, milestones, problems, and the ledger entry if given.

    The items of the review follow (``store.reviewing.sync_items``), what search finds (``store.search``), and the links
    that the document gives to others (``store.families``).

    All or nothing, also inside a transaction that goes on after a failure. Saving the same outcome again changes
    nothing but timestamps. A new extraction of a known document updates terms and milestones in place by their
    keys; milestones no longer found stay, not current. A failed outcome never touches a contract read before.

    ``outcome.sha256`` must be there: a file without bytes has only a ledger entry (``store.ledger.record``).
    """
    sha256, name = outcome.sha256, PurePath(outcome.file).name
    if sha256 is None:
        raise ValueError("an outcome without bytes is recorded in the ledger alone")
    outcome = rows.clean(outcome)
    with session.begin_nested():
        _save_document(
            session,
            Document(sha256=sha256, size=size, media_type=media_type, pages=outcome.pages, name=name, created_at=now),
        )
        extraction = _save_extraction(session, outcome, sha256, ruleset_version, model_version, now)
        _save_problems(session, outcome.problems, extraction.id)
        if outcome.status is not Status.FAILED:
            contract = _save_contract(session, outcome, sha256, name, extraction.id, now)
            stands = governed(session, contract.id, outcome, now)
            save_terms(session, stands.terms, contract.id, extraction.id, now)
            save_milestones(session, stands.milestones, contract.id, extraction.id, now)
            session.flush()
            file_document(session, contract.id, outcome)
            amend_families(session, contract.id, now)
            # Only now is it known whether the document amends another, where it is decided.
            sync_items(session, contract, now)
            session.flush()
            index_contract(session, contract)
        if entry_id is not None:
            settle(session, entry_id, verdict(outcome), now=now, seconds=seconds, sha256=sha256)
        session.flush()
    return extraction


def find_extraction(session: Session, sha256: str, ruleset_version: str, model_version: str) -> Extraction | None:
    """The extraction of a document by these versions, if there is one."""
    return session.get(Extraction, identity.extraction_id(sha256, ruleset_version, model_version))


def _save_document(session: Session, document: Document) -> None:
    dialect = postgresql if session.get_bind().dialect.name == "postgresql" else sqlite
    session.execute(dialect.insert(Document).values(document.model_dump()).on_conflict_do_nothing())
    # The update also locks the row: two writers of one document take turns.
    session.execute(
        update(Document)
        .where(col(Document.sha256) == document.sha256)
        .values(
            media_type=func.coalesce(document.media_type, col(Document.media_type)),
            pages=func.coalesce(document.pages, col(Document.pages)),
        )
        .execution_options(synchronize_session=False)
    )


def _save_extraction(
    session: Session, outcome: Outcome, sha256: str, ruleset_version: str, model_version: str, now: dt.datetime
) -> Extraction:
    id_ = identity.extraction_id(sha256, ruleset_version, model_version)
    found = verdict(outcome)
    columns: dict[str, Any] = {
        "status": outcome.status,
        "state": found.state,
        "category": found.category,
        "reason": found.reason,
        "outcome": outcome.model_dump(mode="json"),
        "created_at": now,
    }
    extraction = session.get(Extraction, id_, populate_existing=True)
    if extraction is None:
        extraction = Extraction(
            id=id_, document_sha256=sha256, ruleset_version=ruleset_version, model_version=model_version, **columns
        )
    else:
        change(extraction, columns)
    session.add(extraction)
    session.flush()
    return extraction


def _save_problems(session: Session, problems: Iterable[Problem], extraction_id: str) -> None:
    session.execute(delete(ProblemRow).where(col(ProblemRow.extraction_id) == extraction_id))
    values = [
        {
            "id": identity.derive("problem", extraction_id, str(ordinal)),
            "extraction_id": extraction_id,
            "ordinal": ordinal,
            **problem.model_dump(),
        }
        for ordinal, problem in enumerate(problems)
    ]
    if values:
        session.execute(insert(ProblemRow), values)


def _save_contract(
    session: Session, outcome: Outcome, sha256: str, name: str, extraction_id: str, now: dt.datetime
) -> Contract:
    parties = outcome.term(TermField.PARTIES)
    columns: dict[str, Any] = {
        "title": _text(outcome, TermField.TITLE),
        "contract_type": _text(outcome, TermField.CONTRACT_TYPE),
        "governing_law": _text(outcome, TermField.GOVERNING_LAW),
        "parties": [party.model_dump(mode="json") for party in parties.parties] if parties else [],
        "draft": outcome.draft,
    }
    id_ = identity.contract_id(sha256)
    contract = session.get(Contract, id_, populate_existing=True)
    if contract is None:
        contract = Contract(
            id=id_,
            document_sha256=sha256,
            extraction_id=extraction_id,
            name=name,
            created_at=now,
            updated_at=now,
            **columns,
        )
    else:
        contract.extraction_id = extraction_id
        if change(contract, columns):
            contract.updated_at = now
    session.add(contract)
    session.flush()
    return contract


def _text(outcome: Outcome, field: TermField) -> str | None:
    term = outcome.term(field)
    return term.text if term else None
