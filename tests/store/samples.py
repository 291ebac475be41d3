"""Small outcomes for the store's tests."""

import datetime as dt
import hashlib
from decimal import Decimal

from models.contract import (
    Milestone,
    MilestoneKind,
    Outcome,
    Party,
    Rank,
    Reading,
    Recurrence,
    Renewal,
    Status,
    Term,
    TermField,
    TermState,
)
from models.dateexpr import Anchor, AnchorName, Fixed, Recurring, Shift
from models.evidence import Evidence, PageBox
from models.family import FamilyRole, Operation, OperationKind, Reference
from models.money import Amount
from models.part import DocumentPart, PartKind
from models.period import Direction, Period, Unit
from models.problem import Category, Problem, Stage
from models.resolution import Conventions
from models.sending import Addressee, NoticeCycle, Sending
from store.ledger import FileSeen

NOW = dt.datetime(2026, 3, 2, 9, 30, 15, 123456, tzinfo=dt.UTC)
LATER = NOW + dt.timedelta(hours=1)

TERM_END = Fixed(date=dt.date(2028, 2, 29))
NOTICE_EXPR = Shift(
    base=Anchor(name=AnchorName.TERM_END), period=Period(count=60, unit=Unit.DAY), direction=Direction.BEFORE
)


def sha(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def seen(path: str, content: str | None = None) -> FileSeen:
    """A file of the listing; its content is its name unless given."""
    content = path if content is None else content
    return FileSeen(path, sha(content), len(content))


def evidence(start: int, quote: str, page: int = 1) -> Evidence:
    boxes = (PageBox(page, 0.1, 1 / 3, 0.9, 0.35), PageBox(page, 0.1, 0.36, 0.5, 0.38))
    return Evidence(start=start, end=start + len(quote), quote=quote, page=page, section="9.2", boxes=boxes)


def notice(quote: str = "Either party may give sixty (60) days' notice before the end of the term.") -> Milestone:
    return Milestone(
        kind=MilestoneKind.NOTICE,
        title="Last day to give notice",
        evidence=(evidence(400, quote, page=3),),
        rule="notice.before_term_end@2",
        confidence=0.875,
        expr=NOTICE_EXPR,
        earliest=dt.date(2027, 12, 1),
        latest=dt.date(2027, 12, 31),
        derivation="Term end 29 Feb 2028 (s. 9.1) - 60 days (s. 9.2) = 31 Dec 2027",
        offset=Period(count=60, unit=Unit.DAY),
        direction=Direction.BEFORE,
        anchor="the end of the term",
        who="Either party",
        method="registered mail",
        flags=("safe_reading",),
        sending=Sending(
            methods=("registered mail",),
            slowest="registered mail",
            takes=Period(count=3, unit=Unit.DAY, business=True),
            why="deemed received",
            by_post=True,
            to=(Addressee(party="Supplier", address="Nordwind Optik GmbH, Kiel", email="office@nordwind.example"),),
            evidence=evidence(700, "Notices are sent by registered mail.", page=4),
        ),
        send_by=dt.date(2027, 12, 28),
        cycles=(NoticeCycle(number=1, term_end=dt.date(2028, 2, 29), latest=dt.date(2027, 12, 31)),),
        consequences=("auto_renewal",),
        rank=Rank(score=80, reasons=("notice", "the contract renews by itself")),
    )


def payment(quote: str = "Customer shall pay € 5,000.00 to € 7,500.50 on the last day of each month.") -> Milestone:
    return Milestone(
        kind=MilestoneKind.PAYMENT,
        title="Monthly fee",
        evidence=(evidence(900, quote, page=5), evidence(40, "the “Fee”")),
        rule="payment.monthly@1",
        confidence=1 / 3,
        expr=Recurring(rrule="FREQ=MONTHLY;BYMONTHDAY=-1", start=Fixed(date=dt.date(2024, 1, 31))),
        blocked_on="event:acceptance of the first delivery",
        recurrence=Recurrence.MONTHLY,
        rrule="FREQ=MONTHLY;BYMONTHDAY=-1",
        amount=Amount(
            text="€ 5,000.00 to € 7,500.50", value=Decimal("5000.00"), high=Decimal("7500.50"), currency="EUR"
        ),
        who="Customer",
        criteria="after acceptance",
        vague=("substantially complete",),
        occurrences=(dt.date(2024, 1, 31), dt.date(2024, 2, 29)),
        depends_on=("0" * 32,),
    )


def start() -> Milestone:
    return Milestone(
        kind=MilestoneKind.EFFECTIVE,
        title="The contract begins",
        evidence=(Evidence(start=10, end=27, quote="from 1 March 2024"),),
        rule="effective.from@1",
        confidence=1.0,
        expr=Fixed(date=dt.date(2024, 3, 1)),
        date=dt.date(2024, 3, 1),
    )


def terms() -> tuple[Term, ...]:
    found = TermState.FOUND
    where = (evidence(10, "from 1 March 2024"),)
    return (
        Term(
            field=TermField.EFFECTIVE_DATE,
            state=found,
            confidence=0.97,
            expr=Fixed(date=dt.date(2024, 3, 1)),
            date=dt.date(2024, 3, 1),
            evidence=where,
            derivation="1 Mar 2024 (p. 1)",
            rule="effective.from@1",
        ),
        Term(
            field=TermField.EXPIRATION_DATE,
            state=TermState.CONFLICT,
            confidence=0.5,
            expr=TERM_END,
            date=TERM_END.date,
            evidence=where,
            alternatives=(Reading(text="perpetual", rule="term.perpetual@1", evidence=where[0]),),
            flags=("conflict",),
        ),
        Term(
            field=TermField.RENEWAL_TERM,
            state=found,
            confidence=0.9,
            renewal=Renewal(period=Period(count=12, unit=Unit.MONTH), successive=True, automatic=True, times=3),
        ),
        Term(
            field=TermField.NOTICE_PERIOD,
            state=found,
            confidence=0.9,
            notice=Period(count=10, unit=Unit.DAY, business=True),
        ),
        Term(
            field=TermField.PARTIES,
            state=found,
            confidence=0.8,
            parties=(Party(name="Nordwind Optik GmbH", defined_as="Supplier"), Party(name="Λάμδα A.E.")),
        ),
        Term(field=TermField.TITLE, state=found, confidence=0.8, text="Supply Agreement"),
        Term(field=TermField.CONTRACT_TYPE, state=TermState.ABSENT, confidence=0.6),
        Term(
            field=TermField.AGREEMENT_DATE,
            state=TermState.BLOCKED,
            confidence=0.4,
            blocked_on="signature",
            perpetual=False,
        ),
        Term(
            field=TermField.TOTAL_VALUE,
            state=TermState.PARTIAL,
            confidence=0.4,
            amount=Amount(text="[***]", redacted=True, rate="5% of net sales"),
        ),
    )


def outcome(path: str = "supply.pdf", *, content: str | None = None, milestones: tuple[Milestone, ...] = ()) -> Outcome:
    return Outcome(
        file=path,
        sha256=sha(path if content is None else content),
        status=Status.PARTIAL,
        pages=12,
        draft=True,
        draft_evidence=(evidence(2, "DRAFT of 1 May"),),
        amends=(Reference(role=FamilyRole.AMENDMENT, evidence=evidence(0, "Amendment"), rule="amendment.to@1"),),
        operations=(Operation(kind=OperationKind.CONFIRM, evidence=(evidence(950, "Else as is."),), rule="confirm@1"),),
        parts=(DocumentPart(kind=PartKind.MAIN, title="", start=0, end=2000),),
        opening="DRAFT of 1 May",
        jurisdiction="DE",
        conventions=Conventions(inclusive_term_end=False),
        sketch=(4711, 815),
        terms=terms(),
        milestones=milestones or (payment(), start(), notice()),
        problems=(
            Problem(stage=Stage.READ, category=Category.NO_TEXT_LAYER, message="Page 7 has no text.", page=7),
            Problem(stage=Stage.RESOLVE, category=Category.BROKEN_TEXT, message="A figure cannot be read."),
        ),
    )


def failure(path: str, category: Category, message: str = "It cannot be read.") -> Outcome:
    problem = Problem(stage=Stage.READ, category=category, message=message)
    return Outcome(file=path, sha256=sha(path), status=Status.FAILED, problems=(problem,))
