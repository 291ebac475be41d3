"""Confidence: what several voices say is added up, and each voice moves it the way it should."""

import random
from typing import Any

import pytest
from pydantic import JsonValue

from extractors.calibration import Weighed, fit_weights
from extractors.clauses import NAME
from extractors.confidence import ALWAYS, UNREAD, anchors, chance, log_odds, weighed, weights_key
from extractors.engine import prepare
from extractors.terms import TermsFound, extract_terms
from models.contract import FIVE_TERMS, Term, TermField, TermState
from models.dateexpr import Anchor, AnchorName, Fixed, LatestOf, TermEnd
from models.period import Period, Unit
from models.source import SourceText
from rules.loader import installed_rules

OPENING = (
    "SUPPLY AGREEMENT\n\nThis Supply Agreement is made as of March 1, 2021 by and between Acme Ltd and Borealis Inc."
)
TERM = "1. Term. This Agreement begins on the date hereof and continues for a period of two (2) years."
RENEWAL = (
    "2. Renewal. This Agreement shall automatically renew for successive periods of one (1) year unless either party "
    "gives notice of non-renewal at least ninety (90) days before the end of the then-current term."
)
GOODS = "3. Goods. The goods are blue and are kept dry by whoever holds them."


def read(*parts: str) -> TermsFound:
    return extract_terms(prepare(SourceText("\n\n".join(parts), (), ())), installed_rules())


def term(found: TermsFound, field: TermField) -> Term:
    return next(one for one in found.terms if one.field is field)


@pytest.mark.parametrize(
    ("state", "signals", "key"),
    [
        ("found", {}, "renewal_term.value"),
        ("conflict", {"conflict": 1.0}, "renewal_term.value"),
        ("partial", {}, "renewal_term.value"),
        ("found", {"hangs": 1.0}, "renewal_term.open"),
        ("blocked", {"hangs": 1.0}, "renewal_term.open"),
        ("absent", {}, "renewal_term.absence"),
    ],
)
def test_values_open_values_and_absences_have_weights_of_their_own(
    state: str, signals: dict[str, float], key: str
) -> None:
    assert weights_key("renewal_term", state, signals) == key


@pytest.mark.parametrize("parts", [(OPENING, TERM, RENEWAL, GOODS), (GOODS,)])
def test_what_was_fitted_to_an_answer_is_what_the_answer_gets(parts: tuple[str, ...]) -> None:
    found = read(*parts)
    weights: Any = installed_rules().data["confidence"]
    assert set(found.signals) == set(FIVE_TERMS)
    for field in FIVE_TERMS:
        answer = term(found, field)
        fitted = weights[weights_key(field, answer.state, found.signals[field])]
        assert answer.confidence == weighed(fitted, found.signals[field]), field


def test_absence_is_surer_where_the_finder_sees_no_clause() -> None:
    silent = read(OPENING, TERM, GOODS).signals[TermField.RENEWAL_TERM]
    unread = "2. Renewal. This Agreement shall automatically renew for successive periods as set out in the order form."
    loud = read(OPENING, TERM, unread, GOODS).signals[TermField.RENEWAL_TERM]
    assert silent["finder"] < loud["finder"]
    weights: Any = installed_rules().data["confidence"]
    assert weighed(weights["renewal_term.absence"], silent) >= weighed(weights["renewal_term.absence"], loud)


def test_a_clause_that_no_rule_reads_is_pointed_out() -> None:
    unread = (
        "2. Renewal. Unless notice of non-renewal is given, this Agreement shall automatically renew for successive "
        "renewal terms as the order form says."
    )
    renewal = term(read(OPENING, TERM, GOODS, unread, GOODS), TermField.RENEWAL_TERM)
    assert renewal.state is TermState.ABSENT
    assert renewal.flags == (UNREAD,)
    (reading,) = renewal.alternatives
    assert reading.rule == NAME
    assert "automatically renew" in reading.evidence.quote
    silent = term(read(OPENING, TERM, GOODS), TermField.RENEWAL_TERM)
    assert (silent.flags, silent.alternatives) == ((), ())


def test_an_end_that_is_counted_from_a_date_leans_on_how_sure_that_is() -> None:
    signals = read(OPENING, TERM, GOODS).signals
    own, base = signals[TermField.EXPIRATION_DATE], signals[TermField.AGREEMENT_DATE]
    assert own["base_score"] == base["score"] - 2
    assert "hangs" not in own
    assert read(TERM, GOODS).signals[TermField.EXPIRATION_DATE]["hangs"] == 1


def test_the_facts_of_an_expression_are_found_however_deep() -> None:
    start = Anchor(name=AnchorName.EFFECTIVE_DATE)
    event = Anchor(name=AnchorName.EVENT, event="the launch")
    length = Period(count=2, unit=Unit.YEAR)
    expr = LatestOf(of=(TermEnd(start=start, period=length), Fixed(date="2020-01-01"), event))
    assert list(anchors(expr)) == [start, event]


def test_a_confidence_is_the_logistic_sum_of_its_signals() -> None:
    data: dict[str, JsonValue] = {"confidence": {"notice_period.value": {ALWAYS: 1.0, "finder": 0.5, "rival": -2.0}}}
    field, state = TermField.NOTICE_PERIOD, TermState.FOUND
    assert chance(data, field, state, {"finder": 2.0, "rival": 1.0, "unheard_of": 9.0}, 0.3) == 0.5
    assert chance(data, field, state, {"finder": 90.0}, 0.3) == 0.99
    assert chance(data, field, TermState.ABSENT, {"finder": 2.0}, 0.3) == 0.3
    assert log_odds(0.5) == 0
    assert log_odds(1.0) == -log_odds(0.0) < 5


def test_installed_weights_trust_the_finder_and_know_every_kind_of_answer() -> None:
    weights: Any = installed_rules().data["confidence"]
    assert all(ALWAYS in weights[f"{field}.{kind}"] for field in FIVE_TERMS for kind in ("value", "absence"))
    for field in ("agreement_date", "renewal_term"):
        # The passage reads more like the clause, and no other one less so.
        here, elsewhere = (weights[f"{field}.value"].get(name, 0.0) for name in ("finder", "finder_elsewhere"))
        assert here - elsewhere > 0, field


def drawn(count: int) -> list[Weighed]:
    """Answers that are right more often the more the finder agrees; the moon has no part in it."""
    chance_of = random.Random(5)
    answers = []
    for _ in range(count):
        finder, moon = chance_of.gauss(0, 2), chance_of.gauss(0, 2)
        answers.append(
            Weighed(
                {"finder": finder, "moon": moon},
                chance_of.random() < weighed({ALWAYS: 1.5, "finder": 0.8}, {"finder": finder}),
            )
        )
    return answers


def test_fitted_weights_are_those_the_answers_were_drawn_with() -> None:
    weights = fit_weights(drawn(3000), 0.8)
    assert weights[ALWAYS] == pytest.approx(1.5, abs=0.2)
    assert weights["finder"] == pytest.approx(0.8, abs=0.15)
    assert abs(weights.get("moon", 0.0)) < 0.08


def test_few_answers_move_little() -> None:
    assert list(fit_weights(drawn(10), 0.8)) == [ALWAYS]
    rare = [*drawn(200), Weighed({"rule=seldom@1": 1.0}, False), Weighed({"rule=seldom@1": 1.0}, False)]
    assert "rule=seldom@1" not in fit_weights(rare, 0.8)
    seldom = [Weighed({"rule=seldom@1": 1.0}, False)] * 5
    often = [Weighed({"rule=often@1": 1.0}, False)] * 60
    weights = fit_weights([*drawn(200), *seldom, *often], 0.8)
    assert weights["rule=often@1"] < weights["rule=seldom@1"] < 0


@pytest.mark.parametrize("right", [True, False])
def test_a_lone_answer_says_little_about_its_kind(right: bool) -> None:
    confidence = weighed(fit_weights([Weighed({}, right)], 0.9), {})
    assert 0.55 < confidence < 0.95


def test_answers_that_are_all_right_are_not_certain() -> None:
    assert weighed(fit_weights([Weighed({}, True)] * 200, 0.9), {}) < 1
