"""Reports: what each of them counts, and where the bars of their charts stand."""

import datetime as dt
from decimal import Decimal

import pytest
from sqlalchemy import Engine

from models.tracked import Choice, CycleDecision, Purpose
from review.deciding import accept, reject
from store.engine import reading, writing
from tests.review.desk import ANNA, NOW, item, read
from tests.tracking.building import (
    START,
    after_event,
    at,
    contract,
    effective,
    lasting,
    milestone,
    noticed,
    payment,
    perpetual,
    renewing,
)
from tests.tracking.office import Office
from tracking import charts, reports
from tracking.filtering import Judged
from tracking.reports import Ahead, Load, Month

TODAY = START.date()
JUDGED = Judged(TODAY, 14, ("effective", "expiration", "renewal", "survival"))
RENT = payment("rent", "2026-01-31")
CHEAP = payment("fee", "2026-02-28").model_copy(
    update={"amount": RENT.amount and RENT.amount.model_copy(update={"currency": "USD", "value": Decimal("10.50")})}
)
WAITING = milestone(
    "last", "payment", after_event("goods", "30 days"), waits_for=("goods",), amount=RENT.amount
)  # fmt: skip
SUPPLY = contract(
    "Supply", effective("2025-01-01"), perpetual(), counterparty="Acme Ltd",
    milestones=[
        milestone("held", "review", date="2025-12-20"),
        milestone("later", "review", date="2026-02-20"),
        milestone("numbers", "report", date="2025-12-15"),
        milestone("more", "report", date="2026-04-05"),
        milestone("far", "report", date="2026-05-05"),
        milestone("goods", "delivery", date="2026-03-01"),
        RENT, CHEAP, WAITING,
    ],
)  # fmt: skip
ROLLING = contract("Cleaning", effective("2025-03-01"), lasting("1 year"), renewing("1 year"), noticed("30 days"))


@pytest.fixture
def office(sqlite_engine: Engine) -> Office:
    office = Office(sqlite_engine, [SUPPLY, ROLLING])
    office.run(START)
    return office


def test_reviews_overdue_are_those_that_should_have_been_held(office: Office) -> None:
    with reading(office.engine) as session:
        assert [line.row.title for line in reports.reviews_overdue(session, JUDGED)] == ["The held"]


def test_reporting_duties_are_overdue_or_near(office: Office) -> None:
    with reading(office.engine) as session:
        assert [line.row.title for line in reports.reporting_duties(session, JUDGED)] == ["The numbers", "The more"]


def test_payments_are_summed_by_month_and_currency_expected_ones_included(office: Office) -> None:
    with reading(office.engine) as session:
        flow = reports.cash_flow(session, TODAY)
    assert list(flow) == ["EUR", "USD"]
    first = [(one.month.isoformat(), int(one.sum), one.payments) for one in flow["EUR"][:4]]
    assert first == [
        ("2026-01-01", 5000, 1),
        ("2026-02-01", 5000, 1),
        ("2026-03-01", 10000, 2),
        ("2026-04-01", 5000, 1),
    ]
    assert len(flow["EUR"]) == 12
    assert [one.sum for one in flow["USD"][:2]] == [0, Decimal("10.50")]


def test_renewals_of_the_quarter_say_what_was_decided(office: Office) -> None:
    def shown() -> dict[str, str | None]:
        with reading(office.engine) as session:
            return {f"{line.row.kind} {line.row.act_by}": choice for line, choice in reports.renewals(session, JUDGED)}

    assert shown() == {"notice 2026-01-30": None, "renewal 2026-03-01": None}
    decision = CycleDecision(cycle=1, choice=Choice.RENEGOTIATE, reason="price", decided_by="ann", decided_at=START)
    with writing(office.engine) as session:
        office.desk.decide(session, ROLLING.id, decision, now=START)
    assert set(shown().values()) == {Choice.RENEGOTIATE}


def test_the_year_ahead_and_the_owners_add_up(office: Office) -> None:
    with reading(office.engine) as session:
        ahead = reports.year_ahead(session, JUDGED)
        loads = {load.owner: load for load in reports.workload(session, JUDGED)}
    january = ahead[0]
    assert (january.month, january.ends, january.payments, january.others) == (dt.date(2026, 1, 1), 1, 1, 0)
    assert len(ahead) == 12
    assert (loads["procurement"].overdue, loads["procurement"].soon) == (2, 0)
    assert loads["legal"].later == 2


def test_missed_and_escalated_tell_what_went_wrong(office: Office) -> None:
    office.days(START + dt.timedelta(days=1), at("2026-02-02"))
    judged = JUDGED._replace(today=dt.date(2026, 2, 2))
    with reading(office.engine) as session:
        missed = {line.row.title for line in reports.missed(session, judged)}
        escalated = {one.line.row.title: set(one.purposes) for one in reports.escalated(session, judged)}
        much_later = reports.missed(session, judged._replace(today=dt.date(2028, 1, 1)))
    assert {"The held", "The numbers"} <= missed
    assert escalated["The later"] == {Purpose.DEPUTY, Purpose.GROUP}
    assert much_later == []


def test_review_progress_names_the_contracts_with_most_to_decide(engine: Engine) -> None:
    contract_id = read(engine)
    with reading(engine) as session:
        before, _ = reports.review_progress(session)
    with writing(engine) as session:
        for act, title in ((accept, "First instalment"), (accept, "Effective date")):
            found = item(session, title)
            act(session, found.id, found.version, ANNA, NOW)
        found = item(session, "Review meeting")
        reject(session, found.id, found.version, ANNA, NOW, reason="not a duty")
    with reading(engine) as session:
        whole, least = reports.review_progress(session)
    assert (whole.confirmed, whole.rejected, whole.open) == (2, 1, before.all - 3)
    assert (before.decided, round(whole.decided, 3)) == (0, round(3 / before.all, 3))
    assert [(one.contract_id, one.name, one.open) for one in least] == [(contract_id, "Supply Agreement", whole.open)]


def test_without_anything_reports_are_empty(engine: Engine) -> None:
    with reading(engine) as session:
        whole, least = reports.review_progress(session)
        assert (whole.all, whole.decided, list(least)) == (0, 1.0, [])
        assert reports.cash_flow(session, TODAY) == {}
        assert reports.workload(session, JUDGED) == []
        assert reports.numbers(session, JUDGED) == (0, 0, 0, 0)
    assert charts.load_rows([]) == []
    assert charts.quarter_line([], TODAY).marks == ()


@pytest.mark.parametrize(
    ("value", "words"),
    [
        (0, "0"), (950, "950"), (999, "999"), (1000, "1k"), (12400, "12.4k"), (112500, "112.5k"),
        (Decimal("3100000"), "3.1M"), (2 * 10**9, "2G"), (-1500, "-1.5k"),
    ],
)  # fmt: skip
def test_a_number_is_written_short(value: int, words: str) -> None:
    assert charts.short_number(value) == words


def test_the_tallest_column_reaches_the_top_and_what_is_nothing_has_none() -> None:
    months = [Month(dt.date(2026, at, 1), Decimal(amount), 1) for at, amount in ((11, 50), (12, 100))]
    months.append(Month(dt.date(2027, 1, 1), Decimal(0), 0))
    half, whole, none = charts.cash_columns(months, "EUR")
    assert [bar.label for bar in (half, whole, none)] == ["Nov", "Dec", "Jan 2027"]
    assert (half.parts[0].height, whole.parts[0].height, none.parts) == (60, 120, ())
    assert {part.y + part.height for bar in (half, whole) for part in bar.parts} == {140}
    assert whole.parts[0].x + whole.parts[0].width <= charts.WIDTH


def test_parts_stand_on_each_other_without_gaps() -> None:
    (bar,) = charts.ahead_columns([Ahead(dt.date(2026, 1, 1), 1, 2, 3)])
    tops = [part.y for part in bar.parts]
    assert [part.name for part in bar.parts] == ["ends", "payments", "others"]
    assert [part.y + part.height for part in bar.parts] == [140, *tops[:2]]
    assert bar.value == "6"


def test_the_longest_row_leaves_room_for_its_number() -> None:
    rows = charts.load_rows([Load("legal", 5, 0, 5), Load("finance", 0, 1, 0)])
    assert [row.label for row in rows] == ["Legal", "Finance"]
    assert max(row.end for row in rows) <= charts.WIDTH - 20
    assert [part.name for part in rows[0].parts] == ["overdue", "later"]


def test_marks_of_one_day_do_not_lie_on_each_other(office: Office) -> None:
    with reading(office.engine) as session:
        found = reports.renewals(session, JUDGED)
    line = charts.quarter_line([found[0], found[0], found[1]], TODAY)
    assert len({(mark.x, mark.y) for mark in line.marks}) == 3
    assert all(0 < mark.x < charts.FULL for mark in line.marks)
    assert [name for name, _ in line.months] == ["January", "February", "March"]


@pytest.mark.parametrize(
    ("day", "first", "last"),
    [
        ("2026-01-01", "2026-01-01", "2026-03-31"),
        ("2026-12-31", "2026-10-01", "2026-12-31"),
        ("2028-02-29", "2028-01-01", "2028-03-31"),
    ],
)
def test_a_quarter_has_three_months(day: str, first: str, last: str) -> None:
    found = reports.quarter_of(dt.date.fromisoformat(day))
    assert tuple(str(one) for one in found) == (first, last)
