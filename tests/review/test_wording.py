"""The words people read in place of the program's own."""

import datetime as dt
from decimal import Decimal

import pytest

from models.contract import Milestone, MilestoneKind, Recurrence, Renewal, Term, TermField, TermState
from models.evidence import Evidence
from models.period import Direction, Period, Unit
from models.tracked import Risk
from review.wording import (
    browser_words,
    case_words,
    confidence_words,
    contract_name,
    distance,
    kind_words,
    rule_words,
    term_words,
    timing_words,
)
from rules.tracking_policies import When

TODAY = dt.date(2026, 3, 2)


@pytest.mark.parametrize(
    ("day", "words"),
    [
        (dt.date(2026, 3, 2), "today"),
        (dt.date(2026, 3, 3), "tomorrow"),
        (dt.date(2026, 3, 1), "yesterday"),
        (dt.date(2026, 4, 1), "in 30 days"),
        (dt.date(2026, 12, 2), "in 9 months"),
        (dt.date(2024, 3, 2), "2 years ago"),
        (dt.date(2031, 9, 2), "in 5.5 years"),
    ],
)
def test_a_day_is_told_by_its_distance(day: dt.date, words: str) -> None:
    assert distance(day, TODAY) == words


@pytest.mark.parametrize(
    ("confidence", "word", "filled"),
    [
        (0.99, "Almost certainly right", 5),
        (0.92, "Very likely right", 5),
        (0.5, "More likely right than wrong", 2),
        (0.3, "Doubtful", 2),
        (0.02, "Probably wrong", 1),
    ],
)
def test_a_confidence_is_a_word_and_a_share_of_ten(confidence: float, word: str, filled: int) -> None:
    told = confidence_words(confidence)
    assert (told.word, told.filled) == (word, filled)
    assert "answers like this" in told.meaning


@pytest.mark.parametrize(
    ("title", "words"),
    [
        ("MASTER SERVICES AGREEMENT", "Master Services Agreement"),
        ("LEASE OF THE LAND LLC", "Lease of the Land LLC"),
        ("Mutual NDA", "Mutual NDA"),
        (None, "file.pdf"),
    ],
)
def test_a_title_is_not_shouted(title: str | None, words: str) -> None:
    assert contract_name(title, "file.pdf") == words


def test_a_term_that_is_not_there_or_not_known_is_said_so() -> None:
    def term(field: TermField, state: TermState, **values: object) -> Term:
        return Term(field=field, state=state, confidence=0.9, **values)

    year = Period(count=12, unit=Unit.MONTH)
    renewal = Renewal(period=year, automatic=True, successive=True)
    assert term_words(term(TermField.NOTICE_PERIOD, TermState.ABSENT)) == "Not found"
    assert term_words(term(TermField.EXPIRATION_DATE, TermState.FOUND, perpetual=True)).startswith("No end")
    assert term_words(term(TermField.EFFECTIVE_DATE, TermState.BLOCKED, blocked_on="closing")) == "Waits for closing"
    assert term_words(term(TermField.RENEWAL_TERM, TermState.FOUND, renewal=renewal)) == (
        "12 months, automatic, again and again"
    )


def test_a_timing_is_told_as_the_contract_states_it() -> None:
    evidence = Evidence(start=0, end=3, quote="pay")
    milestone = Milestone(
        kind=MilestoneKind.PAYMENT,
        title="Pay",
        evidence=(evidence,),
        rule="payment.net_days@3",
        confidence=0.9,
        offset=Period(count=30, unit=Unit.DAY),
        direction=Direction.AFTER,
        anchor="receipt of the invoice",
        recurrence=Recurrence.MONTHLY,
    )
    assert timing_words(milestone) == "30 days after receipt of the invoice, every month"
    at_once = milestone.model_copy(update={"offset": Period(count=0, unit=Unit.DAY), "recurrence": None})
    assert timing_words(at_once) == "upon receipt of the invoice"
    assert rule_words(milestone.rule) == "payment › net days (version 3)"
    assert kind_words("notice") == "Notice deadline"
    assert kind_words("notice_period") == "Notice to stop a renewal"


@pytest.mark.parametrize(
    ("agent", "words"),
    [
        (
            "Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/150.0 Safari/537.36",
            "Chrome on Linux",
        ),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:140.0) Gecko/20100101 Firefox/140.0", "Firefox on Windows"),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_0 like Mac OS X) AppleWebKit/605.1 Version/18.0 Safari/604.1",
            "Safari on iPhone",
        ),
        ("Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/150.0 Safari/537.36 Edg/150.0", "Edge on Windows"),
        ("curl/8.5", "curl/8.5"),
        (None, "unknown"),
    ],
)
def test_a_browser_is_called_what_people_call_it(agent: str | None, words: str) -> None:
    assert browser_words(agent) == words


@pytest.mark.parametrize(
    ("when", "words"),
    [
        (When(), "everything"),
        (When(kinds=("payment", "notice_period")), "payment or notice to stop a renewal"),
        (
            When(contract_types=("lease",), min_value=Decimal(100_000), currency="EUR", risk=(Risk.HIGH,)),
            "contracts of the type lease; a value of at least EUR 100,000; high risk",
        ),
        (
            When(counterparties=("Acme",), departments=("legal",), currency="USD"),
            "the department legal; with Acme; values in USD",
        ),
    ],
)
def test_which_items_a_rule_speaks_of_is_said_in_words(when: When, words: str) -> None:
    assert case_words(when) == words
