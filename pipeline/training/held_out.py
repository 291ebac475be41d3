"""What would be said of each contract by a program that never saw it, or others like it.

Contracts are held out in groups (one company's, one contract type's). For each group the clause finder is trained on
the other contracts, rules that were right in none of the others are left out, and confidences are fitted to the
answers on the others. Rules are written by people who read the contracts of all groups; leaving out those that nothing
outside the group bears out shows how much of the accuracy is owed to rules that fit one contract.
"""

from collections import Counter, defaultdict
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import NamedTuple

from pydantic import JsonValue

from extractors.calibration import Weighed, fit_weights
from extractors.confidence import Signals, weighed, weights_key
from extractors.day_month_order import day_month_order
from extractors.engine import Document, engine_for, prepare
from extractors.nlp import TextModel
from extractors.terms import GROUP, TermsFound, extract_terms
from models.business import WEEKENDS_ONLY, BusinessCalendar
from models.contract import FIVE_TERMS, Term
from models.contract_resolution import resolve_contract
from models.resolution import Conventions
from models.source import SourceText
from pipeline.evaluation.comparison import GOOD
from pipeline.evaluation.gold import Gold
from pipeline.evaluation.report import Judged, TermAnswer, judge_contract
from pipeline.output import term_object
from pipeline.training.clauses import Clause, ClauseExamples, clause_examples, train_clauses
from rules.schema import RuleSet

ANSWERING = frozenset({*map(str, FIVE_TERMS), "term_clause", "term_end"})
"""Targets of rules whose hits stand in the passage of the answer that they give; other rules help from elsewhere."""


@dataclass(frozen=True)
class Labelled:
    """A labelled contract made ready: what the finder can learn from it, and which rules it bears out."""

    gold: Gold
    document: Document
    examples: ClauseExamples | None
    """None where no clauses were marked."""
    borne_out: frozenset[str]


class Conditions(NamedTuple):
    """How dates are counted."""

    calendar: BusinessCalendar = WEEKENDS_ONLY
    conventions: Conventions = Conventions()


@dataclass(frozen=True, slots=True)
class Answers:
    """What was said of one contract by what did not know it, judged, and the signals of each answer by field."""

    judged: Judged
    signals: Mapping[str, Signals]


def labelled(
    gold: Gold, source: SourceText, clauses: tuple[Clause, ...] | None, rules: RuleSet, conditions: Conditions
) -> Labelled:
    """A contract made ready, given the clauses that were marked in it, if any were."""
    document = prepare(source, day_month_order(source.text, rules))
    examples = None if clauses is None else clause_examples(gold.file, document, clauses)
    return Labelled(gold, document, examples, _borne_out(gold, document, rules, conditions))


def held_out_answers(
    contracts: Sequence[Labelled],
    group_of: Mapping[str, object],
    rules: RuleSet,
    conditions: Conditions,
    advance: Callable[[], None] = lambda: None,
) -> list[Answers]:
    """The answers about every contract, each group's given by what was learned from the others.

    Confidences are bare scores; ``with_confidences`` adds those fitted to the other groups. ``advance`` is called
    after each contract.
    """
    answers: dict[str, Answers] = {}
    for group in dict.fromkeys(group_of[one.gold.file] for one in contracts):
        others = [one for one in contracts if group_of[one.gold.file] != group]
        finder = _finder([one.examples for one in others if one.examples is not None])
        known = _only(rules, frozenset[str]().union(*(one.borne_out for one in others))) if others else rules
        for one in contracts:
            if group_of[one.gold.file] == group:
                found = extract_terms(one.document, known, finder)
                signals = {str(field): given for field, given in found.signals.items()}
                answers[one.gold.file] = Answers(_judge(one.gold, found, conditions), signals)
                advance()
    return [answers[one.gold.file] for one in contracts]


def _finder(examples: Sequence[ClauseExamples]) -> TextModel | None:
    """The finder learned from some contracts; the installed one (None) where no clauses are marked."""
    return train_clauses(examples) if any(one.examples for one in examples) else None


def _judge(gold: Gold, found: TermsFound, conditions: Conditions) -> Judged:
    terms, _ = resolve_contract(found.terms, (), conditions.calendar, conditions.conventions)
    said = {"terms": {str(term.field): term_object(term) for term in terms}, "milestones": []}
    return judge_contract(replace(gold, milestones=None), said)


def _borne_out(gold: Gold, document: Document, rules: RuleSet, conditions: Conditions) -> frozenset[str]:
    """The rules that took part in a right answer about a contract, or help from elsewhere in it."""
    bare = replace(rules, data=rules.data | {"confidence": {}})
    found = extract_terms(document, bare)
    right = {answer.field for answer in _judge(gold, found, conditions).terms if answer.verdict in GOOD}
    passages = {index for term in found.terms if term.field in right for index in _passages(term, document)}
    return frozenset(
        hit.rule.id
        for hit in engine_for(rules, GROUP).run(document)
        if hit.rule.target not in ANSWERING or hit.passage in passages
    )


def _passages(term: Term, document: Document) -> Iterator[int]:
    for evidence in term.evidence:
        yield from range(document.index_at(evidence.start), document.index_at(evidence.end - 1) + 1)


def _only(rules: RuleSet, supported: Collection[str]) -> RuleSet:
    """The rules without those for terms that are not supported, and without confidences."""
    kept = tuple(rule for rule in rules.group(GROUP) if rule.id in supported)
    return replace(rules, rules=rules.rules | {GROUP: kept}, data=rules.data | {"confidence": {}})


class Sample(NamedTuple):
    """One answer to learn from, or to measure on: the key of its weights, its signals, whether it was right."""

    file: str
    key: str
    signals: Signals
    right: bool


def samples(answers: Iterable[Answers]) -> Iterator[Sample]:
    """The answers about terms, one by one."""
    for one in answers:
        for answer in one.judged.terms:
            signals = one.signals.get(answer.field)
            if signals is not None:
                yield Sample(answer.file, _key(answer, signals), signals, answer.verdict in GOOD)


FEWEST_OF_A_TYPE = 8
"""Contract types with fewer contracts are held out together."""


def by_type(answers: Sequence[Answers]) -> dict[str, str]:
    """The contract type of each file, by what its title says; rare types are one."""
    types = {one.judged.file: one.judged.terms[0].contract_type for one in answers if one.judged.terms}
    count = Counter(types.values())
    return {
        one.judged.file: kind if count[kind := types.get(one.judged.file, "")] >= FEWEST_OF_A_TYPE else "other types"
        for one in answers
    }


def _key(answer: TermAnswer, signals: Signals) -> str:
    return weights_key(answer.field, answer.state or "", signals)


def fit_terms(given: Iterable[Sample]) -> dict[str, JsonValue]:
    """The weights of every key."""
    groups: dict[str, list[Weighed]] = defaultdict(list)
    for sample in given:
        groups[sample.key].append(Weighed(sample.signals, sample.right))
    total = sum(map(len, groups.values()))
    usual = sum(one.right for group in groups.values() for one in group) / total if total else 0.0
    return {key: dict[str, JsonValue](fit_weights(groups[key], usual)) for key in sorted(groups)}


def with_confidences(answers: Sequence[Answers], group_of: Mapping[str, object]) -> list[Judged]:
    """The judged answers, each with the confidence that follows from the answers on the other groups."""
    everything = list(samples(answers))
    judged: dict[str, Judged] = {}
    for group in dict.fromkeys(group_of[one.judged.file] for one in answers):
        weights = fit_terms(sample for sample in everything if group_of[sample.file] != group)
        for one in answers:
            if group_of[one.judged.file] == group:
                terms = tuple(_sure(answer, one.signals, weights) for answer in one.judged.terms)
                judged[one.judged.file] = replace(one.judged, terms=terms)
    return [judged[one.judged.file] for one in answers]


def _sure(answer: TermAnswer, signals: Mapping[str, Signals], weights: Mapping[str, JsonValue]) -> TermAnswer:
    given = signals.get(answer.field)
    known = weights.get(_key(answer, given)) if given is not None else None
    if not isinstance(known, dict) or given is None:
        return answer
    return replace(answer, confidence=weighed({name: float(str(one)) for name, one in known.items()}, given))
