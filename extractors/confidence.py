"""The chance that an answer is right, computed from what several voices say of it.

An answer about a term is weighed by a few *signals*: how much its rule is trusted, what the clause finder thinks of the
passage and of the rest of the document, how many candidates say the same and how near another reading came, what the
answer hangs on. ``rules/confidence.yaml`` holds a weight for each signal (logistic regression), by field, apart for
values, for values that wait for a fact, and for absences; fitted by ``milepost evaluate DIR --calibrate``. Computing a
confidence is adding up.

Milestones have one signal, their score: steps ``[score, confidence]`` (isotonic, rising). Where the table says nothing
of an answer the bare score stands.
"""

import math
from bisect import bisect_right
from collections.abc import Iterator, Mapping, Sequence
from typing import cast

from pydantic import JsonValue

from extractors.clauses import NAME, Clauses
from extractors.engine import Document
from extractors.evidence import evidence
from extractors.merging import said
from models.base import Value
from models.candidate import TermCandidate
from models.contract import Reading, Term, TermField, TermState
from models.dateexpr import Anchor, AnchorName, DateExpr
from models.source import Span
from rules.schema import RuleSet

MILESTONE = "milestone.found"
"""Names the steps of all milestones."""
LEAST, MOST = 0.01, 0.99
"""No answer is surer than this, neither of being right nor of being wrong."""
SEEN = 0.5
"""Score from which the finder contradicts an answer that there is nothing."""
_SHOWN = 160
"""Characters of such a passage that stand for the reading; all of it is its evidence."""
UNREAD = "clause_unread"
"""Flag of an absent term whose clause the finder believes to see: rules and model disagree, a person should look."""
_BASES = {AnchorName.AGREEMENT_DATE: TermField.AGREEMENT_DATE, AnchorName.EFFECTIVE_DATE: TermField.EFFECTIVE_DATE}
_FLAGS = ("redacted", "word_figure_conflict", "blank")
_USUAL = 2.0
"""Log odds of a usual answer: what the signals of another answer are measured from, so that its absence is 0."""

ALWAYS = "always"
"""Names the weight that counts without a signal."""
RULE = "rule="
"""Begins the signal that names the rule of an answer."""
HANGS = "hangs"
"""The signal of a value that waits for a fact nobody has stated."""
Signals = Mapping[str, float]
"""The signals of one answer by name; one that is absent is 0."""


def weights_key(field: str, state: str, signals: Signals) -> str:
    """Names the weights of an answer: those of absences, of values that wait for a fact, or of other values."""
    kind = "absence" if state == TermState.ABSENT else "open" if HANGS in signals else "value"
    return f"{field}.{kind}"


def assess(
    terms: Sequence[Term], candidates: Sequence[TermCandidate], document: Document, clauses: Clauses, rules: RuleSet
) -> tuple[tuple[Term, ...], dict[TermField, Signals]]:
    """The terms with their confidences, and the signals of each; absences that the finder contradicts are flagged.

    ``terms`` come with bare scores, in the order in which they hang on one another; ``candidates`` are all that were
    proposed for them.
    """
    sure: list[Term] = []
    signals: dict[TermField, Signals] = {}
    found = {term.field for term in terms if term.state is not TermState.ABSENT}
    for term in terms:
        own = [candidate for candidate in candidates if candidate.field is term.field]
        if term.state is TermState.ABSENT:
            given = dict(_of_absence(term, own, found, document, clauses))
        else:
            given = dict(_of_value(term, own, document, clauses))
            given |= _of_bases(term, terms, signals)
        signals[term.field] = given
        update: dict[str, object] = {"confidence": chance(rules.data, term.field, term.state, given, term.confidence)}
        if term.state is TermState.ABSENT and (seen := _unread(term.field, document, clauses)):
            update |= {"alternatives": (seen,), "flags": (*term.flags, UNREAD)}
        sure.append(term.model_copy(update=update))
    return tuple(sure), signals


def _unread(field: TermField, document: Document, clauses: Clauses) -> Reading | None:
    """The passage that the finder takes for the clause of a term that no rule reads, for a person to look at."""
    best, index = clauses.best(field)
    if index is None or best < SEEN:
        return None
    passage = document.passages[index]
    span = Span(passage.start, passage.end)
    words = document.text[span.start : min(span.end, span.start + _SHOWN)]
    return Reading(text=words, rule=NAME, evidence=evidence(document, span))


def _of_value(
    term: Term,
    own: Sequence[TermCandidate],
    document: Document,
    clauses: Clauses,
) -> Iterator[tuple[str, float]]:
    yield "score", log_odds(term.confidence)
    proof = term.evidence[0]
    passage = document.index_at(proof.start)
    chosen = next((one for one in own if one.rule == term.rule and one.span.start == proof.start), None)
    here = max(
        (clauses.score(term.field, index) for index in range(passage, document.index_at(proof.end - 1) + 1)),
        default=0.0,
    )
    best, _ = clauses.best(term.field)
    yield "finder", log_odds(here)
    yield "finder_elsewhere", log_odds(best) - log_odds(here)
    if chosen is not None:
        words = said(chosen)
        same = [one for one in own if said(one) == words]
        others = [one.score for one in own if said(one) != words]
        yield "agreeing_rules", float(min(len({one.rule for one in same}) - 1, 3))
        yield "rival", max(others, default=0.0)
    yield f"{RULE}{term.rule}", 1.0
    if term.state is not TermState.FOUND:
        yield str(term.state), 1.0
    for flag in _FLAGS:
        if flag in term.flags:
            yield flag, 1.0


def _of_bases(term: Term, terms: Sequence[Term], signals: Mapping[TermField, Signals]) -> Iterator[tuple[str, float]]:
    """What is known of the dates that an answer is counted from, or that it takes over."""
    if term.expr is None:
        return
    known = {one.field: one for one in terms if one.expr is not None}
    agreement = known.get(TermField.AGREEMENT_DATE)
    for anchor in anchors(term.expr):
        base = known.get(_BASES[anchor.name], agreement) if anchor.name in _BASES else None
        if base is None or base.field not in signals:
            yield HANGS, 1.0
        else:
            yield from _of_base(signals[base.field])
    if term.field is TermField.EFFECTIVE_DATE and agreement is not None and agreement.expr == term.expr:
        yield "as_agreement", 1.0
        yield from _of_base(signals[TermField.AGREEMENT_DATE])


def _of_base(signals: Signals) -> Iterator[tuple[str, float]]:
    yield "base_score", signals["score"] - _USUAL
    yield "base_finder", signals["finder"] - _USUAL


def _of_absence(
    term: Term, own: Sequence[TermCandidate], found: set[TermField], document: Document, clauses: Clauses
) -> Iterator[tuple[str, float]]:
    best, _ = clauses.best(term.field)
    yield "finder", log_odds(best)
    yield "near", max((candidate.score for candidate in own), default=0.0)
    yield "length", _length(document)
    for field in found:
        yield f"with_{field}", 1.0


def _length(document: Document) -> float:
    """How long a document is: 0 for about 4,000 words, 1 for ten times as much."""
    return math.log10(max(len(document.text), 100) / 25_000)


def anchors(expr: DateExpr) -> Iterator[Anchor]:
    """The facts that an expression hangs on."""
    if isinstance(expr, Anchor):
        yield expr
        return
    for name in type(expr).model_fields:
        part = getattr(expr, name)
        for one in part if isinstance(part, tuple) else (part,):
            if isinstance(one, Value) and hasattr(one, "op"):
                yield from anchors(cast(DateExpr, one))


def log_odds(share: float) -> float:
    """The log odds of a chance, held within those of ``LEAST`` and ``MOST``."""
    bounded = min(max(share, LEAST), MOST)
    return round(math.log(bounded / (1 - bounded)), 4)


def chance(data: Mapping[str, JsonValue], field: str, state: str, signals: Signals, score: float) -> float:
    """The confidence of an answer about ``field`` with ``signals``; its bare ``score`` where no weights are known."""
    table = data.get("confidence")
    weights = table.get(weights_key(field, state, signals)) if isinstance(table, dict) else None
    if not isinstance(weights, dict):
        return round(min(max(score, 0.0), 1.0), 4)
    return weighed(cast(Mapping[str, float], weights), signals)


def weighed(weights: Mapping[str, float], signals: Signals) -> float:
    """The logistic function of the weighted sum."""
    total = weights.get(ALWAYS, 0.0) + sum(weights.get(name, 0.0) * value for name, value in signals.items())
    return round(min(max(1 / (1 + math.exp(-max(min(total, 30.0), -30.0))), LEAST), MOST), 4)


def calibrated(data: Mapping[str, JsonValue], key: str, score: float) -> float:
    """The confidence of an answer named ``key`` (``"milestone.found"``) with ``score``; linear between steps."""
    table = data.get("confidence")
    steps = table.get(key) if isinstance(table, dict) else None
    if not steps:
        return round(min(max(score, 0.0), 1.0), 4)
    points = cast(Sequence[Sequence[float]], steps)
    at = bisect_right([point[0] for point in points], score)
    if at == 0:
        return points[0][1]
    if at == len(points):
        return points[-1][1]
    (low, a), (high, b) = points[at - 1], points[at]
    return round(a + (b - a) * (score - low) / (high - low), 4)
