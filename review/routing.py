"""Handing out the queue by the routing policy (``rules.routing``): who decides what, and what two must agree on.

Only items that wait and that nobody has assigned yet are handed out; what a person assigned, or took back, is left as
it is. A contract goes to one reviewer as a whole, as far as the same rule speaks of its items.
"""

import datetime as dt
import hashlib
import secrets
from collections.abc import Iterator, Sequence
from decimal import Decimal

from sqlalchemy import Engine, exists
from sqlmodel import Session, col, select

from models.actor import Role
from models.contract import TermField
from models.decision import PROGRAM, Action, ItemState
from review.deciding import assign
from rules.routing import Candidate, RoutingPolicy, route
from rules.tracking_policies import Case
from store.account_tables import Account
from store.engine import reading, writing
from store.review_tables import DecisionRow, ReviewItem
from store.rows import term_of
from store.tables import Contract, TermRow
from store.tracking_tables import TrackedContractRow

_AT_ONCE = 50
"""Contracts of one transaction."""

_ASSIGNED = exists().where(col(DecisionRow.item_id) == col(ReviewItem.id), col(DecisionRow.action) == Action.ASSIGN)
_WAITING = (
    col(ReviewItem.state) == ItemState.PENDING,
    col(ReviewItem.assignee_id).is_(None),
    col(ReviewItem.routed_by).is_(None),
    ~_ASSIGNED,
)
"""Of items that nobody has assigned yet, or taken back from somebody."""


def hand_out(engine: Engine, policy: RoutingPolicy, now: dt.datetime) -> int:
    """Hand out what waits and is nobody's yet; how many items were assigned or now need two people."""
    if not policy.rules:
        return 0
    with reading(engine) as session:
        contracts = session.exec(select(ReviewItem.contract_id).where(*_WAITING).distinct()).all()
    bulk_id = secrets.token_hex(16)
    total = 0
    for start in range(0, len(contracts), _AT_ONCE):
        with writing(engine) as session:
            people = candidates(session)
            for contract_id in contracts[start : start + _AT_ONCE]:
                total += _hand_out_contract(session, contract_id, policy, people, now, bulk_id)
    return total


def candidates(session: Session) -> list[Candidate]:
    """Everybody who may decide, by name."""
    found = session.exec(select(Account).where(col(Account.active).is_(True)).order_by(col(Account.name)))
    return [
        Candidate(account.id, account.name, account.department)
        for account in found
        if account.role.allows(Role.REVIEWER)
    ]


def cases_of(session: Session, contract: Contract, kind: str) -> list[Case]:
    """What the rules are told of an item of a contract, once for each party."""
    return list(_cases(contract, kind, _value(session, contract), session.get(TrackedContractRow, contract.id)))


def _cases(
    contract: Contract, kind: str, value: tuple[Decimal | None, str | None], tracked: TrackedContractRow | None
) -> Iterator[Case]:
    parties = [str(party.get("name") or "") for party in contract.parties]
    named: list[str | None] = [name for name in parties if name]
    for party in named or [None]:
        yield Case(
            kind=kind,
            contract_type=contract.contract_type,
            department=tracked.department if tracked else None,
            counterparty=party,
            value=value[0],
            currency=value[1],
            risk=tracked.risk if tracked else None,
        )


def _value(session: Session, contract: Contract) -> tuple[Decimal | None, str | None]:
    row = session.exec(
        select(TermRow).where(TermRow.contract_id == contract.id, TermRow.field == TermField.TOTAL_VALUE)
    ).first()
    amount = term_of(row).amount if row else None
    return (amount.value, amount.currency) if amount else (None, None)


def _hand_out_contract(
    session: Session,
    contract_id: str,
    policy: RoutingPolicy,
    people: Sequence[Candidate],
    now: dt.datetime,
    bulk_id: str,
) -> int:
    contract = session.get_one(Contract, contract_id)
    value, tracked = _value(session, contract), session.get(TrackedContractRow, contract_id)
    done = 0
    waiting = select(ReviewItem).where(ReviewItem.contract_id == contract_id, *_WAITING).order_by(col(ReviewItem.id))
    for item in session.exec(waiting).all():
        found = route(policy, list(_cases(contract, item.kind, value, tracked)), people)
        if found is None:
            continue
        assign(
            session,
            item.id,
            item.version,
            PROGRAM,
            now,
            assignee_id=_one_of(found.reviewers, contract_id),
            approvals=max(found.approvals, item.approvals),
            routed_by="; ".join(found.rules),
            bulk_id=bulk_id,
        )
        done += 1
    return done


def _one_of(reviewers: Sequence[str], contract_id: str) -> str | None:
    """The same one for all of a contract, whatever the order it is asked in; contracts are spread evenly."""
    if not reviewers:
        return None
    number = int.from_bytes(hashlib.sha256(contract_id.encode()).digest()[:8])
    return reviewers[number % len(reviewers)]
