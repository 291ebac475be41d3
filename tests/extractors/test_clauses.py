"""The clause finder: what is installed says what it said when it was trained, and it sees no values."""

import pytest

from extractors.clauses import LABELS, SILENT, Clauses, clause_words, find_clauses, worth_a_look
from extractors.engine import Document, prepare
from extractors.nlp import installed_model
from models.contract import TermField
from models.source import SourceText

RENEWAL = (
    "This Agreement shall automatically renew for successive one (1) year periods unless either party gives the other "
    "written notice of non-renewal at least sixty (60) days before the end of the then-current term."
)
CONVENIENCE = "Client may terminate this Agreement for convenience at any time upon thirty (30) days' written notice."
DEADLINE = "The goods are to be unloaded within two (2) days, and pallets returned within ten (10) days."
TERM = "The initial term of this Agreement begins on the Effective Date and expires three (3) years thereafter."
DATED = 'This Distribution Agreement is made as of March 3, 2019 (the "Effective Date") by and between the parties.'

RECORDED: list[tuple[str, dict[str, float]]] = [
    (RENEWAL, {"renewal_term": 0.999661, "notice_period": 0.999174}),
    (CONVENIENCE, {"termination_for_convenience": 0.970889, "expiration_date": 0.022096}),
    (DEADLINE, {"expiration_date": 0.009379, "termination_for_convenience": 0.007598}),
    (TERM, {"expiration_date": 0.712421, "notice_period": 0.057543}),
    (DATED, {"effective_date": 0.248296, "agreement_date": 0.075987}),
]
"""Sentence; its score for some labels. Recorded from the installed model: to be recorded again when that is trained
anew."""


def document(*sentences: str) -> Document:
    """The sentences as the clauses of a contract, behind an opening long enough that they stand in its middle."""
    opening = "\n\n".join(f"{n}. Goods. The goods of kind number {n} are blue and are kept dry." for n in range(1, 40))
    clauses = "\n\n".join(f"{n}. {sentence}" for n, sentence in enumerate(sentences, 40))
    return prepare(SourceText(f"{opening}\n\n{clauses}\n\n{opening}", (), ()))


def scores(sentence: str) -> dict[str, float]:
    given = document(sentence)
    found = find_clauses(given)
    passage = given.index_at(given.text.index(sentence[:30]))
    return {label: found.score(label, passage) for label in LABELS}


@pytest.mark.parametrize(("sentence", "recorded"), RECORDED)
def test_the_installed_finder_says_what_was_recorded(sentence: str, recorded: dict[str, float]) -> None:
    said = scores(sentence)
    assert {label: said[label] for label in recorded} == pytest.approx(recorded, abs=1e-4)


def test_the_installed_finder_knows_every_label() -> None:
    assert set(installed_model("clause").labels) == set(LABELS)


@pytest.mark.parametrize(
    ("sentence", "label"),
    [(RENEWAL, "renewal_term"), (RENEWAL, "notice_period"), (TERM, "expiration_date")],
)
def test_a_clause_is_told_from_a_deadline(sentence: str, label: str) -> None:
    assert scores(sentence)[label] > 0.5
    assert scores(DEADLINE)[label] < 0.05


def test_notice_for_convenience_is_not_taken_for_notice_of_non_renewal() -> None:
    said = scores(CONVENIENCE)
    assert said["termination_for_convenience"] > 0.5 > 0.1 > said["notice_period"]


def test_dates_lengths_and_names_of_months_are_not_seen() -> None:
    one, other = document(DATED), document(DATED.replace("March 3, 2019", "12 October 2021"))
    index = one.index_at(one.text.index("This Distribution"))
    assert clause_words(one, index) == clause_words(other, index)
    assert not any("march" in word or any(map(str.isdigit, word)) for word in clause_words(one, index)[10:])


def test_only_passages_that_could_be_a_clause_are_looked_at() -> None:
    given = document(RENEWAL, DEADLINE, "The seller sells and the buyer buys.")
    looked_at = worth_a_look(given)
    assert {given.index_at(given.text.index(words[:25])) for words in (RENEWAL, DEADLINE)} <= set(looked_at)
    assert given.index_at(given.text.index("The seller sells")) not in looked_at
    assert len(looked_at) < len(given.passages) / 10


def test_the_likeliest_passage_is_the_earlier_of_equals() -> None:
    label = str(TermField.RENEWAL_TERM)
    found = Clauses({4: {label: 0.9}, 2: {label: 0.9}, 7: {label: 0.1}})
    assert found.best(label) == (0.9, 2)
    assert SILENT.best(label) == (0.0, None)


def test_agreement_raises_a_score_and_silence_lowers_it_unless_the_finder_did_not_look() -> None:
    field = TermField.RENEWAL_TERM
    found = Clauses({1: {str(field): 0.9}})
    assert found.voice(field, 1) > 0 > found.voice(field, 2)
    assert SILENT.voice(field, 1) == 0
