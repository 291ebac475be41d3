"""Storing what reading a document gave: all of it in one transaction, or none."""

import datetime as dt

from sqlmodel import Session

from models.contract import Outcome
from store.tables import Extraction


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

    All or nothing, also inside a transaction that goes on after a failure. Saving the same outcome again changes
    nothing but timestamps. A new extraction of a known document updates terms and milestones in place by their
    keys; milestones no longer found stay, not current. A failed outcome never touches a contract read before.

    ``outcome.sha256`` must be there: a file without bytes has only a ledger entry (``store.ledger.record``).
    """
    raise NotImplementedError


def find_extraction(session: Session, sha256: str, ruleset_version: str, model_version: str) -> Extraction | None:
    """The extraction of a document by these versions, if there is one."""
    raise NotImplementedError
