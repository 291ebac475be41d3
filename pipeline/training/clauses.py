"""Training examples for the clause finder: a contract's passages, labelled by the clauses that lawyers marked.

``clauses.jsonl`` of a labelled folder has a line for each contract: its file, and for each category the passages that
were marked, as they stand in the text. Nothing of them is kept but the weights of the model.
"""

import ast
import json
import random
from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

from extractors.clauses import LABELS, TERMINATION, clause_words, worth_a_look
from extractors.engine import Document
from extractors.nlp import Labelled, TextModel, train
from models.contract import TermField
from models.source import Span
from pipeline.training.annotations import QuoteIndex

CATEGORIES = {
    "Agreement Date": str(TermField.AGREEMENT_DATE),
    "Effective Date": str(TermField.EFFECTIVE_DATE),
    "Expiration Date": str(TermField.EXPIRATION_DATE),
    "Renewal Term": str(TermField.RENEWAL_TERM),
    "Notice Period To Terminate Renewal": str(TermField.NOTICE_PERIOD),
    "Termination For Convenience": TERMINATION,
}
"""The marked categories that the finder learns, and its own names for them."""
_OMITTED = "<omitted>"
"""Stands in a marked passage for words between its parts."""
_FEWEST = 3
"""Letters and digits below which a marked passage could be anywhere."""


class Clause(NamedTuple):
    """A marked passage: what it is, and its words."""

    label: str
    quote: str


class ClauseExamples(NamedTuple):
    """The examples of one contract."""

    file: str
    examples: tuple[Labelled, ...]


def load_clauses(path: Path) -> dict[str, tuple[Clause, ...]]:
    """The marked passages that the finder learns from, by file; none where there is no such file."""
    if not path.exists():
        return {}
    with path.open(encoding="utf-8") as lines:
        return {row["file"]: tuple(_clauses(row)) for row in map(json.loads, lines)}


def _clauses(row: Mapping[str, str]) -> Iterator[Clause]:
    for category, label in CATEGORIES.items():
        for marked in ast.literal_eval(row.get(category) or "[]"):
            for quote in marked.split(_OMITTED):
                if sum(map(str.isalnum, quote)) >= _FEWEST:
                    yield Clause(label, quote)


def clause_examples(file: str, document: Document, clauses: Sequence[Clause]) -> ClauseExamples:
    """The passages of a contract that the finder would look at, labelled."""
    labels: dict[int, set[str]] = defaultdict(set)
    index = QuoteIndex(document.text)
    for clause in clauses:
        span = index.find(clause.quote)
        if span is not None:
            for passage in _passages(document, span):
                labels[passage].add(clause.label)
    looked_at = worth_a_look(document)
    return ClauseExamples(
        file, tuple(Labelled(clause_words(document, one), frozenset(labels.get(one, ()))) for one in looked_at)
    )


def _passages(document: Document, span: Span) -> Iterator[int]:
    """The passages that a marked one overlaps by a third of the shorter of the two."""
    for index in range(document.index_at(span.start), document.index_at(span.end - 1) + 1):
        passage = document.passages[index]
        shared = min(passage.end, span.end) - max(passage.start, span.start)
        if 3 * shared >= min(passage.end - passage.start, span.end - span.start):
            yield index


def train_clauses(contracts: Iterable[ClauseExamples]) -> TextModel:
    """The finder. Deterministic for the same contracts in the same order."""
    examples = [example for contract in contracts for example in contract.examples]
    random.Random(1).shuffle(examples)
    return train(examples, LABELS)
