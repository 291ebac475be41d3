"""Events that something is due upon, where the grammar of timings read none: "due upon Software Acceptance"."""

import re
from typing import NamedTuple

from extractors.engine import Document
from extractors.milestones.proposals import Proposal
from models.period import Direction

_CUES = {"upon": Direction.AFTER, "prior to": Direction.BEFORE, "before": Direction.BEFORE}
_EVENT = re.compile(r"\s+(?P<words>[^,.;:()\n]{4,120})")
_NOUN = re.compile(
    r"\b(?:\w{2,}(?:tion|sion|ment|ance|ence|ery|ing)|receipt|approval|launch|request|demand|arrival|renewal|release|sale)\b",
    re.IGNORECASE,
)
_CLAUSE = re.compile(
    r"\s+(?P<words>(?:[\w’'-]+\s+){1,6}?(?:(?:is|are|has|have|been)\s+(?:been\s+)?\w+(?:ed|en|d|t)\b))", re.IGNORECASE
)
"""An event told as a clause: "before the Products are shipped"."""
_AGAIN = re.compile(r"(?:any|each|every)\s+\w{3,}|(?:the|such|this|its)\s+\w{3,}\s+of\b", re.IGNORECASE)
_CUT = re.compile(
    r"\s+(?:which|that|who|where|when|and|or|shall|will|may|must|is|are|has|have|unless|if|in|on|at|with|pursuant|under"
    r"|by)\s.*",
    re.DOTALL,
)
_LONGEST = 8
"""Words of an event that people still read as a name."""


class DueUpon(NamedTuple):
    """An event in the contract's words, and on which side of it the duty lies."""

    words: str
    direction: Direction


def due_upon(document: Document, proposal: Proposal) -> DueUpon | None:
    """The event after the words of a proposal without timing, None where they name none."""
    cue = " ".join(document.text[proposal.span.start : proposal.span.end].lower().split())
    direction = _CUES.get(cue)
    match = _EVENT.match(document.text, proposal.span.end) if direction else None
    if match is None or direction is None or re.search(r"\bagreed\s+$", document.text[: proposal.span.start][-12:]):
        return None
    words = " ".join(_CUT.sub("", match["words"]).split())
    named = re.sub(r"^(?:or upon |the |such |any |each |every |its |their |an? )+", "", words)
    short = " ".join(named.split()[:_LONGEST])
    if _NOUN.search(" ".join(named.split()[:5])) or (short and _AGAIN.match(words)):
        return DueUpon(short, direction)
    clause = _CLAUSE.match(document.text, proposal.span.end)
    if clause is None:
        return None
    told = re.sub(r"^(?:the|such|any|its|an?) ", "", " ".join(clause["words"].split()))
    return DueUpon(told, direction)
