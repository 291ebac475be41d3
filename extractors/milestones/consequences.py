"""What the contract says happens where a milestone is missed: late fees, renewal, damages, rights that lapse."""

from collections.abc import Mapping
from functools import cached_property
from typing import Any, NamedTuple

from extractors.engine import Document
from models.contract import MilestoneKind
from rules.schema import RuleSet

AUTO_RENEWAL = "auto_renewal"
_NEAR = 3
"""Passages of the same section around a clause that are looked at."""


class _Cue(NamedTuple):
    """A consequence: the kinds of milestone it concerns, how far it reaches, and the passages that speak of it."""

    name: str
    kinds: frozenset[str]
    reach: str
    passages: int


class Consequences:
    """The consequences that a document names, found once."""

    def __init__(self, document: Document, rules: RuleSet) -> None:
        self._document = document
        data: Any = rules.data.get("consequences") or {}
        self._data: Mapping[str, Any] = data

    @cached_property
    def _cues(self) -> tuple[_Cue, ...]:
        cues = []
        for name, cue in self._data.items():
            passages = 0
            for word in cue["words"]:
                passages |= self._document.passages_with(word)
            if passages:
                cues.append(_Cue(name, frozenset(cue["kinds"]), cue["reach"], passages))
        return tuple(cues)

    def of(self, kind: MilestoneKind, start: int) -> tuple[str, ...]:
        """What missing a milestone of ``kind`` whose clause starts at ``start`` leads to, by name."""
        index = self._document.index_at(start)
        return tuple(cue.name for cue in self._cues if kind in cue.kinds and self._reaches(cue, index))

    def _reaches(self, cue: _Cue, index: int) -> bool:
        if cue.reach == "contract" or cue.passages >> index & 1:
            return True
        if cue.reach != "section":
            return False
        passages = self._document.passages
        own = passages[index]
        near = range(max(0, index - _NEAR), min(len(passages), index + _NEAR + 1))
        return any(
            cue.passages >> at & 1 and (passages[at].section, passages[at].heading) == (own.section, own.heading)
            for at in near
        )
