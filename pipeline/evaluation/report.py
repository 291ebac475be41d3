"""The figures of one evaluation: precision, recall, F1 with intervals, abstention, calibration, by rule and type."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from models.contract import FIVE_TERMS, MilestoneKind
from pipeline.evaluation.gold import Gold
from pipeline.evaluation.scoring import COUNTS, Counts, Match, Verdict, judge, match_milestones
from pipeline.evaluation.statistics import Answer, bootstrap, calibration_error, coverage_at

CORE_KINDS = (MilestoneKind.NOTICE, MilestoneKind.RENEWAL, MilestoneKind.PAYMENT)
SKIP_PRECISION = 0.98
"""Precision above which a value could be tracked without a person looking at it."""


@dataclass(frozen=True, slots=True)
class TermAnswer:
    """What was said of one field of one contract, and whether it was right."""

    file: str
    contract_type: str
    field: str
    value: Any
    accepted: tuple[Any, ...]
    verdict: Verdict
    confidence: float
    rule: str | None
    state: str | None = None
    """The state of the term as it was said, None where the contract gave nothing."""


@dataclass(frozen=True, slots=True)
class MilestoneAnswer:
    """One predicted milestone: found (matched) and timed (matched with the right timing)."""

    file: str
    kind: str
    quote: str
    found: bool
    timed: bool
    confidence: float
    rule: str


@dataclass(frozen=True, slots=True)
class Judged:
    """Everything that was judged of one contract."""

    file: str
    terms: tuple[TermAnswer, ...]
    milestones: tuple[MilestoneAnswer, ...] = ()
    missed: tuple[tuple[str, str], ...] = ()
    """Kind and quote of each annotated milestone that was not found."""
    untimed: tuple[tuple[str, str], ...] = ()
    """The same for those not found with the right timing."""


def judge_contract(gold: Gold, prediction: dict[str, Any] | None) -> Judged:
    """Compares the machine-readable output for one contract (None: it gave nothing) with the truth."""
    said = prediction or {"terms": {}, "milestones": []}
    contract_type = (said["terms"].get("contract_type") or {}).get("value") or "unknown"
    terms = []
    for name, accepted in gold.terms.items():
        term = said["terms"].get(name) or {}
        value = term.get("value")
        confidence = float(term.get("confidence", 0.0))
        verdict = judge(name, value, accepted)
        rule, state = term.get("rule"), term.get("state")
        terms.append(TermAnswer(gold.file, contract_type, name, value, accepted, verdict, confidence, rule, state))
    if gold.milestones is None:
        return Judged(gold.file, tuple(terms))
    milestones, missed, untimed = _judge_milestones(gold.file, said["milestones"], gold.milestones)
    return Judged(gold.file, tuple(terms), milestones, missed, untimed)


def _judge_milestones(
    file: str, said: list[dict[str, Any]], gold: tuple[dict[str, Any], ...]
) -> tuple[tuple[MilestoneAnswer, ...], tuple[tuple[str, str], ...], tuple[tuple[str, str], ...]]:
    matches: list[Match] = match_milestones(said, gold)
    by_ours = {match.predicted: match for match in matches}
    by_theirs = {match.gold: match for match in matches}
    answers = tuple(
        MilestoneAnswer(
            file,
            ours["kind"],
            ours["quote"],
            i in by_ours,
            i in by_ours and by_ours[i].timed,
            float(ours.get("confidence", 0.0)),
            ours.get("rule") or "",
        )
        for i, ours in enumerate(said)
    )
    missed = tuple((g["kind"], g["quote"]) for j, g in enumerate(gold) if j not in by_theirs)
    untimed = tuple((g["kind"], g["quote"]) for j, g in enumerate(gold) if j not in by_theirs or not by_theirs[j].timed)
    return answers, missed, untimed


@dataclass(frozen=True, slots=True)
class Figures:
    """Counts with the 95 % interval of their F1, and the calibration of the confidences behind them."""

    counts: Counts
    low: float
    high: float
    abstained: float = 0.0
    """Share of the contracts where no value was given."""
    calibration_error: float = 0.0
    coverage: float = 0.0
    """Share of the answers that, most confident first, is right ``SKIP_PRECISION`` of the time."""


@dataclass(frozen=True, slots=True)
class RuleFigures:
    """How often a rule's answer was given, and was right."""

    rule: str
    hits: int
    errors: int

    @property
    def precision(self) -> float:
        """Share of the hits that were right."""
        return 1 - self.errors / self.hits if self.hits else 0.0


@dataclass(frozen=True, slots=True)
class Report:
    """An evaluation, ready to print."""

    contracts: int
    read: int
    terms: dict[str, Figures]
    types: dict[str, Counts]
    found: dict[str, Figures] = field(default_factory=dict)
    timed: dict[str, Figures] = field(default_factory=dict)
    rules: tuple[RuleFigures, ...] = ()


def make_report(judged: Sequence[Judged], read: int) -> Report:
    """All figures over the judged contracts; ``read`` is how many gave any output."""
    fields = [*FIVE_TERMS]
    terms = {str(name): _term_figures(judged, {name}) for name in fields}
    terms["micro"] = _term_figures(judged, set(fields))
    types: dict[str, Counts] = defaultdict(Counts)
    for contract in judged:
        for answer in contract.terms:
            types[answer.contract_type] += COUNTS[answer.verdict]
    annotated = [contract for contract in judged if contract.milestones or contract.missed]
    found, timed = {}, {}
    if annotated:
        groups: dict[str, set[str]] = {str(kind): {str(kind)} for kind in MilestoneKind}
        groups["notice+renewal+payment"] = {str(kind) for kind in CORE_KINDS}
        groups["all"] = {str(kind) for kind in MilestoneKind}
        found = {name: _milestone_figures(annotated, kinds, timed=False) for name, kinds in groups.items()}
        timed = {name: _milestone_figures(annotated, kinds, timed=True) for name, kinds in groups.items()}
    return Report(len(judged), read, terms, dict(types), found, timed, _rules(judged))


def _sum(counts: Iterable[Counts]) -> Counts:
    return sum(counts, Counts())


def _f1(counts: Sequence[Counts]) -> float:
    """F1 of contracts taken together. Called a thousand times for each figure."""
    tp = sum([one.tp for one in counts])
    total = 2 * tp + sum([one.fp + one.fn for one in counts])
    return 2 * tp / total if total else 0.0


def _term_figures(judged: Sequence[Judged], fields: set[Any]) -> Figures:
    counts = [_sum(COUNTS[a.verdict] for a in contract.terms if a.field in fields) for contract in judged]
    answers = [answer for contract in judged for answer in contract.terms if answer.field in fields]
    certain = [
        Answer(a.confidence, a.verdict in (Verdict.RIGHT, Verdict.RIGHTLY_ABSENT), a.value is not None) for a in answers
    ]
    interval = bootstrap(counts, _f1)
    abstained = sum(a.value is None for a in answers) / len(answers) if answers else 0.0
    return Figures(
        _sum(counts),
        interval.low,
        interval.high,
        abstained,
        calibration_error(certain),
        coverage_at(certain, SKIP_PRECISION).share,
    )


def _milestone_figures(judged: Sequence[Judged], kinds: set[str], *, timed: bool) -> Figures:
    def count(contract: Judged) -> Counts:
        ours = [answer for answer in contract.milestones if answer.kind in kinds]
        right = sum(answer.timed if timed else answer.found for answer in ours)
        left = sum(kind in kinds for kind, _ in (contract.untimed if timed else contract.missed))
        return Counts(right, len(ours) - right, left)

    counts = [count(contract) for contract in judged]
    certain = [
        Answer(answer.confidence, answer.timed if timed else answer.found, True)
        for contract in judged
        for answer in contract.milestones
        if answer.kind in kinds
    ]
    interval = bootstrap(counts, _f1)
    return Figures(
        _sum(counts),
        interval.low,
        interval.high,
        0.0,
        calibration_error(certain),
        coverage_at(certain, SKIP_PRECISION).share,
    )


def _rules(judged: Sequence[Judged]) -> tuple[RuleFigures, ...]:
    hits: dict[str, int] = defaultdict(int)
    errors: dict[str, int] = defaultdict(int)
    for contract in judged:
        for term in contract.terms:
            if term.rule and term.value is not None:
                hits[term.rule] += 1
                errors[term.rule] += term.verdict is not Verdict.RIGHT
        for milestone in contract.milestones:
            hits[milestone.rule] += 1
            errors[milestone.rule] += not milestone.found
    return tuple(RuleFigures(rule, hits[rule], errors[rule]) for rule in sorted(hits))


def report_object(report: Report) -> dict[str, Any]:
    """The report for programs: the same figures as are printed."""
    return {
        "contracts": report.contracts,
        "read": report.read,
        "terms": {name: _figures_object(row) for name, row in report.terms.items()},
        "found": {name: _figures_object(row) for name, row in report.found.items()},
        "timed": {name: _figures_object(row) for name, row in report.timed.items()},
        "types": {name: _counts_object(counts) for name, counts in report.types.items()},
        "rules": [{"rule": rule.rule, "hits": rule.hits, "errors": rule.errors} for rule in report.rules],
    }


def _figures_object(row: Figures) -> dict[str, Any]:
    return _counts_object(row.counts) | {
        "interval": [row.low, row.high],
        "abstained": row.abstained,
        "calibration_error": row.calibration_error,
        "coverage": row.coverage,
    }


def _counts_object(counts: Counts) -> dict[str, Any]:
    return {
        "tp": counts.tp,
        "fp": counts.fp,
        "fn": counts.fn,
        "precision": counts.precision,
        "recall": counts.recall,
        "f1": counts.f1,
    }
