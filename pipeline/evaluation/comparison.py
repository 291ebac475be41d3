"""Gains and losses between two evaluations, contract by contract: what a change of a rule really did."""

from collections import Counter
from collections.abc import Sequence
from typing import Any

from pipeline.evaluation.report import Judged
from pipeline.evaluation.scoring import Verdict

GOOD = (Verdict.RIGHT, Verdict.RIGHTLY_ABSENT)


def to_json(judged: Sequence[Judged]) -> dict[str, Any]:
    """What ``compare`` needs of an evaluation: each verdict, contract by contract. It holds no contract text."""
    return {
        contract.file: {
            "terms": {answer.field: [str(answer.verdict), answer.value] for answer in contract.terms},
            "milestones": {
                "found": sum(answer.found for answer in contract.milestones),
                "timed": sum(answer.timed for answer in contract.milestones),
                "extra": sum(not answer.found for answer in contract.milestones),
                "missed": len(contract.missed),
            },
        }
        for contract in judged
    }


def from_json(given: Any) -> dict[str, Any]:
    """An evaluation that was saved. Raises ValueError where it is something else."""
    if not isinstance(given, dict) or not all(_is_contract(contract) for contract in given.values()):
        raise ValueError("no verdicts by contract")
    return given


def _is_contract(given: Any) -> bool:
    return (
        isinstance(given, dict)
        and isinstance(given.get("terms"), dict)
        and all(isinstance(pair, list) and len(pair) == 2 for pair in given["terms"].values())
        and isinstance(given.get("milestones"), dict)
    )


def compare(before: dict[str, Any], after: dict[str, Any]) -> list[str]:
    """Gains and losses, one line each: gains first, then losses, then changed milestones. Totals come first.

    Contracts that only one of the two holds are counted, not compared.
    """
    gains: list[str] = []
    losses: list[str] = []
    moved: list[str] = []
    totals: Counter[str] = Counter()
    for file in sorted(before.keys() & after.keys()):
        for name, (verdict, value) in after[file]["terms"].items():
            old_verdict, old_value = before[file]["terms"].get(name, (None, None))
            if old_verdict is None or (old_verdict in GOOD) == (verdict in GOOD):
                continue
            line = f"{file}  {name}: {old_value!r} -> {value!r}"
            (gains if verdict in GOOD else losses).append(line)
        old, new = before[file]["milestones"], after[file]["milestones"]
        changed = {key: (old.get(key, 0), new[key]) for key in new if old.get(key, 0) != new[key]}
        if changed:
            moved.append(f"{file}  milestones: " + ", ".join(f"{key} {a} -> {b}" for key, (a, b) in changed.items()))
            for key, (a, b) in changed.items():
                totals[key] += b - a
    summary = ", ".join(f"{key} {change:+d}" for key, change in totals.items() if change) or "none moved"
    only = len(before.keys() ^ after.keys())
    return [
        f"terms: gains {len(gains)}, losses {len(losses)}; milestones: {summary}",
        *([f"not compared: {only} contracts that only one of the two evaluations holds"] if only else []),
        *(f"+ {line}" for line in gains),
        *(f"- {line}" for line in losses),
        *(f"~ {line}" for line in moved),
    ]
