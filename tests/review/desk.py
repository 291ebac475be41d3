"""A contract on the reviewer's desk: read by the program, not yet decided by anybody."""

import datetime as dt
import hashlib
from decimal import Decimal
from typing import Any

from sqlalchemy import Engine
from sqlmodel import Session, select

from models.actor import Actor, Role
from models.contract import Milestone, MilestoneKind, Outcome, Status, Term, TermField, TermState
from models.contract_resolution import resolve_contract
from models.dateexpr import Anchor, AnchorName, DateExpr, Fixed, Shift, TermEnd
from models.evidence import Evidence
from models.money import Amount
from models.period import Direction, Period, Unit
from store.engine import writing
from store.identity import contract_id
from store.results import save_outcome
from store.review_tables import DecisionRow, ReviewItem

NOW = dt.datetime(2026, 3, 2, 9, 30, tzinfo=dt.UTC)
TODAY = NOW.date()
ANNA = Actor(id="anna", name="Anna Berg", role=Role.REVIEWER)
BEN = Actor(id="ben", name="Ben Okoye", role=Role.REVIEWER)
VERA = Actor(id="vera", name="Vera Lind", role=Role.VIEWER)
ADA = Actor(id="ada", name="Ada Admin", role=Role.ADMIN)

ACCEPTANCE = "event:acceptance of the system"


def after(minutes: int) -> dt.datetime:
    """A moment after ``NOW``."""
    return NOW + dt.timedelta(minutes=minutes)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def passage(start: int, quote: str, section: str | None = None) -> Evidence:
    return Evidence(start=start, end=start + len(quote), quote=quote, page=1, section=section)


def term(field: TermField, state: TermState = TermState.FOUND, **values: Any) -> Term:
    return Term(field=field, state=state, confidence=values.pop("confidence", 0.9), rule=f"{field}.rule@1", **values)


def milestone(kind: MilestoneKind, title: str, at: int, quote: str, expr: DateExpr | None, **values: Any) -> Milestone:
    return Milestone(
        kind=kind,
        title=title,
        evidence=(passage(at, quote, values.pop("section", "9.2")),),
        rule=values.pop("rule", f"{kind}.rule@1"),
        confidence=values.pop("confidence", 0.8),
        expr=expr,
        **values,
    )


def days(count: int) -> Period:
    return Period(count=count, unit=Unit.DAY)


def terms() -> tuple[Term, ...]:
    """1 October 2024, for 36 months; a notice period of 90 days; no renewal; two dates of agreement."""
    start = passage(10, "effective as of October 1, 2024", "1")
    return (
        term(TermField.EFFECTIVE_DATE, expr=Fixed(date=dt.date(2024, 10, 1)), evidence=(start,)),
        term(
            TermField.EXPIRATION_DATE,
            expr=TermEnd(start=Anchor(name=AnchorName.EFFECTIVE_DATE), period=Period(count=36, unit=Unit.MONTH)),
            evidence=(passage(100, "for an initial term of thirty-six (36) months", "9.1"),),
        ),
        term(TermField.NOTICE_PERIOD, notice=days(90), evidence=(passage(300, "ninety (90) days' notice", "9.2"),)),
        term(TermField.RENEWAL_TERM, TermState.ABSENT, confidence=0.95),
        term(
            TermField.AGREEMENT_DATE,
            TermState.CONFLICT,
            confidence=0.55,
            expr=Fixed(date=dt.date(2024, 9, 20)),
            evidence=(passage(5, "dated September 20, 2024", "1"),),
        ),
        term(TermField.CONTRACT_TYPE, TermState.ABSENT, confidence=0.5),
        term(TermField.TITLE, text="Supply Agreement"),
    )


def milestones() -> tuple[Milestone, ...]:
    """A notice before the end of the term, a fixed payment, and two that wait for acceptance."""
    end, accepted = Anchor(name=AnchorName.TERM_END), Anchor(name=AnchorName.EVENT, event="acceptance of the system")
    return (
        milestone(
            MilestoneKind.NOTICE,
            "Last day to give notice",
            320,
            "Either party may end this Agreement by ninety (90) days' notice before the end of the term.",
            Shift(base=end, period=days(90), direction=Direction.BEFORE),
            offset=days(90),
            direction=Direction.BEFORE,
            anchor="the end of the term",
        ),
        milestone(
            MilestoneKind.PAYMENT,
            "First instalment",
            500,
            "Customer shall pay the first instalment of EUR 5,000 on 15 January 2027.",
            Fixed(date=dt.date(2027, 1, 15)),
            amount=Amount(text="EUR 5,000", value=Decimal(5000), currency="EUR"),
            confidence=0.95,
        ),
        milestone(
            MilestoneKind.PAYMENT,
            "Second instalment",
            600,
            "The second instalment is due thirty (30) days after acceptance of the system.",
            Shift(base=accepted, period=days(30), direction=Direction.AFTER),
        ),
        milestone(
            MilestoneKind.REVIEW,
            "Review meeting",
            700,
            "The parties shall meet for a review ten (10) days after acceptance of the system.",
            Shift(base=accepted, period=days(10), direction=Direction.AFTER),
        ),
    )


def outcome(file: str = "supply.pdf", **changes: Any) -> Outcome:
    """The contract as the program read it."""
    parts = {"terms": terms(), "milestones": milestones()} | changes
    dated, due = resolve_contract(parts["terms"], parts["milestones"])
    return Outcome(file=file, sha256=sha(file), status=Status.OK, pages=3, terms=dated, milestones=due)


def read(engine: Engine, what: Outcome | None = None, *, ruleset: str = "r1") -> str:
    """Store a contract as read; its id."""
    what = what or outcome()
    with writing(engine) as session:
        save_outcome(session, what, ruleset_version=ruleset, model_version="m1", now=NOW, size=100)
    return contract_id(what.sha256 or "")


def item(session: Session, title: str, contract_id: str | None = None) -> ReviewItem:
    """The one item of that title."""
    statement = select(ReviewItem).where(ReviewItem.title == title)
    if contract_id is not None:
        statement = statement.where(ReviewItem.contract_id == contract_id)
    return session.exec(statement.execution_options(populate_existing=True)).one()


def trail(session: Session, *actions: str) -> list[DecisionRow]:
    """The rows of the audit trail, oldest first; of some actions only, where they are named."""
    rows = session.exec(select(DecisionRow).order_by(DecisionRow.seq))  # type: ignore[arg-type]
    return [row for row in rows if not actions or row.action in actions]
