"""Terms that roll over, and the notice that is due in each."""

import datetime as dt
from itertools import islice, pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from models.contract import Renewal
from models.cycles import Cycle, CycleKind, RollingTerm
from models.dateexpr import DateExpr, Window
from models.period import Period, Unit
from models.resolution import Conventions
from models.resolve import resolve
from tests.models.building import DELIVERY, TERM_END, before, day, days, end_of, known, period, resolved

DAY_BEFORE = Conventions(inclusive_term_end=False)


def renewal(length: str, times: int | None = None, *, automatic: bool = True, successive: bool = True) -> Renewal:
    return Renewal(period=period(length), automatic=automatic, successive=successive, times=times)


def notice(latest: str, earliest: str | None = None) -> DateExpr:
    return Window(latest=before(TERM_END, latest), earliest=before(TERM_END, earliest) if earliest else None)


def spans(rolling: RollingTerm, most: int = 5, since: str | None = None) -> list[str]:
    found = islice(rolling.cycles(day(since) if since else None), most)
    return [f"{cycle.number}: {cycle.start} to {cycle.end}" for cycle in found]


def test_renewal_terms_have_their_own_length() -> None:
    rolling = RollingTerm(start=day("2020-03-01"), length=period("36 months"), renewal=renewal("12 months"))
    assert spans(rolling, 3) == [
        "1: 2020-03-01 to 2023-03-01",
        "2: 2023-03-01 to 2024-03-01",
        "3: 2024-03-01 to 2025-03-01",
    ]


def test_where_terms_end_before_their_anniversary_they_share_no_day() -> None:
    rolling = RollingTerm(
        start=day("2020-03-01"), length=period("3 years"), renewal=renewal("1 year"), conventions=DAY_BEFORE
    )
    assert spans(rolling, 2) == ["1: 2020-03-01 to 2023-02-28", "2: 2023-03-01 to 2024-02-29"]


def test_month_to_month_from_the_31st_does_not_drift() -> None:
    rolling = RollingTerm(start=day("2025-01-31"), length=period("1 month"), renewal=renewal("1 month"))
    assert [cycle.end for cycle in islice(rolling.cycles(), 4)] == [
        day("2025-02-28"),
        day("2025-03-31"),
        day("2025-04-30"),
        day("2025-05-31"),
    ]


def test_a_stated_last_day_at_the_end_of_a_month_is_followed_by_ends_of_months() -> None:
    rolling = RollingTerm(end=day("2024-06-30"), renewal=renewal("6 months"))
    assert spans(rolling, 3) == [
        "1: None to 2024-06-30",
        "2: 2024-07-01 to 2024-12-31",
        "3: 2025-01-01 to 2025-06-30",
    ]


@pytest.mark.parametrize(
    ("rolling", "terms"),
    [
        (RollingTerm(end=day("2024-06-30")), 1),
        (RollingTerm(end=day("2024-06-30"), renewal=renewal("1 year", automatic=False)), 1),
        (RollingTerm(end=day("2024-06-30"), renewal=renewal("1 year", successive=False)), 2),
        (RollingTerm(end=day("2024-06-30"), renewal=renewal("1 year", times=3)), 4),
        (RollingTerm(end=day("2024-06-30"), renewal=Renewal(perpetual=True, automatic=True)), 2),
        (RollingTerm(start=day("2024-06-30"), renewal=renewal("1 year")), 1),
        (RollingTerm(end=dt.date.max, renewal=renewal("1 year")), 1),
    ],
)
def test_how_many_terms_there_are(rolling: RollingTerm, terms: int) -> None:
    assert [cycle.number for cycle in rolling.cycles()] == list(range(1, terms + 1))


def test_a_contract_whose_renewals_are_used_up_has_expired() -> None:
    rolling = RollingTerm(end=day("2024-06-30"), renewal=renewal("1 year", times=1))
    cycle = rolling.cycle_at(day("2025-06-30"))
    assert cycle
    assert cycle.kind is CycleKind.RENEWAL
    assert rolling.cycle_at(day("2025-07-01")) is None


def test_an_option_to_renew_does_not_roll_by_itself_but_has_its_deadline() -> None:
    rolling = RollingTerm(end=day("2024-06-30"), renewal=renewal("1 year", automatic=False), notice=notice("60 days"))
    assert rolling.cycle_at(day("2024-07-01")) is None
    assert [cycle.notice_latest for cycle in rolling.cycles()] == [day("2024-05-01")]


def test_evergreen_after_the_initial_term_has_no_end() -> None:
    rolling = RollingTerm(end=day("2024-06-30"), renewal=Renewal(perpetual=True, automatic=True))
    assert rolling.cycle_at(day("2094-01-01")) == Cycle(2, CycleKind.RENEWAL, day("2024-07-01"), None)


def test_a_perpetual_term_is_its_only_cycle() -> None:
    rolling = RollingTerm(start=day("2024-06-30"), notice=notice("60 days"))
    assert rolling.cycle_at(day("2094-01-01")) == Cycle(1, CycleKind.INITIAL, day("2024-06-30"), None)
    assert rolling.next_notice(day("2024-07-01")) is None


def test_a_renewal_of_unstated_length_goes_on_and_says_so() -> None:
    for unstated in (Renewal(automatic=True), renewal("0 months")):
        rolling = RollingTerm(end=day("2024-06-30"), renewal=unstated)
        cycle = rolling.cycle_at(day("2025-01-01"))
        assert cycle
        assert (cycle.end, cycle.blocked_on) == (None, "length of the renewal term not stated")


def test_before_it_starts_a_contract_is_in_its_initial_term() -> None:
    rolling = RollingTerm(start=day("2024-06-30"), length=period("1 year"))
    cycle = rolling.cycle_at(day("1999-01-01"))
    assert cycle
    assert cycle.number == 1


def test_notice_is_due_in_a_window_before_the_end_of_each_term() -> None:
    rolling = RollingTerm(
        start=day("2020-01-01"),
        length=period("3 years"),
        renewal=renewal("1 year"),
        notice=notice(latest="60 days", earliest="90 days"),
    )
    found = [(str(one.notice_earliest), str(one.notice_latest)) for one in islice(rolling.cycles(), 2)]
    assert found == [("2022-10-03", "2022-11-02"), ("2023-10-03", "2023-11-02")]


def test_no_notice_is_due_in_the_last_term_of_all() -> None:
    rolling = RollingTerm(end=day("2024-06-30"), renewal=renewal("1 year", times=1), notice=notice("60 days"))
    assert [cycle.notice_latest for cycle in rolling.cycles()] == [day("2024-05-01"), None]


def test_a_term_without_a_renewal_clause_still_shows_the_notice_it_states() -> None:
    rolling = RollingTerm(end=day("2024-06-30"), notice=notice("60 days"))
    assert [cycle.notice_latest for cycle in rolling.cycles()] == [day("2024-05-01")]


def test_after_a_missed_deadline_the_next_one_is_that_of_the_coming_term() -> None:
    rolling = RollingTerm(
        start=day("2010-06-30"), length=period("36 months"), renewal=renewal("12 months"), notice=notice("3 months")
    )
    on_time, too_late = rolling.next_notice(day("2026-03-30")), rolling.next_notice(day("2026-03-31"))
    assert on_time
    assert on_time.notice_latest == day("2026-03-30")
    assert too_late
    assert too_late.notice_latest == day("2027-03-30")


def test_a_deadline_that_does_not_move_with_the_term_is_not_looked_for_for_ever() -> None:
    rolling = RollingTerm(
        end=day("2024-06-30"),
        renewal=renewal("1 day"),
        notice=before(DELIVERY, "1 day"),
        facts=known(delivery="2020-01-01"),
    )
    assert rolling.next_notice(day("2026-01-01")) is None


def test_notice_that_hangs_on_something_unknown_says_on_what() -> None:
    rolling = RollingTerm(end=day("2024-06-30"), notice=before(DELIVERY, "1 day"))
    cycle = rolling.cycle_at(day("2024-01-01"))
    assert cycle
    assert (cycle.notice_latest, cycle.notice_blocked_on) == (None, "delivery")


def test_milestones_of_a_later_term_hang_on_its_end() -> None:
    rolling = RollingTerm(start=day("2020-01-01"), length=period("3 years"), renewal=renewal("1 year"))
    cycle = rolling.cycle_at(day("2025-05-05"))
    assert cycle
    outcome = resolved(resolve(end_of(before(TERM_END, "1 month"), "month"), rolling.facts_in(cycle)))
    assert outcome.date == day("2025-12-31")
    assert outcome.steps[0].text == "End of renewal term 3"


def test_a_term_beyond_the_year_9999_is_the_last() -> None:
    rolling = RollingTerm(start=day("9990-01-01"), length=period("5 years"), renewal=renewal("3 years"))
    *_, last = rolling.cycles()
    assert (last.number, last.end) == (3, None)
    assert last.blocked_on == "the date would lie outside the years 1 to 9999"


def test_a_length_without_a_start_is_refused() -> None:
    with pytest.raises(ValueError, match="counted from its start"):
        RollingTerm(length=period("1 year"))


lengths = st.builds(
    Period, count=st.integers(1, 40), unit=st.sampled_from([Unit.DAY, Unit.WEEK, Unit.MONTH, Unit.YEAR])
)
conventions = st.builds(Conventions, inclusive_term_end=st.booleans())
renewals = st.builds(
    Renewal, period=lengths, automatic=st.just(True), successive=st.booleans(), times=st.none() | st.integers(1, 50)
)
counted = st.builds(
    RollingTerm,
    start=days,
    length=lengths,
    renewal=renewals,
    conventions=conventions,
    notice=st.just(notice("30 days", "60 days")),
)
stated = st.builds(RollingTerm, end=days, renewal=renewals, conventions=conventions, notice=st.just(notice("2 months")))
rolling_terms = counted | stated


@given(rolling_terms)
def test_terms_follow_one_another_without_a_gap(rolling: RollingTerm) -> None:
    shared = dt.timedelta(0 if rolling.length and rolling.conventions.inclusive_term_end else 1)
    for one, other in pairwise(islice(rolling.cycles(), 60)):
        assert one.end is not None
        assert other.start is not None
        assert other.start - one.end == shared
        assert (other.number, other.kind) == (one.number + 1, CycleKind.RENEWAL)
        assert other.end is None or other.end > one.end


@given(rolling_terms, st.integers(-100, 1_000))
def test_the_cycle_of_a_day_is_the_first_that_ends_on_it_or_later(rolling: RollingTerm, later: int) -> None:
    as_of = (rolling.end or rolling.start or dt.date.min) + dt.timedelta(later)
    by_search = rolling.cycle_at(as_of)
    by_listing = None
    for cycle in rolling.cycles():
        if cycle.end is None or cycle.end >= as_of:
            by_listing = cycle
            break
    assert by_search == by_listing
    assert next(rolling.cycles(since=as_of), None) == by_listing


@given(days, st.integers(1, 24), st.integers(1, 24), st.integers(0, 200))
def test_over_many_renewals_the_day_of_the_month_never_drifts(
    start: dt.date, initial: int, renewed: int, number: int
) -> None:
    rolling = RollingTerm(start=start, length=period(f"{initial} months"), renewal=renewal(f"{renewed} months"))
    cycle = next(islice(rolling.cycles(), number, None))
    assert cycle.end is not None
    assert cycle.end.day == start.day or (cycle.end.day < start.day and (cycle.end + dt.timedelta(1)).day == 1)


@given(rolling_terms, days)
def test_the_next_notice_can_still_be_given_and_no_earlier_one_can(rolling: RollingTerm, as_of: dt.date) -> None:
    found = rolling.next_notice(as_of)
    deadlines = [cycle.notice_latest for cycle in islice(rolling.cycles(as_of), 40) if cycle.notice_latest]
    expected = next((deadline for deadline in deadlines if deadline >= as_of), None)
    assert (found.notice_latest if found else None) == expected
