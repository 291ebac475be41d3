"""The words that open a timing, read backwards from a length or a date: "within", "at least", "on or before"."""

import re
from functools import cache
from typing import Final, NamedTuple

from extractors.grammar.patterns import spaced

_MINIMUM = (
    r"at least|not less than|no less than|not fewer than|no fewer than|(?:a )?minimum of|no sooner than"
    r"|not sooner than|not earlier than|no earlier than|more than|not prior to|(?:a )?minimum"
)


_MAXIMUM = (
    r"within|no later than|not later than|not more than|no more than|at most|up to|inside(?: of)?|not exceeding"
    r"|not to exceed|no longer than|not longer than|less than|(?:a )?maximum of|later than|on or before"
    r"|by no later than"
)


_OPENING = (
    r"for|upon|on|with|by giving|by providing|giving|by|during|until|in|after|over|throughout|net|through|from"
    r"|lasting|of|be|is|has|have"
    r"|between|continue|continuing|last|run|extend|extended|exceed"
)


_FILLER = (
    r"(?:an?|the|its|such|said|any|each|initial|additional|further|minimum|maximum|total|continuous|primary|base"
    r"|renewal|successive|subsequent"
    r"|first|full|original|fixed|limited|trial|next|last|previous|period|term|terms|duration|time|of|approximately"
    r"|about|only|least|another"
    r"|consecutive|is|prior|equal|to|immediately|following|notice|written|grace|cure|preceding|longer|earlier"
    r"|evaluation)"
)


@cache
def _cue() -> re.Pattern[str]:
    return spaced(
        rf"(?<![\w-])(?:(?P<opening>{_OPENING}) )?(?:(?P<bound>{_MINIMUM}|{_MAXIMUM})[\s-]+)?(?P<filler>"
        rf"(?:{_FILLER} )*)\(?$",
        re.IGNORECASE,
    )


@cache
def _minimum() -> re.Pattern[str]:
    return spaced(_MINIMUM, re.IGNORECASE)


class Cue(NamedTuple):
    """The words that open a timing: where they begin, the one that says how, and what it makes of the length.

    ``span``: a stretch of time ("for a period of"); ``notice``: the length is that of a notice.
    """

    start: int
    word: str
    minimum: bool
    maximum: bool
    span: bool
    notice: bool = False


@cache
def _notice_of() -> re.Pattern[str]:
    return spaced(r"\bnotice (?:in writing )?(?:period )?(?:of|is|shall be)?\s*$", re.IGNORECASE)


_DEADLINES_OF_NOTICE: Final = frozenset(
    {"after", "upon", "for", "within", "no later than", "not later than", "by no later than", "inside of"}
)
"""Between a notice and a length they say when the notice is given, and not how long before something."""


def read_cue(text: str, start: int) -> Cue:
    """The words that open a timing whose length begins at ``start``, and whether it is the length of a notice."""
    cue = _opening_of(text, start)
    before = text[max(0, cue.start - 28) : cue.start]
    if cue.word not in _DEADLINES_OF_NOTICE and "notice" in before.lower():
        return cue._replace(notice=_notice_of().search(before) is not None)
    return cue


def _opening_of(text: str, start: int) -> Cue:
    low = max(0, start - 90)
    match = _cue().search(text[low:start])
    if match is None:
        return Cue(start, "", minimum=False, maximum=False, span=False)
    opening, bound = match["opening"], match["bound"]
    filler = match["filler"].lower()
    if bound:
        word = " ".join(bound.lower().split())
        minimum = _minimum().fullmatch(bound) is not None
        at = low + (match.start("opening") if opening else match.start("bound"))
        return Cue(at, word, minimum, not minimum, span=_spans(filler) or (opening or "").lower() == "for")
    if opening:
        word = " ".join(opening.lower().split())
        at = low + match.start("opening")
        span = word in ("for", "during", "throughout", "lasting", "over", "continue", "continuing") or _spans(filler)
        if word in ("of", "be", "is", "has", "have", "last", "run", "extend", "extended", "exceed") and not span:
            return Cue(start, "", minimum=False, maximum=False, span=False)
        return Cue(at, word, minimum=False, maximum=word in ("in", "by"), span=span)
    return Cue(start, "", minimum=False, maximum=False, span=_spans(filler))


def _spans(filler: str) -> bool:
    return re.search(r"\b(?:period|term|duration)\b", filler) is not None


@cache
def _date_cue() -> re.Pattern[str]:
    return spaced(
        r"(?<![\w-])(?P<cue>on or (?:before|about|after|prior to)|(?:by )?(?:no|not) later than|(?:no|not) "
        r"(?:earlier|sooner) than|prior to|before"
        r"|until|till|through(?:out)?|by|effective(?: (?:as of|on|from))?|as (?:of|from)|from(?: and after)?"
        r"|(?:commenc|beginn|start)ing(?: (?:on|as of|with|from))?|(?:commence|begin|start)s? (?:on|as of)|after"
        r"|following"
        r"|ending(?: on)?|ends? on|(?:expir(?:es?|ing)|terminat(?:es?|ing))(?: on)?|due(?: (?:on|by))?|dated"
        r"(?: as of)?|since|on|at|to|and|in|around|for) "
        r"(?P<edge>(?:the )?(?:end|close|beginning|start|month|first day|last day) of )?(?:"
        r"(?:and )?including )?(?:midnight (?:on |of )?)?(?:the |this |that )?$",
        re.IGNORECASE,
    )


DEADLINES: Final = frozenset(
    ["by", "on or before", "on or prior to", "no later than", "not later than", "by no later than", "by not later than",
     "before", "prior to", "until", "till", "through", "due by"]
)  # fmt: skip
"""Cues that make a date the last day for something."""


class DateCue(NamedTuple):
    """The words that open a date: where they begin, the cue, and an edge of the month ("the end of")."""

    start: int
    word: str = ""
    edge: str = ""


def read_date_cue(text: str, start: int) -> DateCue:
    """The words before a date or a day of each month that begins at ``start``."""
    low = max(0, start - 60)
    match = _date_cue().search(text[low:start])
    word = " ".join(match["cue"].lower().split()) if match else ""
    if match is None or word in ("and", "in", "for"):
        return DateCue(start, "", (match["edge"] or "") if match else "")
    return DateCue(low + match.start(), word, match["edge"] or "")
