"""Two classifiers, one answer: bags of words and pairs (spaCy), and weighted signals (linear), trained on the same.

They err in different places, so that their mean is better than either on contracts that neither has seen.
"""

from collections.abc import Mapping, Sequence

from extractors.milestones.linear import Signals, installed_linear
from extractors.nlp import installed_model

OF_LINEAR = 0.55
"""How much the linear classifier's score counts; the rest is the other's."""


def heard(name: str, words: Sequence[Sequence[str]], seen: Sequence[Signals]) -> list[Mapping[str, float]]:
    """What the two classifiers ``name`` say of proposals, given by their words and signals: a score for each label."""
    said = zip(installed_model(name).scores(words), installed_linear(name).scores(seen), strict=True)
    return [
        {label: OF_LINEAR * linear[label] + (1 - OF_LINEAR) * bag[label] for label in linear} for bag, linear in said
    ]
