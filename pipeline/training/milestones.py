"""Training examples for the milestone classifiers: a contract's proposals, labelled by what was annotated there."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from extractors.engine import Document, prepare
from extractors.milestones import hits_of
from extractors.milestones.features import features
from extractors.milestones.linear import Signals
from extractors.milestones.proposals import Proposal, propose
from extractors.milestones.signals import signals
from models.period import Period, Unit
from models.source import SourceText
from pipeline.training.annotations import Label
from rules.schema import RuleSet

_OVERLAP = 0.5


class Example(NamedTuple):
    """A proposal as the classifiers see it, and the kinds of milestone it sets."""

    words: Sequence[str]
    signals: Signals
    labels: frozenset[str]


@dataclass(frozen=True, slots=True)
class Examples:
    """The examples of one contract, each of one of its proposals.

    ``lost`` counts annotations that no proposal stands for.
    """

    file: str
    proposals: tuple[Proposal, ...]
    examples: tuple[Example, ...]
    lost: int


def examples_of(file: str, source: SourceText, labels: Sequence[Label], rules: RuleSet) -> Examples:
    """Labelled proposals of one contract."""
    document = prepare(source)
    proposals = propose(document)
    kinds, lost = _assign(document, proposals, labels)
    hits = hits_of(document, rules)
    words = [features(document, proposal, hits.get(proposal.passage, ())) for proposal in proposals]
    seen = signals(document, proposals, words)
    examples = tuple(
        Example(one, weighed, frozenset(found)) for one, weighed, found in zip(words, seen, kinds, strict=True)
    )
    return Examples(file, tuple(proposals), examples, lost)


def _assign(document: Document, proposals: Sequence[Proposal], labels: Iterable[Label]) -> tuple[list[set[str]], int]:
    """Each label goes to the proposal in its passage whose timing agrees best, and to one of each kind only once."""
    by_passage: dict[int, list[int]] = defaultdict(list)
    for number, proposal in enumerate(proposals):
        by_passage[proposal.passage].append(number)
    kinds: list[set[str]] = [set() for _ in proposals]
    lost = 0
    for label in labels:
        near = [
            (_agreement(proposals[number], label), number)
            for passage in _passages(document, label)
            for number in by_passage.get(passage, ())
        ]
        free = [pair for pair in near if label.kind not in kinds[pair[1]]] or near
        if free:
            kinds[max(free)[1]].add(label.kind)
        else:
            lost += 1
    return kinds, lost


def _passages(document: Document, label: Label) -> Iterable[int]:
    """The passages that a label's passage overlaps by half of the shorter of the two."""
    first, last = document.index_at(label.span.start), document.index_at(label.span.end - 1)
    for index in range(first, last + 1):
        passage = document.passages[index]
        shared = min(passage.end, label.span.end) - max(passage.start, label.span.start)
        shorter = min(passage.end - passage.start, label.span.end - label.span.start)
        if shared >= _OVERLAP * shorter:
            yield index


def _agreement(proposal: Proposal, label: Label) -> float:
    """How well the stated time is the annotated one."""
    timing = proposal.timing
    stated = timing.offset if timing else (proposal.mention.period if proposal.mention else None)
    wanted = _length(label)
    if stated is not None and wanted is not None:
        return 3.0 if _normal(stated) == wanted else 0.0
    if timing is not None and timing.expr.op == "fixed" and str(timing.expr.date) == label.timing.get("date"):
        return 3.0
    if timing is not None and timing.recurrence and str(timing.recurrence) == label.timing.get("recurrence"):
        return 0.6 if wanted else 2.5
    if wanted is not None:
        return 2.0 if wanted[1] == 0 and timing is not None and timing.rule == "opening" else 0.2
    return 0.5 if timing is None else 1.0


def _length(label: Label) -> tuple[str, float] | None:
    offset, unit = label.timing.get("offset"), label.timing.get("unit")
    if offset is None or unit is None:
        return None
    months = {"month": 1, "year": 12}.get(unit)
    if months:
        return ("month", float(offset) * months)
    return ("day", float(offset) * 7) if unit == "week" else (unit, float(offset))


def _normal(period: Period) -> tuple[str, float]:
    months = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}.get(period.unit)
    if months:
        return ("month", float(period.count * months))
    if period.unit is Unit.WEEK:
        return ("day", float(period.count * 7))
    return ("business_day" if period.business else "day", float(period.count))
