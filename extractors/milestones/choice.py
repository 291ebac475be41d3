"""The chance that a proposal is a milestone, and of what kind: the voices' scores, and a second look at them together.

The voices judge each proposal alone and learned from many contracts, annotated by several people. The second look is a
few trees over their scores, and those of the neighbours, learned from other contracts, annotated by one: it says
which kind that guide would call what the voices say, and what to think where they disagree.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from extractors.milestones.features import LABELS
from extractors.milestones.proposals import Proposal
from extractors.milestones.surroundings import odds, surroundings
from extractors.milestones.trees import Floats, Trees, installed_trees
from extractors.milestones.voices import MILESTONE, Heard, together

NAME = "milestone_choice"
CHOSEN = (MILESTONE, *LABELS)
"""What the trees say of a proposal: whether it is a milestone, and whether one of each kind."""
_OF_TREES = 0.5
"""How much the second look counts; the rest is the voices'."""


class Chances(NamedTuple):
    """What is thought of a proposal: is it a milestone, and if so, of which kind (adding up to one)."""

    number: int
    """Which proposal of the document."""
    milestone: Mapping[str, float]
    kinds: Mapping[str, float]


def chances_of(proposals: Sequence[Proposal], heard: Heard, trees: Trees | None = None) -> list[Chances]:
    """What is thought of those proposals of a document that were asked for their kind, by ``trees`` (the installed)."""
    if not heard.asked:
        return []
    first = _shares(together(heard.kinds))
    said = (trees or installed_trees(NAME)).scores(standing(proposals, heard))
    milestone = _OF_TREES * said[:, 0] + (1 - _OF_TREES) * heard.chances[heard.asked]
    kinds = _OF_TREES * _shares(said[:, 1:]) + (1 - _OF_TREES) * first
    return [
        Chances(number, {MILESTONE: chance}, dict(zip(LABELS, row, strict=True)))
        for number, chance, row in zip(heard.asked, milestone.tolist(), kinds.tolist(), strict=True)
    ]


def standing(proposals: Sequence[Proposal], heard: Heard) -> Floats:
    """What the trees see of the proposals that were asked for their kind: a row of numbers for each."""
    passages: NDArray[np.int64] = np.array([proposal.passage for proposal in proposals], np.int64)
    kinds = np.zeros((len(proposals), len(LABELS)), np.float32)
    kinds[heard.asked] = _shares(together(heard.kinds))
    around = surroundings(heard.chances, kinds, passages)[heard.asked]
    alone = [odds(heard.milestone[heard.asked]), *(odds(heard.kinds[:, voice]) for voice in range(2))]
    return np.column_stack([around, *alone]).astype(np.float32)


def _shares(scores: Floats) -> Floats:
    return np.asarray(scores / np.maximum(scores.sum(axis=1, keepdims=True), 1e-6), np.float32)
