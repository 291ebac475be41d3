"""Chooses among candidates of one term: agreement raises confidence, disagreement is kept for a person to decide."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from extractors.clauses import SILENT, Clauses
from extractors.engine import Document
from extractors.evidence import evidence
from models.base import Value
from models.candidate import TermCandidate
from models.contract import Reading, Term, TermField, TermState
from models.dateexpr import Incomplete
from models.period import Period, Unit
from models.source import Span
from rules.schema import RuleSet

AGREEMENT_BONUS = 0.02
"""What each further passage that says the same adds to a score."""
APART = 400
"""Characters between two places that count as independent of each other."""
CLOSE = 0.08
"""A different reading whose score is at most this much lower makes a conflict."""
DOUBT = 0.6
"""Readings below this score never make a conflict."""
WORD_FIGURE = "word_figure_conflict"
"""Flag of a value whose word and figure disagree: a person decides which counts."""


@dataclass(frozen=True, slots=True)
class _Group:
    """All candidates that say the same."""

    best: TermCandidate
    score: float
    members: tuple[TermCandidate, ...]


def merge(
    field: TermField,
    candidates: Iterable[TermCandidate],
    document: Document,
    rules: RuleSet,
    clauses: Clauses = SILENT,
) -> Term:
    """The term that the candidates amount to; absent when there is none that is good enough.

    Its confidence is the score of the best candidate (of absence: what is left of it), as it is before calibration.
    """
    groups = _groups(candidates, document, clauses)
    accept = _accept(rules, field)
    good = [group for group in groups if group.score >= accept]
    if not good:
        near = max((group.score for group in groups), default=0.0)
        return Term(field=field, state=TermState.ABSENT, confidence=max(0.0, min(1.0, 1 - near)))
    winner, others = good[0], good[1:]
    rivals = [group for group in others if group.score >= max(winner.score - CLOSE, DOUBT)]
    best = winner.best
    state = TermState.FOUND
    if isinstance(best.expr, Incomplete) or "redacted" in best.flags:
        state = TermState.PARTIAL
    elif rivals or WORD_FIGURE in best.flags:
        state = TermState.CONFLICT
    spans = dict.fromkeys(candidate.span for candidate in (best, *winner.members))
    return Term(
        field=field,
        state=state,
        confidence=winner.score,
        expr=best.expr,
        perpetual=best.perpetual,
        renewal=best.renewal,
        notice=best.notice,
        text=best.text,
        evidence=tuple(evidence(document, span) for span in list(spans)[:3]),
        rule=best.rule,
        alternatives=(
            *_word_and_figure(best, document),
            *(
                Reading(
                    text=document.text[group.best.span.start : group.best.span.end],
                    rule=group.best.rule,
                    evidence=evidence(document, group.best.span),
                    **_value_of(group.best),
                )
                for group in rivals
            ),
        ),
        flags=best.flags,
    )


def _word_and_figure(candidate: TermCandidate, document: Document) -> tuple[Reading, ...]:
    """Both lengths of a "sixty (90) days", the word's first; nothing where word and figure agree."""
    if WORD_FIGURE not in candidate.flags:
        return ()
    readings = []
    for mention in document.mentions:
        inside = candidate.span.start <= mention.start and mention.end <= candidate.span.end
        if not inside or WORD_FIGURE not in mention.flags:
            continue
        lengths = [value for value in (mention.value, *mention.other) if isinstance(value, Period)]
        where = evidence(document, Span(mention.start, mention.end))
        readings += [
            Reading(
                text=str(value),
                rule=candidate.rule,
                evidence=where,
                **{name: _with_length(part, lengths, value) for name, part in _value_of(candidate).items()},
            )
            for value in lengths
        ]
    return tuple(readings)


def _value_of(candidate: TermCandidate) -> dict[str, Any]:
    """The parts of a reading that say its value."""
    return {
        "expr": candidate.expr,
        "perpetual": candidate.perpetual,
        "renewal": candidate.renewal,
        "notice": candidate.notice,
        "said": candidate.text,
    }


def _with_length(part: Any, lengths: Sequence[Period], length: Period) -> Any:
    """A part of a value with ``length`` wherever it has one of ``lengths``."""
    if isinstance(part, Period):
        return length if part in lengths else part
    if isinstance(part, tuple):
        return tuple(_with_length(one, lengths, length) for one in part)
    if not isinstance(part, Value):
        return part
    changed = {name: _with_length(getattr(part, name), lengths, length) for name in type(part).model_fields}
    return part.model_copy(update=changed)


def _groups(candidates: Iterable[TermCandidate], document: Document, clauses: Clauses) -> list[_Group]:
    """The candidates by what they say, best group first; the earlier in the text where scores are equal."""
    same: dict[object, list[TermCandidate]] = {}
    for candidate in candidates:
        same.setdefault(said(candidate), []).append(candidate)
    groups = []
    for members in same.values():
        best = min(members, key=lambda one: (-one.score, one.span.start))
        places: list[int] = []
        for start in sorted(member.span.start for member in members if member.score >= best.score / 2):
            if not places or start > places[-1] + APART:
                places.append(start)
        voice = max(clauses.voice(member.field, document.index_at(member.span.start)) for member in members)
        score = best.score + AGREEMENT_BONUS * min(len(places) - 1, 2) + voice
        groups.append(_Group(best, max(0.0, min(score, 0.99)), tuple(members)))
    return sorted(groups, key=lambda group: (-group.score, group.best.span.start))


def said(candidate: TermCandidate) -> object:
    """What a candidate says, so that equal answers compare equal ("12 months" and "one year" do)."""
    if candidate.renewal:
        return ("renewal", candidate.renewal.perpetual, _length(candidate))
    return (
        candidate.perpetual,
        candidate.expr.model_dump_json() if candidate.expr else None,
        _length(candidate),
        candidate.text,
    )


def _length(candidate: TermCandidate) -> tuple[str, int, bool] | None:
    period = candidate.notice or (candidate.renewal.period if candidate.renewal else None)
    if period is None:
        return None
    months = {Unit.MONTH: 1, Unit.QUARTER: 3, Unit.YEAR: 12}.get(period.unit)
    if months:
        return ("month", period.count * months, False)
    return ("day", period.count * (7 if period.unit is Unit.WEEK else 1), period.business)


def _accept(rules: RuleSet, field: TermField) -> float:
    selection = rules.data.get("selection")
    thresholds = selection.get("accept") if isinstance(selection, dict) else None
    value = thresholds.get(field.value) if isinstance(thresholds, dict) else None
    return float(value) if isinstance(value, int | float) else 0.0


def best_of(candidates: Sequence[TermCandidate], document: Document, clauses: Clauses = SILENT) -> TermCandidate | None:
    """The candidate that merging would choose, None if there is none."""
    groups = _groups(candidates, document, clauses)
    return groups[0].best if groups else None
