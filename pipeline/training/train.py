"""The examples of a folder of labelled contracts; trains the milestone classifiers, and saves them where the program
looks for them."""

import hashlib
import random
from collections.abc import Iterable, Iterator, Mapping, Sequence
from pathlib import Path

from extractors.day_month_order import day_month_order
from extractors.engine import prepare
from extractors.milestones.features import LABELS
from extractors.milestones.linear import Weighted
from extractors.milestones.voices import KIND, MILESTONE, Voices
from extractors.nlp import TRAINED, Labelled, train
from pipeline.evaluation.gold import Gold, load_gold
from pipeline.limits import Limits
from pipeline.read import read
from pipeline.training.annotations import load_placed, placed_labels, quoted_labels
from pipeline.training.clauses import Clause, ClauseExamples, clause_examples
from pipeline.training.logistic import train_logistic
from pipeline.training.milestones import Example, Examples, examples_of
from rules.schema import RuleSet

PLACED = Path(__file__).parent / "milestones.jsonl"
"""Labels by place, for contracts of the labelled folder that have no annotated milestones there."""
PENALTY = 0.2
"""What large weights cost the linear classifier of milestones ..."""
PENALTY_KIND = 0.1
"""... and that of kinds: chosen by cross-validation over companies."""


def milestone_examples(folder: Path, rules: RuleSet, *, held_out: bool = True) -> Iterator[Examples]:
    """Examples of the contracts of ``folder`` that are labelled by place.

    Those annotated in the folder itself are what milestones are measured on (``load_gold``): they are left out, also
    where they are labelled by place, unless ``held_out`` is false, which learns from them too.
    """
    placed = load_placed(PLACED)
    for gold in load_gold(folder):
        if gold.milestones is not None:
            if not held_out:
                yield _annotated(gold, rules)
            continue
        data = gold.path.read_bytes()
        known = placed.get(hashlib.sha256(data).hexdigest())
        if known is not None:
            _, source = read(gold.path.name, data, Limits(), ocr=False)
            yield examples_of(gold.file, source, list(placed_labels(known, source)), rules)


def annotated_examples(folder: Path, rules: RuleSet) -> Iterator[Examples]:
    """Examples of the contracts whose milestones are annotated in ``folder`` itself."""
    for gold in load_gold(folder):
        if gold.milestones is not None:
            yield _annotated(gold, rules)


def _annotated(gold: Gold, rules: RuleSet) -> Examples:
    _, source = read(gold.path.name, gold.path.read_bytes(), Limits(), ocr=False)
    return examples_of(gold.file, source, list(quoted_labels(list(gold.milestones or ()), source)), rules)


def marked_examples(
    folder: Path, clauses: Mapping[str, tuple[Clause, ...]], rules: RuleSet
) -> Iterator[ClauseExamples]:
    """Examples for the clause finder, of the contracts of ``folder`` in which clauses were marked."""
    for gold in load_gold(folder) if clauses else ():
        if gold.file in clauses:
            _, source = read(gold.path.name, gold.path.read_bytes(), Limits(), ocr=False)
            document = prepare(source, day_month_order(source.text, rules))
            yield clause_examples(gold.file, document, clauses[gold.file])


def train_milestones(contracts: Iterable[Examples]) -> tuple[Voices, Voices]:
    """Who answers the two questions: milestone or not, and which kind (learned from milestones alone)."""
    examples = [example for contract in contracts for example in contract.examples]
    random.Random(1).shuffle(examples)
    gate = [one._replace(labels=frozenset({MILESTONE} if one.labels else ())) for one in examples]
    kinds = [one for one in examples if one.labels]
    return _trained(gate, [MILESTONE], PENALTY), _trained(kinds, LABELS, PENALTY_KIND)


def _trained(examples: Sequence[Example], labels: Sequence[str], penalty: float) -> Voices:
    bag = train((Labelled(one.words, one.labels) for one in examples), labels)
    return Voices(bag, train_logistic([Weighted(one.signals, one.labels) for one in examples], labels, penalty))


def save_milestones(models: tuple[Voices, Voices], folder: Path = TRAINED) -> None:
    """Puts the classifiers where ``installed_voices`` finds them."""
    for name, voices in zip((MILESTONE, KIND), models, strict=True):
        voices.bag.save(folder / name)
        voices.linear.save(folder / name)
