"""Boosted trees: what they learn, and that they learn it again."""

import numpy as np
import pytest

from extractors.milestones.trees import Floats
from pipeline.training.boosting import train_trees
from pipeline.training.choosing import train_choice

COUNT = 600
SEEN: Floats = np.random.default_rng(5).random((COUNT, 8)).astype(np.float32)
BOTH = (SEEN[:, 0] > 0.5) & (SEEN[:, 3] > 0.4)
"""Holds where two numbers are great; no sum of the two says so exactly."""


def test_trees_learn_what_hangs_on_two_numbers_together() -> None:
    wanted = np.column_stack([BOTH, ~BOTH])
    trees = train_trees(SEEN[:400], wanted[:400], ["both", "other"])
    scores = trees.scores(SEEN[400:])
    assert ((scores[:, 0] > 0.5) == BOTH[400:]).mean() > 0.9
    assert ((scores[:, 1] > 0.5) == ~BOTH[400:]).mean() > 0.9


def test_the_same_examples_give_the_same_trees() -> None:
    once, again = (train_trees(SEEN, BOTH[:, None], ["both"]).scores(SEEN) for _ in range(2))
    assert np.array_equal(once, again)


@pytest.mark.parametrize("holds", [True, False])
def test_a_label_that_always_or_never_holds_is_learned_as_such(holds: bool) -> None:
    scores = train_trees(SEEN, np.full((COUNT, 1), holds), ["always"]).scores(SEEN)
    assert ((scores > 0.5) == holds).all()


def test_numbers_that_never_change_are_not_asked_about() -> None:
    still = np.column_stack([SEEN, np.full(COUNT, 0.5, np.float32)]).astype(np.float32)
    trees = train_trees(still, BOTH[:, None], ["both"])
    moved = still.copy()
    moved[:, -1] = 9
    assert np.array_equal(trees.scores(still), trees.scores(moved))


def test_nothing_is_learned_from_no_contract() -> None:
    assert train_choice([]) is None
