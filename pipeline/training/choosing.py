"""The second look at what the voices say of milestones: how it is learned, and what it says of contracts it never saw.

It learns from the contracts annotated in a labelled folder, of which the voices know none; so few numbers are learned
that what it says of contracts held out is nearly what it says of those it knows.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace

import numpy as np

from extractors.amendments import read_amendment, with_own_date
from extractors.milestones import extract_milestones
from extractors.milestones.choice import CHOSEN, standing
from extractors.milestones.trees import Trees
from extractors.milestones.voices import KIND, MILESTONE, Heard, Voices, hear
from extractors.terms import extract_terms
from models.contract import Outcome, Status
from models.contract_resolution import resolve_contract
from pipeline.evaluation.report import Judged, judge_contract
from pipeline.output import document_object
from pipeline.training.annotations import Label, quoted_labels
from pipeline.training.boosting import train_trees
from pipeline.training.held_out import Conditions, Labelled
from pipeline.training.milestones import Examples, examples_of
from rules.schema import RuleSet


def hear_all(
    contracts: Iterable[Examples], voices: tuple[Voices, Voices] | None = None
) -> list[tuple[Examples, Heard]]:
    """What ``voices`` (whether a milestone, and of which kind; else the installed ones) say of each contract."""
    both = dict(zip((MILESTONE, KIND), voices, strict=True)) if voices else None
    return [(one, hear([e.words for e in one.examples], [e.signals for e in one.examples], both)) for one in contracts]


def train_choice(contracts: Sequence[tuple[Examples, Heard]]) -> Trees | None:
    """The trees; None where there is nothing to learn from. Deterministic for the same contracts in the same order."""
    asked = [(contract, heard) for contract, heard in contracts if heard.asked]
    if not asked:
        return None
    labels = [contract.examples[number].labels for contract, heard in asked for number in heard.asked]
    wanted = np.array([[bool(one), *(label in one for label in CHOSEN[1:])] for one in labels])
    return train_trees(np.vstack([standing(one.proposals, heard) for one, heard in asked]), wanted, CHOSEN)


def held_out_milestones(
    contracts: Sequence[tuple[Labelled, Examples]],
    group_of: Mapping[str, object],
    rules: RuleSet,
    conditions: Conditions,
) -> list[Judged]:
    """The milestones of annotated contracts, judged, each group's chosen by what was learned from the others.

    The voices know none of these contracts, whatever group; the terms that stand for milestones, and the steps of
    confidence, are as installed.
    """
    heard = hear_all(examples for _, examples in contracts)
    judged: dict[str, Judged] = {}
    for group in dict.fromkeys(group_of[one.gold.file] for one, _ in contracts):
        trees = train_choice([pair for pair in heard if group_of[pair[0].file] != group])
        for one, _ in contracts:
            if group_of[one.gold.file] == group:
                judged[one.gold.file] = _judge(one, trees, rules, conditions)
    return [judged[one.gold.file] for one, _ in contracts]


def _judge(contract: Labelled, trees: Trees | None, rules: RuleSet, conditions: Conditions) -> Judged:
    document = contract.document
    amending = read_amendment(document, found := extract_terms(document, rules).terms, rules)
    terms = with_own_date(found, amending)
    milestones = extract_milestones(document, terms, rules, trees)
    resolved = resolve_contract(terms, milestones, conditions.calendar, conditions.conventions)
    outcome = Outcome(
        file=contract.gold.file, sha256="0" * 64, status=Status.OK, terms=resolved[0], milestones=resolved[1]
    )
    return judge_contract(replace(contract.gold, terms={}), document_object(outcome))


def annotated(contracts: Iterable[Labelled], rules: RuleSet) -> list[tuple[Labelled, Examples]]:
    """Those contracts whose milestones are annotated, with their examples."""
    return [
        (one, examples_of(one.gold.file, one.document.source, _labels(one), rules))
        for one in contracts
        if one.gold.milestones is not None
    ]


def _labels(contract: Labelled) -> list[Label]:
    return list(quoted_labels(list(contract.gold.milestones or ()), contract.document.source))
