"""Stable keys of the milestones of a contract, each its own: what stores, outputs and dependencies name them by."""

import hashlib
from collections import Counter
from collections.abc import Sequence

from models.contract import Milestone


def keys_of(milestones: Sequence[Milestone], contract: str = "") -> list[str]:
    """The key of each milestone, in the order given.

    Where one passage gives several milestones of a kind, the second and later ones are numbered, by their timing, so
    that neither the order they come in nor what they resolve to matters. Without a contract they are the keys within
    it, which ``Milestone.depends_on`` names.
    """
    keys = [milestone.key(contract) for milestone in milestones]
    many = Counter(keys)
    if len(many) == len(keys):
        return keys
    met: Counter[str] = Counter()
    for index in sorted(range(len(keys)), key=lambda at: _place(milestones[at], alone=many[keys[at]] == 1)):
        key = keys[index]
        met[key] += 1
        if met[key] > 1:
            keys[index] = _numbered(key, met[key])
    return keys


def _place(milestone: Milestone, *, alone: bool) -> tuple[int, int, str, str, str]:
    first = milestone.evidence[0]
    if alone:
        return first.start, first.end, milestone.kind, "", ""
    expr = milestone.expr.model_dump_json() if milestone.expr else ""
    return first.start, first.end, milestone.kind, expr, f"{milestone.offset} {milestone.recurrence} {milestone.title}"


def contract_id(sha256: str) -> str:
    """Id of the contract that a document starts, which its milestones' keys are made with."""
    return _derived("contract", sha256)


def _numbered(key: str, number: int) -> str:
    return _derived("milestone", key, str(number))


def _derived(*parts: str) -> str:
    return hashlib.sha256("\x1f".join(parts).encode()).hexdigest()[:32]
