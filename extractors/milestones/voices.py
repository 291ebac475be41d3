"""Two classifiers, one answer: bags of words and pairs (spaCy), and weighted signals (linear), trained on the same.

They err in different places, so that their mean is better than either on contracts that neither has seen.
"""

from collections.abc import Mapping, Sequence
from functools import cache
from typing import NamedTuple

import numpy as np

from extractors.milestones.features import LABELS
from extractors.milestones.linear import LinearModel, Signals, installed_linear
from extractors.milestones.trees import Floats
from extractors.nlp import TextModel, installed_model

MILESTONE = "milestone"
KIND = "milestone_kind"
OF_LINEAR = 0.55
"""How much the linear classifier's score counts; the rest is the other's."""
ASKED = 0.06
"""Chance of being a milestone from which a proposal is worth asking of what kind."""


class Voices(NamedTuple):
    """The two classifiers that answer one question."""

    bag: TextModel
    linear: LinearModel

    def scores(self, words: Sequence[Sequence[str]], seen: Sequence[Signals], labels: Sequence[str]) -> Floats:
        """What each says of proposals, given by their words and signals: (proposal, classifier, label)."""
        said = [
            [[one[label] for label in labels] for one in scored]
            for scored in (self.linear.scores(seen), self.bag.scores(words))
        ]
        return np.array(said, np.float32).reshape(2, len(words), len(labels)).transpose(1, 0, 2)


class Heard(NamedTuple):
    """What was said of the proposals of one document."""

    milestone: Floats
    """How likely each is a milestone: (proposal, classifier)."""
    asked: Sequence[int]
    """The proposals, by number, that were asked for their kind."""
    kinds: Floats
    """How likely these are of each kind: (proposal asked, classifier, kind)."""

    @property
    def chances(self) -> Floats:
        """How likely each proposal is a milestone, by both."""
        return together(self.milestone)


@cache
def installed_voices(name: str) -> Voices:
    """The classifiers ``name`` that come with the program, loaded once."""
    return Voices(installed_model(name), installed_linear(name))


def hear(words: Sequence[Sequence[str]], seen: Sequence[Signals], voices: Mapping[str, Voices] | None = None) -> Heard:
    """What ``voices`` (the installed ones) say of the proposals of a document."""
    gate, kind = (voices[name] if voices else installed_voices(name) for name in (MILESTONE, KIND))
    milestone = gate.scores(words, seen, [MILESTONE])[:, :, 0]
    asked = np.flatnonzero(together(milestone) >= ASKED).tolist()
    kinds = kind.scores([words[number] for number in asked], [seen[number] for number in asked], LABELS)
    return Heard(milestone, asked, kinds)


def together(said: Floats) -> Floats:
    """One score out of the two (second axis)."""
    return np.asarray(OF_LINEAR * said[:, 0] + (1 - OF_LINEAR) * said[:, 1], np.float32)
