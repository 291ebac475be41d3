"""What every node of a date expression resolves to, and how the result explains itself."""

import pytest

from models.business import WEEKENDS_ONLY, BusinessCalendar, calendar_for
from models.dateexpr import (
    Ambiguous,
    Anchor,
    AnchorName,
    DateExpr,
    EarliestOf,
    Incomplete,
    LatestOf,
    NextDate,
    NthWeekday,
    PeriodEdge,
    Recurring,
    Window,
)
from models.derivation import derivation, window_words
from models.resolution import Conventions, Fact
from models.resolve import Resolver, resolve
from tests.models.building import (
    ACCEPTANCE,
    BEFORE,
    DELIVERY,
    EFFECTIVE,
    NOTICE,
    SIGNATURE,
    TERM_END,
    after,
    before,
    blocked,
    day,
    end_of,
    event,
    fact,
    fixed,
    known,
    period,
    resolved,
    rolled,
    term,
    within,
)

CONTRACT = {
    "effective_date": fact("Effective date", "2024-10-01", page=1),
    "term_end": fact("End of term", term(EFFECTIVE, "36 months"), section="9.1"),
    "delivery": fact("Delivery", "2025-05-03"),
}

TABLE: list[tuple[DateExpr, str]] = [
    (fixed("2025-12-31"), "31 Dec 2025 (s. 9.2)"),
    (EFFECTIVE, "Effective date 1 Oct 2024 (p. 1)"),
    (TERM_END, "Effective date 1 Oct 2024 (p. 1) + 36 months (s. 9.1) = 1 Oct 2027"),
    (
        before(TERM_END, "90 days"),
        "Effective date 1 Oct 2024 (p. 1) + 36 months (s. 9.1) = 1 Oct 2027; - 90 days (s. 9.2) = 3 Jul 2027",
    ),
    (after(DELIVERY, "10 weeks"), "Delivery 3 May 2025 + 10 weeks (s. 9.2) = 12 Jul 2025"),
    (
        before(DELIVERY, "2 business days"),
        "Delivery 3 May 2025 - 2 business days (s. 9.2) = 1 May 2025"
        " [holidays not known: weekends only; a holiday makes it earlier]",
    ),
    (within(DELIVERY, "30 days"), "Delivery 3 May 2025; within 30 days after (s. 9.2) = 3 May 2025 to 2 Jun 2025"),
    (
        within(DELIVERY, "1 month", BEFORE),
        "Delivery 3 May 2025; within 1 month before (s. 9.2) = 3 Apr 2025 to 3 May 2025",
    ),
    (
        after(within(DELIVERY, "30 days"), "1 week"),
        "Delivery 3 May 2025; within 30 days after (s. 9.2) = 3 May 2025 to 2 Jun 2025;"
        " + 1 week (s. 9.2) = 10 May 2025 to 9 Jun 2025",
    ),
    (
        Window(earliest=before(DELIVERY, "90 days"), latest=before(DELIVERY, "60 days")),
        "Delivery 3 May 2025; from - 90 days to - 60 days (s. 9.2) = 2 Feb 2025 to 4 Mar 2025",
    ),
    (
        Window(latest=before(DELIVERY, "60 days")),
        "Delivery 3 May 2025 - 60 days (s. 9.2) = 4 Mar 2025; any day until then = until 4 Mar 2025",
    ),
    (
        Window(earliest=DELIVERY),
        "Delivery 3 May 2025; any day from then on = from 3 May 2025",
    ),
    (
        Window(earliest=EFFECTIVE, latest=DELIVERY),
        "from Effective date 1 Oct 2024 (p. 1) to Delivery 3 May 2025 = 1 Oct 2024 to 3 May 2025",
    ),
    (
        after(LatestOf(of=(DELIVERY, EFFECTIVE)), "30 days"),
        "the later of Delivery 3 May 2025 and Effective date 1 Oct 2024 (p. 1) = 3 May 2025;"
        " + 30 days (s. 9.2) = 2 Jun 2025",
    ),
    (
        EarliestOf(of=(DELIVERY, TERM_END)),
        "the earlier of Delivery 3 May 2025 and"
        " (Effective date 1 Oct 2024 (p. 1) + 36 months (s. 9.1) = 1 Oct 2027) = 3 May 2025",
    ),
    (
        LatestOf(of=(DELIVERY, EFFECTIVE, fixed("2025-06-01"))),
        "the latest of Delivery 3 May 2025, Effective date 1 Oct 2024 (p. 1) and 1 Jun 2025 (s. 9.2) = 1 Jun 2025",
    ),
    (EarliestOf(of=(DELIVERY,)), "Delivery 3 May 2025"),
    (end_of(DELIVERY, "week"), "Delivery 3 May 2025; end of the week (s. 9.2) = 4 May 2025"),
    (end_of(DELIVERY, "month"), "Delivery 3 May 2025; end of the month (s. 9.2) = 31 May 2025"),
    (end_of(DELIVERY, "quarter"), "Delivery 3 May 2025; end of the quarter (s. 9.2) = 30 Jun 2025"),
    (end_of(DELIVERY, "half_year"), "Delivery 3 May 2025; end of the half year (s. 9.2) = 30 Jun 2025"),
    (end_of(DELIVERY, "year"), "Delivery 3 May 2025; end of the year (s. 9.2) = 31 Dec 2025"),
    (
        end_of(DELIVERY, "quarter", year_end_month=1),
        "Delivery 3 May 2025; end of the quarter of the fiscal year to the end of Jan (s. 9.2) = 31 Jul 2025",
    ),
    (
        end_of(fixed("2025-01-15"), "year", year_end_month=6),
        "15 Jan 2025 (s. 9.2); end of the year of the fiscal year to the end of Jun (s. 9.2) = 30 Jun 2025",
    ),
    (
        PeriodEdge(of=DELIVERY, unit="quarter", edge="start"),
        "Delivery 3 May 2025; start of the quarter (s. 9.2) = 1 Apr 2025",
    ),
    (NextDate(after=DELIVERY, month=5, day=3), "Delivery 3 May 2025; next 3 May (s. 9.2) = 3 May 2025"),
    (
        NextDate(after=DELIVERY, month=5, day=3, inclusive=False),
        "Delivery 3 May 2025; next 3 May, not counting that day (s. 9.2) = 3 May 2026",
    ),
    (
        NextDate(after=EFFECTIVE, month=12, day=31, nth=3),
        "Effective date 1 Oct 2024 (p. 1); third 31 Dec from then (s. 9.2) = 31 Dec 2026",
    ),
    (NextDate(after=DELIVERY, month=2, day=29), "Delivery 3 May 2025; next 29 Feb (s. 9.2) = 28 Feb 2026"),
    (
        NthWeekday(of=DELIVERY, n=2, weekday=4),
        "Delivery 3 May 2025; second Friday of the month (s. 9.2) = 9 May 2025",
    ),
    (
        NthWeekday(of=DELIVERY, n=-1, weekday=0),
        "Delivery 3 May 2025; last Monday of the month (s. 9.2) = 26 May 2025",
    ),
    (
        rolled(DELIVERY, "following"),
        "Delivery 3 May 2025; the next business day (s. 9.2) = 5 May 2025"
        " [holidays not known: weekends only; a holiday makes it later]",
    ),
    (
        rolled(fixed("2025-05-31"), "modified_following"),
        "31 May 2025 (s. 9.2); the business day before (s. 9.2) = 30 May 2025"
        " [holidays not known: weekends only; a holiday makes it earlier or later]",
    ),
    (
        Recurring(rrule="FREQ=MONTHLY;BYMONTHDAY=-1", start=EFFECTIVE, until=TERM_END),
        "Effective date 1 Oct 2024 (p. 1); monthly, first (s. 9.2) = 31 Oct 2024",
    ),
    (
        Recurring(rrule="FREQ=MONTHLY;INTERVAL=3", start=DELIVERY, due=period("45 days")),
        "Delivery 3 May 2025; every 3 months, first (s. 9.2) = 3 May 2025; + 45 days (s. 9.2) = 17 Jun 2025",
    ),
    (
        Recurring(rrule="FREQ=YEARLY", start=DELIVERY, until=NOTICE),
        "Delivery 3 May 2025; yearly, first (s. 9.2) = 3 May 2025 [end of the recurrence not known: notice]",
    ),
]


@pytest.mark.parametrize(("expr", "words"), TABLE, ids=[words for _, words in TABLE])
def test_every_node_resolves_and_says_how(expr: DateExpr, words: str) -> None:
    assert derivation(resolved(resolve(expr, CONTRACT, where="s. 9.2"))) == words


BLOCKED: list[tuple[DateExpr, tuple[str, ...], str]] = [
    (SIGNATURE, ("signature",), "signature"),
    (Anchor(name=AnchorName.AGREEMENT_DATE), ("agreement_date",), "agreement date not stated"),
    (event("Acceptance of Deliverable 2"), ("event:acceptance of deliverable 2",), "Acceptance of Deliverable 2"),
    (after(within(ACCEPTANCE, "3 days"), "2 days"), ("acceptance",), "acceptance"),
    (LatestOf(of=(DELIVERY, ACCEPTANCE, NOTICE)), ("acceptance", "notice"), "acceptance; notice"),
    (EarliestOf(of=(NOTICE, NOTICE)), ("notice",), "notice"),
    (Window(earliest=NOTICE, latest=DELIVERY), ("notice",), "notice"),
    (Ambiguous(readings=(DELIVERY, NOTICE), why="a test"), ("notice",), "notice"),
    (Recurring(rrule="FREQ=DAILY", start=NOTICE), ("notice",), "notice"),
    (
        Incomplete(text="the ___ day of ____, 2015", year=2015),
        (),
        "stated only in part: 'the ___ day of ____, 2015'",
    ),
    (
        LatestOf(of=(Incomplete(text="[***]"), NOTICE)),
        ("notice",),
        "stated only in part: '[***]'; notice",
    ),
    (
        Window(earliest=DELIVERY, latest=EFFECTIVE),
        (),
        "No date can be given: the window would end on 1 Oct 2024, before it starts on 3 May 2025",
    ),
    (
        NthWeekday(of=fixed("2025-02-01"), n=5, weekday=4),
        (),
        "No date can be given: 2/2025 has no fifth weekday of that name",
    ),
    (
        after(DELIVERY, "9000 years"),
        (),
        "No date can be given: the date would lie outside the years 1 to 9999",
    ),
    (
        Recurring(rrule="FREQ=HOURLY", start=DELIVERY),
        (),
        "No date can be given: the recurrence 'FREQ=HOURLY' is not daily, weekly, monthly or yearly",
    ),
    (
        Recurring(rrule="FREQ=YEARLY", start=DELIVERY, until=EFFECTIVE),
        (),
        "No date can be given: the recurrence ends on 1 Oct 2024, before its first date, 3 May 2025",
    ),
    (
        Recurring(rrule="FREQ=YEARLY;BYMONTH=2;BYMONTHDAY=30;BYDAY=MO", start=DELIVERY),
        (),
        "No date can be given: the recurrence has no date from 3 May 2025 on",
    ),
    (
        Window(earliest=Window(latest=DELIVERY)),
        (),
        "No date can be given: the window is open on both sides",
    ),
]


@pytest.mark.parametrize(("expr", "on", "phrase"), BLOCKED, ids=[phrase for *_, phrase in BLOCKED])
def test_what_has_no_date_says_what_it_waits_for(expr: DateExpr, on: tuple[str, ...], phrase: str) -> None:
    outcome = blocked(resolve(expr, CONTRACT))
    assert (outcome.on, outcome.phrase) == (on, phrase)
    assert outcome.reason.endswith(".")


def test_the_earliest_of_known_dates_bounds_what_is_blocked_on_another() -> None:
    outcome = blocked(resolve(EarliestOf(of=(DELIVERY, Anchor(name=AnchorName.TERMINATION))), CONTRACT))
    assert outcome.reason == (
        "No date can be given yet: termination of the contract. The earliest of these dates is 3 May 2025 or before."
    )


def test_a_fact_that_is_stated_in_part_is_the_fact_to_supply() -> None:
    facts = {"effective_date": fact("Effective date", Incomplete(text="____ 2015", year=2015), page=1)}
    outcome = blocked(resolve(after(EFFECTIVE, "3 years"), facts))
    assert outcome.on == ("effective_date",)
    assert outcome.phrase == "Effective date: stated only in part: '____ 2015'"


@pytest.mark.parametrize(
    ("facts", "phrase"),
    [
        ({"effective_date": fact("Effective date", EFFECTIVE)}, "Effective date: hangs on itself"),
        (
            {
                "effective_date": fact("Effective date", before(TERM_END, "1 year")),
                "term_end": fact("End of term", after(EFFECTIVE, "1 year")),
            },
            "Effective date and End of term: each hangs on the other",
        ),
    ],
)
def test_facts_that_hang_on_each_other_are_blocked(facts: dict[str, Fact], phrase: str) -> None:
    outcome = blocked(resolve(after(EFFECTIVE, "1 day"), facts))
    assert outcome.phrase == phrase
    assert set(outcome.on) == set(facts)


def test_an_expression_nested_beyond_reason_is_refused_and_not_a_crash() -> None:
    expr: DateExpr = DELIVERY
    for _ in range(400):
        expr = after(expr, "1 day")
    assert "nested too deeply" in blocked(resolve(expr, CONTRACT)).reason


def test_a_long_chain_of_facts_is_refused_and_not_a_crash() -> None:
    facts = {f"event:{n}": fact(f"Event {n}", event(str(n + 1))) for n in range(400)}
    assert "nested too deeply" in blocked(resolve(event("0"), facts)).reason


def test_a_resolver_remembers_its_facts() -> None:
    resolver = Resolver(CONTRACT)
    assert resolver.resolve(TERM_END) is resolver.resolve(TERM_END)


def test_a_note_of_a_fact_is_said_by_all_that_hangs_on_it_but_once() -> None:
    noted = fact("Effective date", "2024-10-01").model_copy(update={"note": "taken from the cover"})
    outcome = resolved(resolve(LatestOf(of=(EFFECTIVE, after(EFFECTIVE, "1 day"))), {"effective_date": noted}))
    assert outcome.notes == ("taken from the cover",)


def test_events_are_found_whatever_their_case_and_spacing() -> None:
    facts = {event("acceptance of  the Prototype").key: fact("Acceptance of the Prototype", "2025-05-03")}
    assert resolved(resolve(event("Acceptance of the prototype"), facts)).date


@pytest.mark.parametrize(
    ("calendar", "words"),
    [
        (WEEKENDS_ONLY, "7 Jul 2025 [holidays not known: weekends only; a holiday makes it later]"),
        (calendar_for("US"), "8 Jul 2025 [business days of US]"),
        (
            BusinessCalendar(name="the plant's own", holidays=frozenset({day("2025-07-04")})),
            "8 Jul 2025 [the plant's own]",
        ),
    ],
)
def test_a_count_of_business_days_names_the_calendar_it_used(calendar: BusinessCalendar, words: str) -> None:
    outcome = resolved(resolve(after(DELIVERY, "2 business days"), known(delivery="2025-07-03"), calendar))
    assert derivation(outcome) == f"Delivery 3 Jul 2025 + 2 business days = {words}"


def test_a_term_may_end_on_the_day_before_its_anniversary() -> None:
    outcome = resolved(resolve(TERM_END, CONTRACT, conventions=Conventions(inclusive_term_end=False)))
    assert derivation(outcome).endswith("+ 36 months less a day (s. 9.1) = 30 Sep 2027")


@pytest.mark.parametrize(
    ("earliest", "latest", "words"),
    [
        ("2025-05-03", "2025-05-03", "3 May 2025"),
        ("2025-05-03", "2025-05-04", "3 May 2025 to 4 May 2025"),
        (None, "2025-05-04", "until 4 May 2025"),
        ("2025-05-03", None, "from 3 May 2025"),
        (None, None, "any time"),
    ],
)
def test_windows_in_words(earliest: str | None, latest: str | None, words: str) -> None:
    assert window_words(day(earliest) if earliest else None, day(latest) if latest else None) == words
