"""What ``milepost explain`` tells of the voices behind each term: rules, the clause finder, and what they weighed."""

from collections.abc import Iterator, Mapping, Sequence

from pydantic import JsonValue
from rich.markup import escape
from rich.tree import Tree

from extractors.clauses import LABELS, NAME, Clauses
from extractors.confidence import ALWAYS, Signals, weights_key
from extractors.engine import Document
from extractors.merging import said
from extractors.terms import TermsFound
from milepost.console import shorten
from models.candidate import TermCandidate
from models.contract import Term, TermState

WORTH_SAYING = 0.05
"""Scores and weights below this are not shown."""
_MOST = 6
"""Signals shown of each answer, the strongest first."""


def finder_tree(clauses: Clauses, document: Document) -> Tree:
    """The passages that the clause finder takes for clauses of terms, and how likely."""
    shown = [
        (passage, names)
        for passage in sorted(clauses.scores)
        if (names := [(label, clauses.score(label, passage)) for label in LABELS if _tells(clauses, label, passage)])
    ]
    root = Tree(f"[bold]The clause finder[/bold] ({NAME})" if shown else "The clause finder sees no clause of a term.")
    for passage, names in shown:
        place = document.passages[passage]
        branch = root.add(escape(shorten(document.text[place.start : place.end], 100)))
        for label, score in sorted(names, key=lambda pair: -pair[1]):
            branch.add(f"[cyan]{label}[/cyan]  {score:.2f}")
    return root


def _tells(clauses: Clauses, label: str, passage: int) -> bool:
    return clauses.score(label, passage) >= WORTH_SAYING


def choices_tree(found: TermsFound, document: Document, data: Mapping[str, JsonValue]) -> Tree:
    """For each term the candidates, the one that was chosen first, and what its confidence is made of."""
    root = Tree("[bold]How the terms were chosen[/bold]")
    for term in found.terms:
        if term.field not in found.signals:
            continue
        own = [one for one in found.candidates if one.field is term.field]
        branch = root.add(f"[cyan]{term.field}[/cyan]  {term.state}, {term.confidence:.0%} sure: {_why(term, own)}")
        for candidate in sorted(own, key=lambda one: -_score(one, document, found.clauses)):
            branch.add(_candidate_words(candidate, document, found.clauses))
        weighed = _weighed(term, found.signals[term.field], data)
        if weighed:
            branch.add(f"sure because: {', '.join(weighed)}")
    return root


def _why(term: Term, own: Sequence[TermCandidate]) -> str:
    if term.state is TermState.ABSENT:
        return "no candidate is good enough" if own else "no rule proposes any"
    chosen = next((one for one in own if one.rule == term.rule and one.span.start == term.evidence[0].start), None)
    readings = len({said(one) for one in own})
    same = sum(chosen is not None and said(one) == said(chosen) for one in own) - 1
    reasons = [f"by {term.rule}"]
    if same > 0:
        reasons.append(f"{same} more {'says' if same == 1 else 'say'} the same")
    if readings > 1:
        reasons.append(f"the best of {readings} readings")
    if term.state is TermState.CONFLICT:
        reasons.append("another is too near to choose: a person decides")
    return ", ".join(reasons)


def _score(candidate: TermCandidate, document: Document, clauses: Clauses) -> float:
    return candidate.score + clauses.voice(candidate.field, document.index_at(candidate.span.start))


def _candidate_words(candidate: TermCandidate, document: Document, clauses: Clauses) -> str:
    passage = document.index_at(candidate.span.start)
    words = escape(shorten(document.text[candidate.span.start : candidate.span.end], 70))
    voice = clauses.voice(candidate.field, passage)
    finder = clauses.score(candidate.field, passage)
    return f"{words}  {candidate.rule} {candidate.score:.2f}, finder {finder:.2f} ({voice:+.2f})"


def _weighed(term: Term, signals: Signals, data: Mapping[str, JsonValue]) -> list[str]:
    """The signals that moved a confidence, strongest first, in log odds."""
    table = data.get("confidence")
    weights = table.get(weights_key(term.field, term.state, signals)) if isinstance(table, dict) else None
    if not isinstance(weights, dict):
        return []
    parts = sorted(_parts(weights, signals), key=lambda part: -abs(part[1]))
    return [f"{escape(name)} {part:+.2f}" for name, part in parts[:_MOST] if abs(part) >= WORTH_SAYING]


def _parts(weights: Mapping[str, JsonValue], signals: Signals) -> Iterator[tuple[str, float]]:
    for name, weight in weights.items():
        value = 1.0 if name == ALWAYS else signals.get(name, 0.0)
        if isinstance(weight, int | float):
            yield name, weight * value
