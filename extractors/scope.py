"""Scope cues: words near a match that silence or qualify it ("in no event", "if", "shall mean").

The cues are data (``rules/scope.yaml``), each with the side it stands on, how far it reaches, and what stops it.
"""

import re
from collections.abc import Sequence

from rules.schema import Cue, CueSide, Vocabulary, expand


class Scope:
    """The compiled cues of one rule set."""

    def __init__(self, cues: Sequence[Cue], vocabulary: Vocabulary, slots: dict[str, str]) -> None:
        self._cues: dict[str, list[tuple[Cue, re.Pattern[str], re.Pattern[str] | None]]] = {}
        for cue in cues:
            pattern = re.compile(expand(cue.pattern, vocabulary, slots))
            stop = re.compile(expand(cue.stop, vocabulary, slots)) if cue.stop else None
            self._cues.setdefault(cue.name, []).append((cue, pattern, stop))

    def holds(self, name: str, text: str, passage: tuple[int, int], match: tuple[int, int]) -> bool:
        """Whether the cue ``name`` governs ``text[match]`` within ``text[passage]``."""
        return any(_governs(cue, pattern, stop, text, passage, match) for cue, pattern, stop in self._cues[name])


def _governs(
    cue: Cue,
    pattern: re.Pattern[str],
    stop: re.Pattern[str] | None,
    text: str,
    passage: tuple[int, int],
    match: tuple[int, int],
) -> bool:
    if cue.side is CueSide.BEFORE:
        low, high = max(passage[0], match[0] - cue.reach), match[0]
        between = [(found.end(), high) for found in pattern.finditer(text, low, high)]
    elif cue.side is CueSide.AFTER:
        low, high = match[1], min(passage[1], match[1] + cue.reach)
        between = [(low, found.start()) for found in pattern.finditer(text, low, high)]
    else:
        low, high = match if cue.side is CueSide.INSIDE else passage
        return pattern.search(text, low, high) is not None
    return any(stop is None or not stop.search(text, start, end) for start, end in between)
