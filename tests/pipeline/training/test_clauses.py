"""Examples for the clause finder: marked passages are found again, and what is learned holds none of their words."""

import json
from pathlib import Path

import pytest

from extractors.clauses import find_clauses
from extractors.engine import Document, prepare
from models.source import SourceText
from pipeline.training.clauses import Clause, ClauseExamples, clause_examples, load_clauses, train_clauses

RENEWAL = "This Agreement renews for further periods of one (1) year each unless a party objects in writing."
TERM = "The Agreement starts on the Effective Date and runs for a term of three (3) years, in every country."
FILLER = "The goods of this kind are delivered within two (2) days and are kept dry by whoever holds them."


def document(*sentences: str) -> Document:
    return prepare(SourceText("\n\n".join(f"{n}. {one}" for n, one in enumerate(sentences, 1)), (), ()))


def labels(examples: ClauseExamples) -> list[set[str]]:
    return [set(example.labels) for example in examples.examples]


@pytest.mark.parametrize(
    ("quote", "expected"),
    [
        (RENEWAL, [set(), {"renewal_term"}, set()]),
        (RENEWAL.replace(" ", "\n ").upper(), [set(), {"renewal_term"}, set()]),
        ("for further periods of one (1) year", [set(), {"renewal_term"}, set()]),
        ("these words stand nowhere in it", [set(), set(), set()]),
    ],
)
def test_a_marked_passage_labels_the_passage_it_stands_in(quote: str, expected: list[set[str]]) -> None:
    found = clause_examples("a.pdf", document(TERM, RENEWAL, FILLER), [Clause("renewal_term", quote)])
    assert labels(found) == expected


def test_clauses_are_read_by_category_and_parts(tmp_path: Path) -> None:
    path = tmp_path / "clauses.jsonl"
    row = {
        "file": "a.pdf",
        "Renewal Term": str([f"{RENEWAL} <omitted> and so on for years"]),
        "Expiration Date": str([TERM]),
        "Agreement Date": "[]",
        "Governing Law": str(["The law of Utah governs."]),
    }
    path.write_text(json.dumps(row) + "\n", encoding="utf-8")
    assert load_clauses(path)["a.pdf"] == (
        Clause("expiration_date", TERM),
        Clause("renewal_term", f"{RENEWAL} "),
        Clause("renewal_term", " and so on for years"),
    )
    assert load_clauses(tmp_path / "absent.jsonl") == {}


def test_the_finder_learns_what_was_marked_and_says_the_same_each_time() -> None:
    marked = [Clause("renewal_term", RENEWAL), Clause("expiration_date", TERM)]
    contracts = [clause_examples(f"{n}.pdf", document(FILLER, TERM, FILLER, RENEWAL), marked) for n in range(30)]
    given = document(FILLER, RENEWAL, TERM)
    finder = train_clauses(contracts)
    found = find_clauses(given, finder)
    assert found.best("renewal_term")[1] == 1
    assert found.best("expiration_date")[1] == 2
    assert found.scores == find_clauses(given, train_clauses(contracts)).scores
