"""Reading results back: lists for people, streams for export, and values as the models have them."""

import datetime as dt
from collections.abc import Collection, Iterator
from typing import NamedTuple

from sqlmodel import Session

from models.contract import Milestone, MilestoneKind, Outcome, Term
from store.tables import Contract, Document, Extraction, MilestoneRow, TermRow


class MilestoneFilter(NamedTuple):
    """Which milestones; every part left out allows all.

    ``due_from`` and ``due_to`` (both included) compare ``machine_due``; ``batch_id`` keeps the contracts of
    that batch's files.
    """

    contract_id: str | None = None
    batch_id: str | None = None
    kinds: Collection[MilestoneKind] = ()
    due_from: dt.date | None = None
    due_to: dt.date | None = None
    blocked: bool | None = None
    min_confidence: float | None = None
    current: bool | None = True


class Listed(NamedTuple):
    """A milestone with its contract."""

    milestone: MilestoneRow
    contract: Contract


ALL = MilestoneFilter()


def iter_milestones(session: Session, which: MilestoneFilter = ALL) -> Iterator[Listed]:
    """Milestones by due day (undated last), then contract and place in it; streamed, not held in memory."""
    raise NotImplementedError


def list_milestones(
    session: Session, which: MilestoneFilter = ALL, *, limit: int | None = None, offset: int = 0
) -> list[Listed]:
    """A page of the milestones, in the order of ``iter_milestones``."""
    raise NotImplementedError


def count_milestones(session: Session, which: MilestoneFilter = ALL) -> int:
    """How many milestones there are."""
    raise NotImplementedError


def list_contracts(
    session: Session, *, batch_id: str | None = None, limit: int | None = None, offset: int = 0
) -> list[Contract]:
    """A page of the contracts, by file name, then id."""
    raise NotImplementedError


def terms_of(session: Session, contract_id: str) -> list[TermRow]:
    """The terms of a contract, in the order of ``TermField``."""
    raise NotImplementedError


def iter_outcomes(session: Session, *, batch_id: str | None = None) -> Iterator[tuple[Document, Extraction, Outcome]]:
    """What each document gave when last read (by the batch's versions, if one is given), by hash; streamed."""
    raise NotImplementedError


def term_of(row: TermRow) -> Term:
    """The machine's term as the models have it."""
    raise NotImplementedError


def milestone_of(row: MilestoneRow) -> Milestone:
    """The machine's milestone as the models have it."""
    raise NotImplementedError
