"""The second look: trees over what the voices say of a proposal and of its neighbours."""

from pathlib import Path

import numpy as np
import pytest

from extractors.milestones.choice import CHOSEN, NAME, chances_of, standing
from extractors.milestones.features import LABELS, features
from extractors.milestones.proposals import propose
from extractors.milestones.signals import signals
from extractors.milestones.surroundings import odds, surroundings
from extractors.milestones.trees import Trees, installed_trees
from extractors.milestones.voices import ASKED, Heard, hear
from tests.extractors.milestones.contracts import document_of

KINDS = 2


def tree(first: float, second: float) -> Trees:
    """One label; two trees with three questions: is the first number greater than 0, the second, the first again."""
    asks = np.array([[[0, 1, 0], [0, 0, 0]]], np.int16)
    limits = np.array([[[0, 0, 5], [0, 0, 0]]], np.float32)
    leaves = np.array([[[0, 0, first, 0, 0, 0, second, 9], [0] * 8]], np.float32)
    return Trees(["payment"], asks, limits, leaves, np.array([-1], np.float32))


@pytest.mark.parametrize(
    ("row", "added"),
    [((-1, -1), 0.0), ((-1, 1), 2.0), ((1, 1), 3.0), ((0, 0), 0.0), ((6, 1), 9.0)],
)
def test_answers_lead_to_the_leaf_that_is_added_to_the_odds(row: tuple[float, float], added: float) -> None:
    scores = tree(2, 3).scores(np.array([row, row], np.float32))
    assert scores.shape == (2, 1)
    assert scores[0, 0] == scores[1, 0] == pytest.approx(1 / (1 + np.exp(1 - added)))


def test_saved_trees_say_the_same(tmp_path: Path) -> None:
    rows = np.array([[-1, 1], [1, 1]], np.float32)
    tree(2, 3).save(tmp_path)
    read = Trees.load(tmp_path)
    assert read.labels == ("payment",)
    assert np.array_equal(read.scores(rows), tree(2, 3).scores(rows))


def seen(chances: list[float], passages: list[int]) -> dict[str, np.ndarray[tuple[int, ...], np.dtype[np.float32]]]:
    """What surroundings say of proposals that are all of the first kind, by name."""
    kinds = np.array([[1, 0]] * len(chances), np.float32)
    rows = surroundings(np.array(chances, np.float32), kinds, np.array(passages, np.int64))
    every = 1 + KINDS
    parts = np.split(rows, np.cumsum([1 + 2 * KINDS, every, every, every, 3])[:-1], axis=1)
    return dict(zip(("own", "beside", "near", "whole", "along"), parts, strict=True))


def test_the_neighbours_of_a_time_are_others_than_itself() -> None:
    beside = seen([0.9, 0.5, 0.2, 0.7], [0, 0, 0, 3])["beside"]
    assert beside[:, 0].tolist() == pytest.approx([0.5, 0.9, 0.9, 0.0])


def test_two_equal_times_are_neighbours_of_each_other() -> None:
    assert seen([0.6, 0.6], [4, 4])["beside"][:, 1].tolist() == pytest.approx([0.6, 0.6])


@pytest.mark.parametrize(("passages", "near"), [([0, 2], [0.4, 0.8]), ([0, 1], [0.4, 0.8]), ([0, 3], [0, 0])])
def test_times_two_passages_away_are_near_and_those_farther_are_not(passages: list[int], near: list[float]) -> None:
    assert seen([0.8, 0.4], passages)["near"][:, 0].tolist() == pytest.approx(near)


def test_the_whole_contract_and_the_place_among_others_are_seen() -> None:
    parts = seen([0.8, 0.4, 0.6], [0, 0, 1])
    assert parts["whole"][0].tolist() == pytest.approx([1.8, 0.0, 0.6])
    assert parts["along"].tolist() == pytest.approx(np.array([[0, 0, 0.4], [1, 0.8, 0.6], [0, 0.4, 0]]))


def test_odds_of_certain_scores_stay_finite() -> None:
    assert np.isfinite(odds(np.array([0, 1], np.float32))).all()


def test_a_contract_without_times_has_no_choice_to_make() -> None:
    assert surroundings(np.zeros(0, np.float32), np.zeros((0, KINDS), np.float32), np.zeros(0, np.int64)).size == 0
    nothing = Heard(np.zeros((0, 2), np.float32), [], np.zeros((0, 2, len(LABELS)), np.float32))
    assert chances_of([], nothing) == []


def test_what_is_thought_of_a_proposal_lies_between_voices_and_trees() -> None:
    document = document_of(
        "1. Fees. Customer shall pay each invoice within forty-five (45) days after receipt of that invoice."
    )
    proposals = propose(document)
    words = [features(document, one, ()) for one in proposals]
    heard = hear(words, signals(document, proposals, words))
    chances = chances_of(proposals, heard)
    assert [one.number for one in chances] == heard.asked
    assert all(heard.chances[number] >= ASKED for number in heard.asked)
    trees = installed_trees(NAME).scores(standing(proposals, heard))
    for one, said in zip(chances, trees, strict=True):
        low, high = sorted((float(said[0]), float(heard.chances[one.number])))
        assert low - 1e-6 <= one.milestone["milestone"] <= high + 1e-6
        assert sum(one.kinds.values()) == pytest.approx(1, abs=1e-4)
    assert max(chances[0].kinds, key=lambda kind: chances[0].kinds[kind]) == "payment"


def test_the_installed_trees_know_every_kind() -> None:
    assert installed_trees(NAME).labels == CHOSEN == ("milestone", *LABELS)
