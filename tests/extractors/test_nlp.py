"""The classifiers: what is installed says what it said when it was trained, and training has one result."""

from pathlib import Path

import pytest
import spacy
from spacy.tokens import Doc

from extractors.engine import prepare
from extractors.milestones.features import LABELS, features
from extractors.milestones.proposals import propose
from extractors.nlp import TRAINED, Labelled, TextModel, installed_model, train
from models.source import SourceText

RECORDED: list[tuple[str, float, str, float]] = [
    (
        "Customer shall pay each undisputed invoice within forty-five (45) days after receipt of that invoice.",
        0.957493,
        "payment",
        0.932437,
    ),
    (
        "A party prevents renewal by notice at least ninety (90) days before the end of the then-current term.",
        0.937744,
        "notice",
        0.507954,
    ),
    (
        "Client may terminate this Agreement without cause upon thirty (30) days' prior written notice to Supplier.",
        0.925336,
        "termination",
        0.971300,
    ),
    (
        "Licensee shall deliver a royalty report within thirty (30) days after the end of each calendar quarter.",
        0.966088,
        "report",
        0.537064,
    ),
    (
        "The seller has been in the business of making window frames for more than twenty (20) years.",
        0.583564,
        "delivery",
        0.155025,
    ),
]
"""Sentence; the score of its first time as a milestone; its likeliest kind and that one's score.

Recorded from the installed models: to be recorded again whenever those are trained anew.
"""


def first_words(sentence: str) -> list[str]:
    """What the classifiers see of the first time that a sentence states; rules have no part in it."""
    document = prepare(SourceText(sentence, (), ()))
    return features(document, propose(document)[0], ())


@pytest.mark.parametrize(("sentence", "milestone", "kind", "score"), RECORDED)
def test_the_installed_models_say_what_was_recorded(sentence: str, milestone: float, kind: str, score: float) -> None:
    words = first_words(sentence)
    kinds = installed_model("milestone_kind").scores([words])[0]
    assert installed_model("milestone").scores([words])[0] == pytest.approx({"milestone": milestone}, abs=1e-4)
    assert max(kinds, key=lambda name: kinds[name]) == kind
    assert kinds[kind] == pytest.approx(score, abs=1e-4)


def test_the_installed_models_know_every_kind() -> None:
    assert installed_model("milestone").labels == ("milestone",)
    assert set(installed_model("milestone_kind").labels) == set(LABELS)


@pytest.fixture(scope="module")
def examples() -> list[Labelled]:
    """Payments speak of invoices, reports of statements; the number says nothing."""
    paid = [Labelled(f"pay the invoice within #day number {n}".split(), frozenset({"payment"})) for n in range(40)]
    told = [Labelled(f"deliver a statement each #month number {n}".split(), frozenset({"report"})) for n in range(40)]
    return [example for pair in zip(paid, told, strict=True) for example in pair]


UNSEEN: list[list[str]] = [["pay", "the", "invoice", "within", "#day"], ["deliver", "a", "statement"], []]


@pytest.fixture(scope="module")
def model(examples: list[Labelled]) -> TextModel:
    return train(examples, ["payment", "report"])


def test_training_twice_gives_the_same_scores(model: TextModel, examples: list[Labelled]) -> None:
    assert train(examples, ["payment", "report"]).scores(UNSEEN) == model.scores(UNSEEN)


def test_what_was_shown_is_learned(model: TextModel) -> None:
    paid, told, _ = model.scores(UNSEEN)
    assert paid["payment"] > 0.5 > paid["report"]
    assert told["report"] > 0.5 > told["payment"]


def test_a_saved_model_says_the_same_and_keeps_no_words(model: TextModel, tmp_path: Path) -> None:
    model.save(tmp_path / "saved")
    assert TextModel.load(tmp_path / "saved").scores(UNSEEN) == model.scores(UNSEEN)
    kept = b"".join(path.read_bytes() for path in (tmp_path / "saved").rglob("*") if path.is_file())
    assert b"invoice" not in kept
    assert str(tmp_path).encode() not in kept


@pytest.mark.parametrize("name", ["clause", "milestone", "milestone_kind"])
def test_words_are_weighed_as_spacy_itself_weighs_them_in_a_document(name: str) -> None:
    pipeline = spacy.load(TRAINED / name, exclude=["tokenizer"])
    texts = [["shall", "pay", "#day", "shall", "pay"], ["mark", "|", "agent", "é"], ["once"], []]
    docs = [pipeline(Doc(pipeline.vocab, words=words or ["-"])) for words in texts]
    assert installed_model(name).scores(texts) == [doc.cats for doc in docs]
