"""Contracts, owners and senders for the tests of tracking."""

import datetime as dt
import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from decimal import Decimal

from sqlalchemy import Engine, insert
from sqlmodel import Session

from models.contract import MilestoneKind, Renewal, Status, Term, TermField, TermState
from models.dateexpr import Anchor, AnchorName, DateExpr, Fixed, Recurring, Shift, TermEnd
from models.money import Amount
from models.period import Direction
from models.tracked import OwnerKind, TrackedContract, TrackedMilestone
from rules.tracking_policies import Policies, installed_policies
from store.engine import writing
from store.identity import derive
from store.tables import Contract, Document, Extraction, LedgerState
from store.tracking_occurrences import cycle_decisions, entered_deadlines, tracked_rows
from store.tracking_owners import add_owner, ensure_teams, find_owner, join
from store.tracking_tables import TrackedContractRow
from tests.models.building import EFFECTIVE, before, day, period
from tracking.confirmed import settings_of
from tracking.context import Context
from tracking.senders import Message, Receipt, SendError

__all__ = ["EFFECTIVE", "before", "day", "entered_deadlines", "period"]

START = dt.datetime(2026, 1, 5, 18, tzinfo=dt.UTC)
TEAMS = ("contracts", "legal", "finance", "procurement")


def at(iso: str, hour: int = 18) -> dt.datetime:
    return dt.datetime.combine(day(iso), dt.time(hour), dt.UTC)


def context(policies: Policies | None = None, **changes: object) -> Context:
    """The installed policies, with parts of the reminders' policy changed."""
    policies = policies or installed_policies()
    if changes:
        dumped = {**policies.reminders.model_dump(by_alias=True), **changes}
        reminders = type(policies.reminders).model_validate(dumped)
        version = hashlib.sha256(repr(changes).encode()).hexdigest()[:8]
        policies = policies.model_copy(update={"reminders": reminders, "version": version})
    return Context(policies)


def effective(date: str) -> Term:
    return Term(
        field=TermField.EFFECTIVE_DATE, state=TermState.FOUND, confidence=1, expr=Fixed(date=day(date)), date=day(date)
    )


def lasting(words: str) -> Term:
    """A term counted from the effective date ("36 months")."""
    return Term(
        field=TermField.EXPIRATION_DATE,
        state=TermState.FOUND,
        confidence=1,
        expr=TermEnd(start=EFFECTIVE, period=period(words)),
    )


def until(date: str) -> Term:
    return Term(
        field=TermField.EXPIRATION_DATE, state=TermState.FOUND, confidence=1, expr=Fixed(date=day(date)), date=day(date)
    )


def perpetual() -> Term:
    return Term(field=TermField.EXPIRATION_DATE, state=TermState.FOUND, confidence=1, perpetual=True)


def renewing(words: str, times: int | None = None, *, automatic: bool = True, successive: bool = True) -> Term:
    renewal = Renewal(period=period(words), successive=successive, automatic=automatic, times=times)
    return Term(field=TermField.RENEWAL_TERM, state=TermState.FOUND, confidence=1, renewal=renewal)


def noticed(words: str) -> Term:
    return Term(field=TermField.NOTICE_PERIOD, state=TermState.FOUND, confidence=1, notice=period(words))


def milestone(key: str, kind: str, expr: DateExpr | None = None, **more: object) -> TrackedMilestone:
    return TrackedMilestone.model_validate({"key": key, "kind": kind, "title": f"The {key}", "expr": expr, **more})


def monthly(start: str, rule: str = "FREQ=MONTHLY;BYMONTHDAY=-1", **more: object) -> Recurring:
    return Recurring.model_validate({"rrule": rule, "start": Fixed(date=day(start)), **more})


def payment(key: str, start: str, rule: str = "FREQ=MONTHLY;BYMONTHDAY=-1") -> TrackedMilestone:
    amount = Amount(text="EUR 5,000", value=Decimal(5000), currency="EUR")
    return milestone(key, MilestoneKind.PAYMENT, monthly(start, rule), amount=amount)


def contract(name: str, *terms: Term, milestones: Sequence[TrackedMilestone] = (), **more: object) -> TrackedContract:
    return TrackedContract.model_validate(
        {"id": derive("contract", name), "title": name, "terms": terms, "milestones": tuple(milestones), **more}
    )


def store_contracts(engine: Engine, contracts: Iterable[TrackedContract]) -> None:
    """The rows that contracts hang on: documents read, and nothing more."""
    now = START
    documents, extractions, rows = [], [], []
    for one in contracts:
        sha = hashlib.sha256(one.id.encode()).hexdigest()
        documents.append({"sha256": sha, "size": 1, "name": f"{one.title}.pdf", "created_at": now})
        extractions.append(
            {
                "id": derive("extraction", sha),
                "document_sha256": sha,
                "ruleset_version": "1",
                "model_version": "1",
                "status": Status.OK,
                "state": LedgerState.DONE,
                "outcome": {},
                "created_at": now,
            }
        )
        rows.append(
            {
                "id": one.id,
                "document_sha256": sha,
                "extraction_id": derive("extraction", sha),
                "name": f"{one.title}.pdf",
                "parties": [],
                "draft": one.draft,
                "created_at": now,
                "updated_at": now,
            }
        )
    with writing(engine) as session:
        session.execute(insert(Document), documents)
        session.execute(insert(Extraction), extractions)
        session.execute(insert(Contract), rows)


def track(engine: Engine, contracts: Iterable[TrackedContract], now: dt.datetime = START) -> None:
    """Have the next run look at contracts, as it does at those that were decided about."""
    with writing(engine) as session:
        for one in contracts:
            settings = one.settings
            session.add(
                TrackedContractRow(
                    contract_id=one.id,
                    title=one.title,
                    department=settings.department,
                    risk=settings.risk,
                    stage=settings.stage,
                    owner_id=settings.owner,
                    ladders={kind: list(ladder) for kind, ladder in settings.ladders.items()},
                    terminated_on=settings.terminated_on,
                    since=now.date(),
                    check_on=now.date(),
                    created_at=now,
                    updated_at=now,
                )
            )


class Portfolio:
    """Confirmed contracts in memory, with what was said and decided of them in the database."""

    def __init__(self, contracts: Iterable[TrackedContract] = ()) -> None:
        self.contracts = {one.id: one for one in contracts}

    def put(self, one: TrackedContract) -> None:
        self.contracts[one.id] = one

    def __call__(self, session: Session, ids: Sequence[str]) -> Iterator[TrackedContract]:
        rows, decisions = tracked_rows(session, ids), cycle_decisions(session, ids)
        for id_ in ids:
            if (one := self.contracts.get(id_)) is not None:
                settings = settings_of(rows[id_]) if id_ in rows else one.settings
                yield one.model_copy(update={"settings": settings, "decisions": decisions.get(id_, one.decisions)})


def staff(engine: Engine, now: dt.datetime = START) -> None:
    """Four teams, each with a lead who has a deputy, in several time zones."""
    zones = {"legal": "Europe/Berlin", "finance": "America/New_York", "procurement": "Asia/Tokyo", "contracts": "UTC"}
    with writing(engine) as session:
        ensure_teams(session, TEAMS, now=now)
        for team, zone in zones.items():
            row = find_owner(session, team)
            row.email, row.time_zone = f"{team}@example.com", zone
            deputy = add_owner(
                session, f"{team} deputy", OwnerKind.PERSON, now=now, email=f"{team}.deputy@example.com", time_zone=zone
            )
            row.deputy_id = deputy.id
            session.add(row)
            session.flush()
            join(session, row, deputy)


class Outbox:
    """A sender that keeps what it is given. ``failing`` may raise for a message."""

    def __init__(self, failing: Callable[[Message], SendError | None] | None = None) -> None:
        self.messages: list[Message] = []
        self._failing = failing

    def send(self, message: Message) -> Receipt:
        error = self._failing(message) if self._failing else None
        if error is not None:
            raise error
        self.messages.append(message)
        return Receipt()


def end_of_term(name: AnchorName = AnchorName.TERM_END) -> Anchor:
    return Anchor(name=name)


def after_event(words: str, length: str) -> Shift:
    return Shift(base=Anchor(name=AnchorName.EVENT, event=words), period=period(length), direction=Direction.AFTER)
