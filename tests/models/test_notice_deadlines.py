"""Notice deadlines: when to send so that a notice counts in time, in this term and in the next ones."""

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.arithmetic import shift
from models.business import WEEKENDS_ONLY
from models.contract import Milestone, MilestoneKind, Recurrence, Renewal, Term, TermField, TermState
from models.contract_resolution import notice_expr, resolve_contract
from models.dateexpr import Anchor, AnchorName, DateExpr, Fixed, Recurring, Shift, TermEnd, Window
from models.evidence import Evidence
from models.notice_deadlines import CYCLES, sending_deadline
from models.period import Direction, Period, Unit
from models.resolve import Resolver
from models.sending import Sending

WHERE = Evidence(start=0, end=6, quote="notice", page=1, section="4.2")
CLAUSE = Evidence(start=9, end=15, quote="posted", page=7, section="8.1")
DAYS = st.dates(dt.date(2000, 1, 1), dt.date(2090, 1, 1))


def days(count: int, *, business: bool = False) -> Period:
    return Period(count=count, unit=Unit.DAY, business=business)


def sent(takes: Period | None, *, by_post: bool = True) -> Sending:
    return Sending(
        methods=("certified mail",),
        slowest="certified mail",
        takes=takes,
        why="deemed received",
        by_post=by_post,
        evidence=CLAUSE,
    )


def notice(expr: DateExpr, sending: Sending | None = None, kind: MilestoneKind = MilestoneKind.NOTICE) -> Milestone:
    return Milestone(
        kind=kind, title="Give notice", evidence=(WHERE,), rule="r@1", confidence=0.9, expr=expr, sending=sending
    )


@pytest.mark.parametrize(
    ("latest", "takes", "by_post", "expected"),
    [
        pytest.param("2026-12-01", days(3, business=True), True, "2026-11-26", id="business days over no weekend"),
        pytest.param("2026-12-06", days(3, business=True), True, "2026-12-01", id="from a Sunday: Friday counts last"),
        pytest.param("2026-12-01", days(3), True, "2026-11-27", id="days that end on a Saturday: posted on Friday"),
        pytest.param("2026-12-06", days(0), False, "2026-12-06", id="e-mail on a Sunday"),
        pytest.param("2026-12-06", days(0), True, "2026-12-04", id="post that counts when sent, on a Sunday"),
        pytest.param("2026-12-01", None, True, None, id="nothing known of the way"),
    ],
)
def test_a_notice_is_sent_so_early_that_it_counts_in_time(
    latest: str, takes: Period | None, by_post: bool, expected: str | None
) -> None:
    found = sending_deadline(dt.date.fromisoformat(latest), sent(takes, by_post=by_post), Resolver({}))
    assert (found.date.isoformat() if found and found.date else None) == expected


@given(latest=DAYS, count=st.integers(0, 60), business=st.booleans(), by_post=st.booleans())
def test_what_is_sent_by_then_is_received_by_the_deadline(
    latest: dt.date, count: int, business: bool, by_post: bool
) -> None:
    takes = days(count, business=business)
    found = sending_deadline(latest, sent(takes, by_post=by_post), Resolver({}))
    assert found is not None
    assert found.date is not None
    assert found.date <= latest
    assert shift(found.date, takes, Direction.AFTER, WEEKENDS_ONLY) <= latest


def terms(start: dt.date, length: Period, renewal: Renewal | None) -> tuple[Term, ...]:
    sure = {"state": TermState.FOUND, "confidence": 0.9}
    effective = Term.model_validate({"field": TermField.EFFECTIVE_DATE, "expr": Fixed(date=start), **sure})
    counted = TermEnd(start=Anchor(name=AnchorName.EFFECTIVE_DATE), period=length)
    end = Term.model_validate({"field": TermField.EXPIRATION_DATE, "expr": counted, **sure})
    again = Term.model_validate({"field": TermField.RENEWAL_TERM, "renewal": renewal, **sure})
    return (effective, end, again) if renewal else (effective, end)


YEARLY = Renewal(period=Period(count=12, unit=Unit.MONTH), automatic=True, successive=True)
END = Anchor(name=AnchorName.TERM_END)
NINETY = Shift(base=END, period=days(90), direction=Direction.BEFORE)


def test_the_send_by_date_is_shown_in_the_derivation() -> None:
    agreed = terms(dt.date(2024, 3, 1), Period(count=36, unit=Unit.MONTH), YEARLY)
    _, (found,) = resolve_contract(agreed, (notice(NINETY, sent(days(3, business=True))),))
    assert (found.date, found.send_by) == (dt.date(2026, 12, 1), dt.date(2026, 11, 26))
    assert found.derivation is not None
    assert "- 90 days (s. 4.2) = 1 Dec 2026; send by (certified mail, deemed received, s. 8.1): - 3 business days" in (
        found.derivation
    )
    assert "= 26 Nov 2026" in found.derivation


def test_the_deadline_moves_with_every_term_and_not_by_the_length_of_the_first() -> None:
    agreed = terms(dt.date(2024, 3, 1), Period(count=36, unit=Unit.MONTH), YEARLY)
    _, (found,) = resolve_contract(agreed, (notice(NINETY, sent(days(5))),))
    assert [(one.number, one.term_end, one.latest, one.send_by) for one in found.cycles] == [
        (1, dt.date(2027, 3, 1), dt.date(2026, 12, 1), dt.date(2026, 11, 26)),
        (2, dt.date(2028, 3, 1), dt.date(2027, 12, 2), dt.date(2027, 11, 26)),
        (3, dt.date(2029, 3, 1), dt.date(2028, 12, 1), dt.date(2028, 11, 24)),
        (4, dt.date(2030, 3, 1), dt.date(2029, 12, 1), dt.date(2029, 11, 26)),
    ]
    assert found.cycles[0].latest == found.date


def test_a_window_of_notice_has_both_its_sides_in_every_term() -> None:
    agreed = terms(dt.date(2024, 1, 1), Period(count=1, unit=Unit.YEAR), YEARLY)
    window = Window(earliest=Shift(base=END, period=days(90), direction=Direction.BEFORE),
                    latest=Shift(base=END, period=days(60), direction=Direction.BEFORE))  # fmt: skip
    _, (found,) = resolve_contract(agreed, (notice(window, sent(days(0), by_post=False)),))
    assert (found.earliest, found.latest) == (dt.date(2024, 10, 3), dt.date(2024, 11, 2))
    assert [(one.earliest, one.latest) for one in found.cycles[:2]] == [
        (dt.date(2024, 10, 3), dt.date(2024, 11, 2)),
        (dt.date(2025, 10, 3), dt.date(2025, 11, 2)),
    ]


def test_the_terms_ahead_begin_with_the_one_of_the_day_that_is_asked_about() -> None:
    agreed = terms(dt.date(2010, 1, 1), Period(count=1, unit=Unit.YEAR), YEARLY)
    _, (found,) = resolve_contract(agreed, (notice(NINETY),), as_of=dt.date(2026, 5, 4))
    assert [one.term_end for one in found.cycles] == [dt.date(year, 1, 1) for year in range(2027, 2027 + CYCLES)]


@pytest.mark.parametrize(
    ("renewal", "expected"),
    [
        (None, [1]),
        (Renewal(period=Period(count=1, unit=Unit.YEAR)), [1]),
        (Renewal(period=Period(count=1, unit=Unit.YEAR), automatic=True, successive=True, times=2), [1, 2]),
        (Renewal(period=Period(count=1, unit=Unit.YEAR), automatic=True), [1]),
    ],
)
def test_there_is_no_notice_in_a_term_that_does_not_renew(renewal: Renewal | None, expected: list[int]) -> None:
    agreed = terms(dt.date(2024, 1, 1), Period(count=1, unit=Unit.YEAR), renewal)
    _, (found,) = resolve_contract(agreed, (notice(NINETY),))
    assert [one.number for one in found.cycles] == expected


def test_only_notices_about_the_end_of_the_term_have_cycles() -> None:
    agreed = terms(dt.date(2024, 1, 1), Period(count=1, unit=Unit.YEAR), YEARLY)
    other = notice(Fixed(date=dt.date(2024, 6, 1)))
    delivery = notice(NINETY, kind=MilestoneKind.DELIVERY)
    _, found = resolve_contract(agreed, (other, delivery))
    assert [one.cycles for one in found] == [(), ()]


def test_a_blocked_notice_has_no_date_to_send_it_by() -> None:
    _, (found,) = resolve_contract((), (notice(notice_expr(days(60)), sent(days(3))),))
    assert found.blocked_on
    assert (found.date, found.latest, found.send_by, found.cycles) == (None, None, None, ())


def test_a_fact_that_is_taken_back_takes_the_send_by_date_with_it() -> None:
    agreed = terms(dt.date(2024, 3, 1), Period(count=36, unit=Unit.MONTH), YEARLY)
    _, dated = resolve_contract(agreed, (notice(NINETY, sent(days(3))),))
    _, (blocked,) = resolve_contract((), dated)
    assert (blocked.send_by, blocked.cycles, blocked.derivation) == (None, (), None)
    _, again = resolve_contract(agreed, dated)
    assert again == dated


@pytest.mark.parametrize(
    ("as_of", "expected"),
    [
        (None, ["2024-01-31", "2024-02-29", "2024-03-31", "2024-04-30"]),
        ("2024-03-15", ["2024-03-31", "2024-04-30", "2024-05-31", "2024-06-30"]),
    ],
)
def test_a_recurrence_tells_its_first_and_next_dates(as_of: str | None, expected: list[str]) -> None:
    expr = Recurring(rrule="FREQ=MONTHLY;BYMONTHDAY=-1", start=Fixed(date=dt.date(2024, 1, 1)))
    monthly = notice(expr, kind=MilestoneKind.PAYMENT).model_copy(update={"recurrence": Recurrence.MONTHLY})
    day = dt.date.fromisoformat(as_of) if as_of else None
    _, (found,) = resolve_contract((), (monthly,), as_of=day)
    assert [one.isoformat() for one in found.occurrences] == expected
    assert found.date == dt.date(2024, 1, 31)
