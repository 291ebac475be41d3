"""From the terms and milestones that were read to their dates."""

import pytest

from models.business import calendar_for
from models.contract import Milestone, MilestoneKind, Renewal, Term, TermField, TermState
from models.contract_resolution import (
    contract_facts,
    resolve_contract,
    resolve_milestones,
    rolling_term,
)
from models.dateexpr import Anchor, AnchorName, DateExpr, Incomplete, Recurring, Window
from models.evidence import Evidence
from models.period import Period
from models.resolution import Blocked, Conventions
from tests.models.building import (
    DELIVERY,
    EFFECTIVE,
    SIGNATURE,
    TERM_END,
    after,
    before,
    day,
    event,
    fact,
    fixed,
    known,
    period,
    term,
    within,
)

INITIAL_END = Anchor(name=AnchorName.INITIAL_TERM_END)
RENEWAL_START = Anchor(name=AnchorName.RENEWAL_START)


def evidence(page: int | None = None, section: str | None = None) -> tuple[Evidence, ...]:
    return (Evidence(start=0, end=4, quote="text", page=page, section=section),)


def dated(field: TermField, expr: DateExpr | None, state: TermState = TermState.FOUND, section: str = "1") -> Term:
    return Term(field=field, state=state, confidence=0.9, expr=expr, evidence=evidence(section=section))


def agreement(expr: DateExpr | None) -> Term:
    return dated(TermField.AGREEMENT_DATE, expr, section="Preamble")


def effective(expr: DateExpr | None, state: TermState = TermState.FOUND) -> Term:
    return dated(TermField.EFFECTIVE_DATE, expr, state, section="2")


def expiration(expr: DateExpr | None, state: TermState = TermState.FOUND) -> Term:
    return dated(TermField.EXPIRATION_DATE, expr, state, section="9.1")


PERPETUAL = Term(field=TermField.EXPIRATION_DATE, state=TermState.FOUND, confidence=0.9, perpetual=True)
THREE_YEARS = expiration(term(EFFECTIVE, "36 months"))


def renews(length: str) -> Term:
    renewal = Renewal(period=period(length), automatic=True, successive=True)
    return Term(field=TermField.RENEWAL_TERM, state=TermState.FOUND, confidence=0.9, renewal=renewal)


def notice(length: Period) -> Term:
    return Term(field=TermField.NOTICE_PERIOD, state=TermState.FOUND, confidence=0.9, notice=length)


def milestone(expr: DateExpr | None, **fields: object) -> Milestone:
    return Milestone.model_validate(
        {
            "kind": MilestoneKind.NOTICE,
            "title": "Give notice",
            "evidence": evidence(section="9.2"),
            "rule": "notice.test@1",
            "confidence": 0.9,
            "expr": expr,
            **fields,
        }
    )


def resolved_milestone(terms: tuple[Term, ...], expr: DateExpr, **supplied: str) -> Milestone:
    _, (found,) = resolve_contract(terms, (milestone(expr),), supplied=known(**supplied))
    return found


def test_a_notice_date_shows_its_arithmetic_over_the_clauses_it_came_from() -> None:
    found = resolved_milestone((effective(fixed("2024-10-01")), THREE_YEARS), before(TERM_END, "90 days"))
    assert found.date == day("2027-07-03")
    assert found.derivation == (
        "Effective date 1 Oct 2024 (s. 2) + 36 months (s. 9.1) = 1 Oct 2027; - 90 days (s. 9.2) = 3 Jul 2027"
    )


def test_terms_get_their_dates() -> None:
    terms, _ = resolve_contract((agreement(fixed("2024-09-15")), effective(fixed("2024-10-01")), THREE_YEARS), ())
    assert [(one.date, one.state) for one in terms] == [
        (day("2024-09-15"), TermState.FOUND),
        (day("2024-10-01"), TermState.FOUND),
        (day("2027-10-01"), TermState.FOUND),
    ]
    assert terms[1].derivation == "Effective date 1 Oct 2024 (s. 2)"


def test_without_an_effective_date_the_agreement_date_is_taken_and_said_so() -> None:
    terms = (agreement(fixed("2024-09-15")), effective(None, TermState.ABSENT), THREE_YEARS)
    (_, absent, end), (found,) = resolve_contract(terms, (milestone(after(EFFECTIVE, "1 week")),))
    assert found.date == day("2024-09-22")
    assert found.derivation == (
        "Agreement date 15 Sep 2024 (s. Preamble) + 1 week (s. 9.2) = 22 Sep 2024"
        " [effective date not stated: agreement date taken]"
    )
    assert end.date == day("2027-09-15")
    assert (absent.state, absent.date) == (TermState.ABSENT, None)


def test_what_is_due_upon_signing_is_dated_by_the_agreement_date_and_says_so() -> None:
    found = resolved_milestone((agreement(fixed("2024-09-15")),), after(SIGNATURE, "1 week"))
    assert found.date == day("2024-09-22")
    assert "[day of signing not stated: agreement date taken]" in (found.derivation or "")


def test_a_contract_that_sets_its_signing_apart_from_its_date_leaves_it_open() -> None:
    terms = (agreement(fixed("2024-09-15")), effective(SIGNATURE))
    found = resolved_milestone(terms, after(SIGNATURE, "1 week"))
    assert (found.date, found.blocked_on) == (None, "signature")


@pytest.mark.parametrize(
    ("stated", "blocked_on"),
    [
        (
            effective(Incomplete(text="____ 2024"), TermState.PARTIAL),
            "Effective date: stated only in part: '____ 2024'",
        ),
        (effective(SIGNATURE), "signature"),
        (effective(None, TermState.PARTIAL), "effective date not stated"),
    ],
)
def test_an_effective_date_that_is_stated_but_unknown_is_never_replaced_by_another(
    stated: Term, blocked_on: str
) -> None:
    found = resolved_milestone((agreement(fixed("2024-09-15")), stated), after(EFFECTIVE, "1 week"))
    assert (found.date, found.blocked_on) == (None, blocked_on)


@pytest.mark.parametrize(
    ("terms", "expr", "blocked_on"),
    [
        ((), before(TERM_END, "90 days"), "end of the term not stated"),
        ((THREE_YEARS,), before(TERM_END, "90 days"), "effective date not stated"),
        ((PERPETUAL,), before(TERM_END, "90 days"), "the term has no end"),
        ((PERPETUAL,), INITIAL_END, "the term has no end"),
        (
            (effective(fixed("2024-10-01")), THREE_YEARS),
            Anchor(name=AnchorName.TERMINATION),
            "termination of the contract",
        ),
        ((), event("Acceptance of Deliverable 2"), "Acceptance of Deliverable 2"),
        ((), Incomplete(text="[***]"), "stated only in part: '[***]'"),
    ],
)
def test_a_milestone_says_what_it_is_blocked_on_and_has_no_date(
    terms: tuple[Term, ...], expr: DateExpr, blocked_on: str
) -> None:
    stale = milestone(expr, date="2001-01-01", earliest="2001-01-01", latest="2001-01-01", derivation="old")
    _, (found,) = resolve_contract(terms, (stale,))
    assert found.blocked_on == blocked_on
    assert (found.date, found.earliest, found.latest, found.derivation) == (None, None, None, None)


def test_a_window_has_its_two_days_and_no_date() -> None:
    found = resolved_milestone((), within(DELIVERY, "10 days"), delivery="2025-05-03")
    assert (found.date, found.earliest, found.latest) == (None, day("2025-05-03"), day("2025-05-13"))
    assert found.blocked_on is None


def test_a_recurring_milestone_has_its_first_date_even_in_a_contract_without_an_end() -> None:
    recurring = Recurring(rrule="FREQ=MONTHLY;BYMONTHDAY=-1", start=EFFECTIVE, until=TERM_END)
    found = resolved_milestone((effective(fixed("2024-10-01")), PERPETUAL), recurring)
    assert found.date == day("2024-10-31")
    assert found.derivation
    assert found.derivation.endswith("[end of the recurrence not known: the term has no end]")


def test_a_milestone_without_an_expression_stays_as_it_was_read() -> None:
    as_read = milestone(None, blocked_on="the Project Plan")
    assert resolve_contract((), (as_read, milestone(None)))[1] == (as_read, milestone(None))


def test_a_fact_that_a_person_supplies_resolves_all_that_hung_on_it() -> None:
    expressions = (
        after(DELIVERY, "30 days"),
        after(event("Final  Acceptance"), "10 days"),
        before(TERM_END, "1 month"),
    )
    terms, waiting = resolve_contract((THREE_YEARS,), tuple(map(milestone, expressions)))
    assert [one.blocked_on for one in waiting] == ["delivery", "Final  Acceptance", "effective date not stated"]
    assert terms[0].state is TermState.BLOCKED
    supplied = known(delivery="2025-05-03", effective_date="2025-01-01")
    supplied[event("final acceptance").key] = fact("Final acceptance", "2025-06-01")
    terms, found = resolve_contract(terms, waiting, supplied=supplied)
    assert [one.date for one in found] == [day("2025-06-02"), day("2025-06-11"), day("2027-12-01")]
    assert not any(one.blocked_on for one in found)
    assert (terms[0].state, terms[0].date, terms[0].blocked_on) == (TermState.FOUND, day("2028-01-01"), None)


def test_a_fact_that_is_taken_back_blocks_again() -> None:
    _, (found,) = resolve_contract((), (milestone(after(DELIVERY, "30 days")),), supplied=known(delivery="2025-05-03"))
    assert found.date
    _, (again,) = resolve_contract((), (found,))
    assert (again.date, again.blocked_on, again.derivation) == (None, "delivery", None)


def test_a_supplied_fact_stands_before_the_contracts_and_leaves_what_was_read_alone() -> None:
    terms = (effective(fixed("2024-10-01")), THREE_YEARS)
    (read, end), (found,) = resolve_contract(
        terms, (milestone(after(EFFECTIVE, "1 day")),), supplied=known(effective_date="2025-01-01")
    )
    assert read.date == day("2024-10-01")
    assert end.date == day("2028-01-01")
    assert found.date == day("2025-01-02")


def test_a_supplied_end_of_the_term_moves_the_start_of_its_renewal() -> None:
    terms = (effective(fixed("2024-10-01")), THREE_YEARS)
    for expr in (RENEWAL_START, after(INITIAL_END, "1 day")):
        assert resolved_milestone(terms, expr, term_end="2026-12-31").date == day("2027-01-01")


@pytest.mark.parametrize(
    ("end", "conventions", "starts"),
    [
        (term(EFFECTIVE, "36 months"), Conventions(), "2027-10-01"),
        (term(EFFECTIVE, "36 months"), Conventions(inclusive_term_end=False), "2027-10-01"),
        (fixed("2027-09-30"), Conventions(), "2027-10-01"),
    ],
)
def test_a_renewal_starts_on_the_anniversary_or_the_day_after_a_stated_last_day(
    end: DateExpr, conventions: Conventions, starts: str
) -> None:
    terms = (effective(fixed("2024-10-01")), expiration(end))
    _, (found,) = resolve_contract(terms, (milestone(RENEWAL_START),), conventions=conventions)
    assert found.date == day(starts)


@pytest.mark.parametrize(
    ("read", "state", "blocked_on"),
    [
        (expiration(after(DELIVERY, "1 year")), TermState.BLOCKED, "delivery"),
        (expiration(after(DELIVERY, "1 year"), TermState.CONFLICT), TermState.CONFLICT, "delivery"),
        (expiration(Incomplete(text="20__")), TermState.PARTIAL, "stated only in part: '20__'"),
        (
            expiration(Window(latest=fixed("2025-12-31"))),
            TermState.BLOCKED,
            "not one day but a window: until 31 Dec 2025",
        ),
        (expiration(TERM_END), TermState.BLOCKED, "End of term: hangs on itself"),
    ],
)
def test_a_term_without_a_date_says_why(read: Term, state: TermState, blocked_on: str) -> None:
    (found,), _ = resolve_contract((read,), ())
    assert (found.state, found.date, found.blocked_on) == (state, None, blocked_on)


def test_terms_in_conflict_resolve_but_all_that_hangs_on_them_says_so() -> None:
    terms = (effective(fixed("2024-10-01"), TermState.CONFLICT),)
    (found,), (hanging,) = resolve_contract(terms, (milestone(after(EFFECTIVE, "1 day")),))
    assert (found.state, found.date) == (TermState.CONFLICT, day("2024-10-01"))
    assert hanging.derivation
    assert hanging.derivation.endswith("[effective date: readings disagree, a person must decide]")


def test_perpetual_and_other_terms_are_left_as_they_are() -> None:
    terms = (PERPETUAL, renews("1 year"), notice(period("60 days")))
    assert resolve_contract(terms, ())[0] == terms


def test_business_days_are_counted_by_the_calendar_given() -> None:
    _, (found,) = resolve_contract(
        (), (milestone(after(DELIVERY, "2 business days")),), calendar_for("US"), supplied=known(delivery="2025-07-03")
    )
    assert found.date == day("2025-07-08")


def test_resolving_twice_changes_nothing() -> None:
    terms = (agreement(fixed("2024-09-15")), THREE_YEARS)
    milestones = (
        milestone(before(TERM_END, "90 days")),
        milestone(DELIVERY),
        milestone(within(TERM_END, "1 month")),
    )
    once = resolve_contract(terms, milestones)
    assert resolve_contract(*once) == once


def test_a_contract_rolls_over_with_its_notice_period() -> None:
    terms = (effective(fixed("2019-01-31")), THREE_YEARS, renews("12 months"), notice(period("3 months")))
    rolling = rolling_term(terms)
    assert not isinstance(rolling, Blocked)
    found = rolling.next_notice(day("2026-11-22"))
    assert found
    assert (found.number, found.start, found.end) == (7, day("2027-01-31"), day("2028-01-31"))
    assert found.notice_latest == day("2027-10-31")
    (moved,) = resolve_milestones((milestone(before(TERM_END, "3 months")),), rolling.resolver_in(found))
    assert moved.date == found.notice_latest


@pytest.mark.parametrize(
    ("terms", "phrase"),
    [
        ((), "end of the term not stated"),
        ((THREE_YEARS,), "effective date not stated"),
        ((expiration(Window(earliest=fixed("2025-01-01"))),), "not one day but a window: from 1 Jan 2025"),
    ],
)
def test_a_contract_whose_end_is_not_known_cannot_roll_over(terms: tuple[Term, ...], phrase: str) -> None:
    outcome = rolling_term(terms)
    assert isinstance(outcome, Blocked)
    assert phrase in outcome.phrase


def test_a_perpetual_contract_has_one_term() -> None:
    rolling = rolling_term((effective(fixed("2024-10-01")), PERPETUAL, notice(period("60 days"))))
    assert not isinstance(rolling, Blocked)
    (cycle,) = rolling.cycles()
    assert (cycle.start, cycle.end) == (day("2024-10-01"), None)
    (waiting,) = resolve_milestones((milestone(before(TERM_END, "3 months")),), rolling.resolver_in(cycle))
    assert waiting.blocked_on == "the term has no end"


def test_a_stated_last_day_rolls_over_to_stated_last_days() -> None:
    rolling = rolling_term((effective(fixed("2024-01-01")), expiration(fixed("2024-06-30")), renews("6 months")))
    assert not isinstance(rolling, Blocked)
    found = rolling.cycle_at(day("2024-12-31"))
    assert found
    assert (found.start, found.end) == (day("2024-07-01"), day("2024-12-31"))


def test_facts_of_a_contract_do_not_include_its_termination() -> None:
    facts = contract_facts((effective(fixed("2024-10-01")), THREE_YEARS))
    assert set(facts) == {"effective_date", "term_end", "initial_term_end", "renewal_start"}
