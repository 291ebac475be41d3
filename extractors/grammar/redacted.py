"""Offsets whose length was taken out of the copy, unit and all: "within [***] of receipt of the invoice".

The direction and what it counts from are still said, and worth telling; the length is never made up. Redactions with a
unit ("[***] days") are lengths like any other, and read with them.
"""

import re
from collections.abc import Iterator
from functools import cache
from typing import Final

from extractors.grammar.anchoring import read_anchor
from extractors.grammar.context import Context
from extractors.grammar.cues import Cue, read_cue
from extractors.grammar.patterns import spaced
from extractors.grammar.timed import Timing
from models.dateexpr import Incomplete
from models.period import Direction

_OMITTED = r"[\[<(]\s?(?:[*●•.…\s]{1,40}|[Rr]edacted[^\]>)\n]{0,80}|[Oo]mitted)\s?[\]>)]|\*{2,20}"


@cache
def _redacted() -> re.Pattern[str]:
    return spaced(
        rf"(?:{_OMITTED})(?:\s?\((?:[^()\n]{{0,60}})\))*,? "
        r"(?:(?:immediately|directly) )?(?:(?P<after>after|following|from|subsequent to)|(?P<of>of)"
        r"|(?P<before>prior to|before|preceding|in advance of))\b"
        rf"|(?:{_OMITTED}) (?P<later>thereafter)\b|(?:{_OMITTED})(?=\s?(?:[.,;:)]|[a-z])|$)"
    )


_LAST_DAYS: Final = frozenset({"within", "no later than", "not later than", "by no later than", "inside of"})

_GIVEN = re.compile(r"\b(?:has|have|lasting?)\s+$")
"""Before a length that somebody has for something."""


_SIGN = re.compile(r"[\[<(*]")


def _omissions(text: str) -> Iterator[re.Match[str]]:
    """What was taken out, looked for only where one of the signs for it stands."""
    pattern, reached = _redacted(), 0
    for sign in _SIGN.finditer(text):
        match = pattern.match(text, sign.start()) if sign.start() >= reached else None
        if match is not None:
            reached = match.end()
            yield match


def find_redacted(ctx: Context) -> Iterator[Timing]:
    """Timings of which only the direction and the anchor are left."""
    text = ctx.text
    for match in _omissions(text):
        cue = read_cue(text, match.start())
        if not (match["of"] or match["after"] or match["before"]):
            if match["later"] or cue.word in _LAST_DAYS:
                yield _open(text, match, cue)
            continue
        if match["of"] and cue.word not in _LAST_DAYS:
            continue  # "[***] of the Products" is no time
        direction = Direction.BEFORE if match["before"] else Direction.AFTER
        if not (cue.word or match["before"] or _GIVEN.search(text, max(0, match.start() - 12), match.start())):
            continue  # "[***] from the Territory"
        anchor = read_anchor(ctx, match.end(), direction)
        if anchor is None:
            continue
        yield Timing(
            cue.start,
            anchor.end,
            Incomplete(text=" ".join(text[cue.start : anchor.end].split())),
            None,
            direction,
            anchor.words or None,
            anchor.recurrence,
            anchor.rrule,
            tuple(dict.fromkeys([*_flags(cue), *anchor.flags])),
            cue.word,
            "offset.redacted",
        )


def _open(text: str, match: re.Match[str], cue: Cue) -> Timing:
    """A time that says no more than that it was taken out: "within [***]", "for [***] thereafter"."""
    words = " ".join(text[cue.start : match.end()].split())
    flags = (*_flags(cue), "open_anchor")
    end = match.end()
    return Timing(
        cue.start,
        end,
        Incomplete(text=words),
        None,
        Direction.AFTER,
        None,
        None,
        None,
        flags,
        cue.word,
        "offset.redacted",
    )


def _flags(cue: Cue) -> tuple[str, ...]:
    bound = ("minimum",) if cue.minimum else ("maximum",) if cue.maximum else ()
    return ("redacted", *bound)
