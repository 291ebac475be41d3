"""Held-out answers: nothing is said of a contract by what was learned from it."""

from pathlib import Path

import pytest

from models.source import SourceText
from pipeline.evaluation.gold import Gold
from pipeline.evaluation.report import make_report
from pipeline.evaluation.scoring import Verdict
from pipeline.training.clauses import Clause, ClauseExamples
from pipeline.training.held_out import (
    Answers,
    Conditions,
    Labelled,
    by_type,
    fit_terms,
    held_out_answers,
    labelled,
    samples,
    with_confidences,
)
from rules.loader import installed_rules

RENEWAL = "This Agreement shall automatically renew for successive periods of one (1) year."
GOODS = "The goods of this kind are delivered within two (2) days and are kept dry by whoever holds them."


def contract(name: str, *sentences: str, renewal: int | None, marked: bool = True) -> Labelled:
    text = "SUPPLY AGREEMENT\n\nThis Supply Agreement is made as of March 1, 2021 by and between Acme and Borealis.\n\n"
    text += "\n\n".join(f"{n}. {sentence}" for n, sentence in enumerate(sentences, 1))
    terms = {"agreement_date": ("2021-03-01",), "renewal_term": ({"months": renewal},) if renewal else ()}
    clauses = (Clause("renewal_term", RENEWAL),) if marked else None
    gold = Gold(name, Path(name), terms, None)
    return labelled(gold, SourceText(text, (), ()), clauses, installed_rules(), Conditions())


def said(contracts: list[Labelled], group_of: dict[str, int]) -> list[Answers]:
    return held_out_answers(contracts, group_of, installed_rules(), Conditions())


def verdicts(answers: Answers) -> dict[str, Verdict]:
    return {answer.field: answer.verdict for answer in answers.judged.terms}


def test_a_rule_that_only_this_group_bears_out_does_not_count() -> None:
    with_it = contract("a.pdf", GOODS, RENEWAL, renewal=12, marked=False)
    without = contract("b.pdf", GOODS, GOODS, renewal=None, marked=False)
    apart = {"a.pdf": 0, "b.pdf": 1}
    assert verdicts(said([with_it, without], apart)[0])["renewal_term"] is Verdict.MISSED
    again = contract("c.pdf", RENEWAL, GOODS, renewal=12, marked=False)
    alone, _, other = said([with_it, without, again], apart | {"c.pdf": 1})
    assert verdicts(alone)["renewal_term"] is verdicts(other)["renewal_term"] is Verdict.RIGHT
    assert verdicts(alone)["agreement_date"] is Verdict.RIGHT


def test_the_finder_learns_from_the_other_groups_alone() -> None:
    # In one group renewals were marked, in the other nothing was: what is learned from the one is heard in the other.
    marking = [contract(f"m{n}.pdf", GOODS, RENEWAL, GOODS, renewal=12) for n in range(25)]
    silent = [contract(f"s{n}.pdf", GOODS, RENEWAL, GOODS, renewal=12) for n in range(25)]
    silent = [Labelled(one.gold, one.document, _unmarked(one), one.borne_out) for one in silent]
    group_of = {one.gold.file: number for number, group in enumerate((marking, silent)) for one in group}
    answers = said([*marking, *silent], group_of)
    heard = [one.signals["renewal_term"]["finder"] for one in answers]
    assert max(heard[:25]) < min(heard[25:])


def _unmarked(one: Labelled) -> ClauseExamples:
    assert one.examples is not None
    examples = tuple(example._replace(labels=frozenset()) for example in one.examples.examples)
    return one.examples._replace(examples=examples)


@pytest.fixture(scope="module")
def answers() -> list[Answers]:
    contracts = [contract(f"x{n}.pdf", GOODS, RENEWAL, renewal=12 if n % 4 else 24, marked=False) for n in range(40)]
    return said(contracts, {one.gold.file: n % 4 for n, one in enumerate(contracts)})


def test_every_scored_answer_is_a_sample_with_its_signals(answers: list[Answers]) -> None:
    found = list(samples(answers))
    assert {sample.key for sample in found} == {"agreement_date.value", "renewal_term.value"}
    assert len(found) == 80
    assert all("finder" in sample.signals for sample in found)


def test_confidences_come_from_the_other_groups(answers: list[Answers]) -> None:
    # Group 0 is always wrong about the renewal, the others never: each is as sure as the others give it reason to be.
    group_of = {f"x{n}.pdf": n % 4 for n in range(40)}
    sure = with_confidences(answers, group_of)
    renewal = [answer.confidence for one in sure for answer in one.terms if answer.field == "renewal_term"]
    assert renewal[0] > 0.95
    assert renewal[1] < 0.75
    figures = make_report(sure, len(sure)).terms["renewal_term"]
    assert figures.counts.tp == 30
    assert figures.calibration_error > 0.3


def test_weights_are_fitted_for_the_answers_there_are(answers: list[Answers]) -> None:
    weights = fit_terms(samples(answers))
    assert set(weights) == {"agreement_date.value", "renewal_term.value"}


def test_rare_contract_types_are_held_out_together(answers: list[Answers]) -> None:
    kinds = by_type(answers)
    assert set(kinds.values()) == {answers[0].judged.terms[0].contract_type}
    assert set(by_type(answers[:3]).values()) == {"other types"}
