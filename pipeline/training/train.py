"""Trains the milestone classifiers and saves them where the program looks for them."""

import random
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from tempfile import TemporaryDirectory

from extractors.milestones.features import LABELS
from extractors.nlp import TRAINED, Labelled, TextModel, train
from pipeline.evaluation.gold import load_gold
from pipeline.limits import Limits
from pipeline.read import read
from pipeline.training.annotations import load_placed, placed_labels, quoted_labels
from pipeline.training.milestones import Examples, examples_of
from rules.schema import RuleSet

PLACED = Path(__file__).parent / "milestones.jsonl"
"""Labels by place, for contracts of the labelled folder that have no annotated milestones there."""


def milestone_examples(folder: Path, rules: RuleSet) -> Iterator[Examples]:
    """Examples of every contract of ``folder`` that is annotated, there or by place."""
    placed = load_placed(PLACED)
    for gold in load_gold(folder):
        if gold.milestones is None and gold.file not in placed:
            continue
        _, source = read(gold.path.name, gold.path.read_bytes(), Limits())
        if gold.milestones is not None:
            labels = quoted_labels(list(gold.milestones), source)
        else:
            labels = placed_labels(placed[gold.file], source)
        yield examples_of(gold.file, source, list(labels), rules)


def train_milestones(contracts: Iterable[Examples]) -> tuple[TextModel, TextModel]:
    """The two classifiers: milestone or not, and which kind (learned from milestones alone)."""
    examples = [example for contract in contracts for example in contract.examples]
    random.Random(1).shuffle(examples)
    gate = [Labelled(words, frozenset({"milestone"} if labels else ())) for words, labels in examples]
    return _trained(gate, ["milestone"]), _trained([one for one in examples if one.labels], LABELS)


def _trained(examples: Sequence[Labelled], labels: Sequence[str]) -> TextModel:
    with TemporaryDirectory() as work:
        return train(examples, labels, Path(work))


def save_milestones(models: tuple[TextModel, TextModel], folder: Path = TRAINED) -> None:
    """Puts the classifiers where ``installed_model`` finds them."""
    for name, model in zip(("milestone", "milestone_kind"), models, strict=True):
        model.save(folder / name)
