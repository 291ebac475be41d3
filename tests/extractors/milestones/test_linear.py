"""The linear classifier and what it weighs: it learns what was shown, keeps no words, and says what was recorded."""

from itertools import pairwise
from pathlib import Path

import pytest

from extractors.milestones import hits_of
from extractors.milestones.features import LABELS, features
from extractors.milestones.linear import LinearModel, Signals, Weighted, installed_linear
from extractors.milestones.proposals import propose
from extractors.milestones.signals import signals
from pipeline.training.logistic import train_logistic
from rules.loader import installed_rules
from tests.extractors.milestones.contracts import document_of

PAID: Signals = {"pay": 1.0, "invoice": 0.5}
TOLD: Signals = {"deliver": 1.0, "statement": 0.5}
SHOWN = [
    *(Weighted({**PAID, f"number {number}": 1.0}, frozenset({"payment"})) for number in range(20)),
    *(Weighted({**TOLD, f"number {number}": 1.0}, frozenset({"report"})) for number in range(20)),
    *(Weighted({"the": 1.0, f"number {number}": 1.0}, frozenset()) for number in range(20)),
]
KINDS = ["payment", "report", "never"]


@pytest.fixture(scope="module")
def model() -> LinearModel:
    return train_logistic(SHOWN, KINDS, penalty=0.1)


def test_what_was_shown_is_learned_and_what_was_never_shown_is_unlikely(model: LinearModel) -> None:
    paid, told, nothing = model.scores([PAID, TOLD, {}])
    assert paid["payment"] > 0.9 > 0.1 > paid["report"]
    assert told["report"] > 0.9 > 0.1 > told["payment"]
    assert nothing["payment"] < 0.5
    assert all(said["never"] < 0.01 for said in (paid, told, nothing))


def test_a_greater_penalty_gives_milder_scores(model: LinearModel) -> None:
    mild = train_logistic(SHOWN, KINDS, penalty=10).scores([PAID])[0]
    assert 0.3 < mild["payment"] < model.scores([PAID])[0]["payment"]


def test_training_finds_the_least_loss(model: LinearModel) -> None:
    """At the optimum of a convex loss the scores of the examples add up to their labels (the bias has no penalty)."""
    scores = model.scores([example.signals for example in SHOWN])
    for label, count in (("payment", 20), ("report", 20)):
        assert sum(score[label] for score in scores) == pytest.approx(count, abs=0.2)


def test_training_twice_gives_the_same_scores(model: LinearModel) -> None:
    assert train_logistic(SHOWN, KINDS, penalty=0.1).scores([PAID, TOLD]) == model.scores([PAID, TOLD])


def test_no_example_has_no_scores_and_unknown_signals_weigh_nothing(model: LinearModel) -> None:
    assert model.scores([]) == []
    assert model.scores([{"unheard": 3.0}, {}]) == [model.scores([{}])[0]] * 2


def test_a_model_that_learned_from_nothing_knows_the_share_alone() -> None:
    empty = [Weighted({}, frozenset({"payment"})), Weighted({}, frozenset())]
    assert train_logistic(empty, ["payment"], penalty=1).scores([PAID])[0]["payment"] == pytest.approx(0.5)


def test_a_saved_model_says_the_same_and_keeps_no_words(model: LinearModel, tmp_path: Path) -> None:
    model.save(tmp_path)
    loaded = LinearModel.load(tmp_path)
    for ours, theirs in zip(model.scores([PAID, TOLD]), loaded.scores([PAID, TOLD]), strict=True):
        assert theirs == pytest.approx(ours, abs=1e-3)
    kept = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert b"invoice" not in kept
    assert b"statement" not in kept


def seen(text: str) -> list[Signals]:
    document = document_of(text)
    proposals, hits = propose(document), hits_of(document, installed_rules())
    words = [features(document, proposal, hits.get(proposal.passage, ())) for proposal in proposals]
    return signals(document, proposals, words)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Customer shall pay the fee within ten days after delivery.", {"Bmodal=shall", "Bverb=pay", "Bdoing=pay fee"}),
        ("Within ten days after delivery Customer will not object.", {"Bnone", "Amodal=will", "Anot", "Averb=object"}),
        ("Buyer has the right to elect within ten days after delivery.", {"Bmodal=right"}),
        (
            "Buyer shall pay on 1 May 2020 and collect them on 9 May 2020.",
            {"times=2", "time=0", "last=False", "beside=date/on"},
        ),
        ("Buyer may inspect; Seller shall ship within ten days after it.", {"clause:ship"}),
    ],
)
def test_the_first_time_of_a_sentence_shows(text: str, expected: set[str]) -> None:
    assert expected <= set(seen(text)[0])


def test_words_of_another_clause_are_not_of_the_clause() -> None:
    assert "clause:inspect" not in seen("Buyer may inspect; Seller shall ship within ten days after it.")[0]


def test_near_words_weigh_more_than_far_ones_and_pairs_are_seen() -> None:
    words = "Supplier, which keeps its books and records at its seat in good order and as the law there asks, shall pay"
    first = seen(f"{words} within ten days after delivery.")[0]
    assert first["<pay"] > first["books"] > 0
    assert all(f"{one}_{two}" in first for one, two in pairwise(["<law", "<there", "<asks", "<shall", "<pay"]))


RECORDED: list[tuple[str, float, str, float]] = [
    (
        "Customer shall pay each undisputed invoice within forty-five (45) days after receipt of that invoice.",
        0.992083,
        "payment",
        0.844926,
    ),
    (
        "A party prevents renewal by notice at least ninety (90) days before the end of the then-current term.",
        0.969116,
        "notice",
        0.349867,
    ),
    (
        "Client may terminate this Agreement without cause upon thirty (30) days' prior written notice to Supplier.",
        0.971402,
        "termination",
        0.937801,
    ),
    (
        "Licensee shall deliver a royalty report within thirty (30) days after the end of each calendar quarter.",
        0.985408,
        "report",
        0.438555,
    ),
    (
        "The seller has been in the business of making window frames for more than twenty (20) years.",
        0.453393,
        "delivery",
        0.102226,
    ),
]
"""As in ``tests/extractors/test_nlp.py``, of the linear models: recorded again whenever they are trained anew."""


@pytest.mark.parametrize(("sentence", "milestone", "kind", "score"), RECORDED)
def test_the_installed_models_say_what_was_recorded(sentence: str, milestone: float, kind: str, score: float) -> None:
    document = document_of(sentence)
    proposal = propose(document)[:1]
    weighed = signals(document, proposal, [features(document, proposal[0], ())])
    kinds = installed_linear("milestone_kind").scores(weighed)[0]
    assert installed_linear("milestone").scores(weighed)[0] == pytest.approx({"milestone": milestone}, abs=1e-3)
    assert max(kinds, key=lambda name: kinds[name]) == kind
    assert kinds[kind] == pytest.approx(score, abs=1e-3)


def test_the_installed_models_know_every_kind() -> None:
    assert installed_linear("milestone").labels == ("milestone",)
    assert installed_linear("milestone_kind").labels == LABELS
