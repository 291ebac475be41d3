"""The trained voice: how likely a passage is a clause of each kind, by a small linear classifier (spaCy).

Rules say what they know by form; the classifier says what passages with such words usually are. It reads words with
values masked by kind and unit, the section's heading and the passage's place, so that it learns "renewal ...
PERIOD_month ... notice" and no number, name or date of the contracts it learned from. No other module imports spaCy.
"""

from collections.abc import Iterable, Mapping, Sequence
from functools import cache, lru_cache
from itertools import chain
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import spacy
from numpy.typing import NDArray
from spacy.language import Language
from spacy.schemas import ConfigSchemaTraining
from spacy.strings import get_string_id
from spacy.tokens import Doc
from spacy.training import Example
from spacy.training.loop import create_train_batches
from spacy.util import load_config, load_model_from_config, registry
from spacy.vocab import Vocab
from thinc.util import fix_random_seed

TRAINED = Path(__file__).parent / "trained"
CONFIG = TRAINED / "textcat.cfg"
_COMPONENT = "textcat_multilabel"
_BATCH = 512
_NOT_KEPT = ["vocab", "tokenizer"]
"""Words come to the classifier ready made and are hashed; it needs neither."""


class Labelled(NamedTuple):
    """A training example: words, and the labels that hold."""

    words: Sequence[str]
    labels: frozenset[str]


class TextModel:
    """A trained classifier. Scores are independent for each label, 0 to 1."""

    def __init__(self, nlp: Language) -> None:
        self._nlp = nlp
        pipe: Any = nlp.get_pipe(_COMPONENT)
        # The layers are those of ``TextCatBOW``: words and word pairs counted, weighed and added up, made a chance.
        bag, self._chance = pipe.model.layers
        _, self._weigh = bag.layers[0].layers
        self._ops: Any = pipe.model.ops
        self.labels: tuple[str, ...] = tuple(nlp.pipe_labels[_COMPONENT])

    @classmethod
    def load(cls, folder: Path) -> "TextModel":
        """The model saved in ``folder``."""
        return cls(spacy.load(folder, exclude=_NOT_KEPT))

    def save(self, folder: Path) -> None:
        """Writes the weights and nothing of the texts they were learned from."""
        self._nlp.config["paths"] = dict.fromkeys(self._nlp.config["paths"])
        self._nlp.to_disk(folder, exclude=_NOT_KEPT)

    def scores(self, texts: Sequence[Sequence[str]]) -> list[Mapping[str, float]]:
        """For each text (its words) the score of each label."""
        scored: list[Mapping[str, float]] = []
        for start in range(0, len(texts), _BATCH):
            keys, counts, lengths = self._counted([words or ["-"] for words in texts[start : start + _BATCH]])
            rows = self._chance.predict(self._weigh.predict((keys, counts, lengths)))
            scored += [dict(zip(self.labels, row, strict=True)) for row in rows.tolist()]
        return scored

    def _counted(
        self, texts: Sequence[Sequence[str]]
    ) -> tuple[NDArray[np.uint64], NDArray[np.float32], NDArray[np.int32]]:
        """Words and pairs of neighbours, as the keys the model knows them by, with how often each stands in a text.

        The same as its own layer counts of a ``Doc``, which costs several times more to make and is remembered.
        Of a batch the keys of all texts follow one another, sorted within each; last come how many each has.
        """
        lengths = np.fromiter(map(len, texts), np.int64, len(texts))
        singles = np.fromiter(map(_key, chain.from_iterable(texts)), np.uint64, int(lengths.sum()))
        owners = np.repeat(np.arange(len(texts)), lengths)
        # A pair of the last word of a text with the first of the next is none.
        within = owners[1:] == owners[:-1]
        keys = np.concatenate([singles, self._ops.ngrams(2, singles)[within]])
        owners = np.concatenate([owners, owners[1:][within]])
        order = np.lexsort((keys, owners))
        keys, owners = keys[order], owners[order]
        new = np.concatenate([[True], (keys[1:] != keys[:-1]) | (owners[1:] != owners[:-1])])
        first = np.flatnonzero(new)
        counts = np.diff(first, append=len(keys)).astype(np.float32)
        return keys[first], counts, np.bincount(owners[first], minlength=len(texts)).astype(np.int32)


@lru_cache(maxsize=50_000)
def _key(word: str) -> int:
    """The number that spaCy knows a word by."""
    return int(get_string_id(word))


@cache
def installed_model(name: str) -> TextModel:
    """The model ``name`` that comes with the program, loaded once."""
    return TextModel.load(TRAINED / name)


def train(examples: Iterable[Labelled], labels: Sequence[str]) -> TextModel:
    """Trains a classifier by the committed configuration. Deterministic for the same examples in the same order.

    The steps are those of ``spacy.training.loop``, which copies every example for every step: that took two thirds of
    the time, and a bag of words never changes its examples. What that loop measures as it goes is measured elsewhere,
    on contracts held out whole.
    """
    config = load_config(CONFIG)
    fix_random_seed(config["system"]["seed"])
    nlp = load_model_from_config(config, auto_fill=True)
    training: Any = registry.resolve(nlp.config.interpolate()["training"], schema=ConfigSchemaTraining)
    made = [_example(nlp.vocab, example, labels) for example in examples]
    optimizer = training["optimizer"]
    nlp.initialize(lambda: made, sgd=optimizer)
    fix_random_seed(training["seed"])
    pipe: Any = nlp.get_pipe(_COMPONENT)
    for _, batch in create_train_batches(nlp, lambda _: made, training["batcher"], training["max_epochs"]):
        pipe.update(sorted(batch, key=len), drop=training["dropout"])
        pipe.finish_update(optimizer)
        optimizer.step_schedules()
    return TextModel(nlp)


def _example(vocab: Vocab, labelled: Labelled, labels: Sequence[str]) -> Example:
    doc = Doc(vocab, words=list(labelled.words) or ["-"])
    doc.cats = {label: float(label in labelled.labels) for label in labels}
    return Example(doc, doc)
