"""What the linear classifiers weigh of a proposal: words around it, what must be done, what else the passage states.

The words are those of ``extractors.milestones.features``; here they get a strength each, and company: pairs of
neighbours, the verbs that oblige or allow before and after the time, the clause between semicolons, and how the time
stands among the others of its passage.
"""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from itertools import pairwise

from extractors.engine import Document
from extractors.milestones.features import words_between
from extractors.milestones.linear import Signals
from extractors.milestones.proposals import Proposal

_FAR = 0.4
"""Strength of words that stand somewhere in the passage, beside those near the time."""
_PAIR = 0.7
_HALF = 0.5
_OFTEN = frozenset(
    [
        "the",
        "a",
        "an",
        "of",
        "to",
        "in",
        "and",
        "or",
        "any",
        "such",
        "this",
        "that",
        "be",
        "by",
        "for",
        "with",
        "on",
        "as",
        "its",
        "is",
        "at",
        "it",
        "from",
        "other",
        "all",
        "each",
        "which",
        "under",
        "not",
        "are",
    ]
)
_ADVERBS = r"(?: (?:also|then|promptly|immediately|first|each|only))*"
_DUTY = re.compile(
    r"\b(?P<modal>shall have (?:the|a|an) (?:\w+ )?(?:right|option)|(?:has|have) the (?:right|option)"
    r"|shall be (?:deemed|entitled)|is entitled|shall|will|must|may|agrees? to"
    r"|(?:is|are) (?:required|obligated|obliged|responsible)|undertakes? to|can|should|hereby)\b"
    rf"{_ADVERBS}(?P<not> not\b(?! (?:later|less|more)))?{_ADVERBS}(?: be)?{_ADVERBS}(?: (?P<verb>[a-z]+))?"
    r"(?P<object>(?: [a-z'-]+){0,4})"
)
_RIGHTS = ("shall have", "has the", "have the", "is entitled", "shall be ent")
_BREAK = re.compile(r"[;:]|,? provided(?:,? however,?)? that|\. ")
_MOST = 4
_LONGEST = 8


def signals(document: Document, proposals: Sequence[Proposal], words: Sequence[Sequence[str]]) -> list[Signals]:
    """The signals of each of the proposals of a document, with their strength. ``words`` are those of ``features``."""
    together: dict[int, list[Proposal]] = defaultdict(list)
    for proposal in proposals:
        together[proposal.passage].append(proposal)
    duties: dict[int, list[re.Match[str]]] = {}
    every: list[Signals] = []
    for proposal, seen in zip(proposals, words, strict=True):
        index = proposal.passage
        if index not in duties:
            duties[index] = list(_DUTY.finditer(document.masked.text, *document.bounds[index]))
        found = _words(seen)
        for name, strength in (
            *_duties(document, proposal, duties[index]),
            *_clause(document, proposal),
            *_place(document, proposal, together[index]),
        ):
            found.setdefault(name, strength)
        every.append(found)
    return every


def _words(words: Sequence[str]) -> dict[str, float]:
    """Words seen near the time at full strength, those of the rest of the passage at less; pairs of near ones."""
    bars = [index for index, word in enumerate(words) if word == "|"]
    near = words[: bars[-1]] if bars else words
    found = dict.fromkeys(near, 1.0)
    for word in words[len(near) :]:
        found.setdefault(word, _FAR)
    for pair in pairwise(near):
        found["_".join(pair)] = _PAIR
    return found


def _duties(document: Document, proposal: Proposal, duties: Sequence[re.Match[str]]) -> Iterator[tuple[str, float]]:
    """What must or may be done: the last duty before the time, and the first behind it."""
    here = document.masked.position(proposal.span.start)
    before = [match for match in duties if match.start() < here]
    after = [match for match in duties if match.start() >= here]
    for side, match in (("B", before[-1] if before else None), ("A", after[0] if after else None)):
        if match is None:
            yield f"{side}none", 1.0
        else:
            yield from _duty(side, match)
    yield f"duties={min(len(duties), _MOST)}", _HALF


def _duty(side: str, match: re.Match[str]) -> Iterator[tuple[str, float]]:
    modal, verb = match["modal"], match["verb"]
    modal = "right" if modal.startswith(_RIGHTS) else modal.split()[0]
    yield f"{side}modal={modal}", 1.0
    if match["not"]:
        yield f"{side}not", 1.0
    if not verb:
        return
    yield f"{side}verb={verb}", 1.0
    yield f"{side}does={modal} {verb}", _PAIR
    things = [word for word in re.findall(r"[a-z]+", match["object"]) if word not in _OFTEN]
    for thing in things[:2]:
        yield f"{side}object={thing}", _PAIR
    if things:
        yield f"{side}doing={verb} {things[0]}", _PAIR


def _clause(document: Document, proposal: Proposal) -> Iterator[tuple[str, float]]:
    """The words of the clause that holds the time."""
    text, position = document.masked.text, document.masked.position
    index = proposal.passage
    start, end = document.bounds[index]
    here, after = position(proposal.span.start), position(proposal.span.end)
    first = max((match.end() for match in _BREAK.finditer(text, start, max(start, here))), default=start)
    close = _BREAK.search(text, after, max(after, end))
    for word in words_between(document, index, first, close.start() if close else end):
        yield f"clause:{word}", _HALF


def _place(document: Document, proposal: Proposal, together: Sequence[Proposal]) -> Iterator[tuple[str, float]]:
    """Where the time stands: in the document, in its passage, and among the other times there."""
    passage = document.passages[proposal.passage]
    length = max(1, passage.end - passage.start)
    at = next(number for number, other in enumerate(together) if other is proposal)
    yield f"part={10 * passage.start // max(1, len(document.text))}", _HALF
    yield f"times={min(len(together), _MOST)}", _PAIR
    yield f"time={min(at, _MOST - 1)}", _HALF
    yield f"last={at == len(together) - 1}", _HALF
    yield f"length={min(_LONGEST, length.bit_length() - 1)}", _PAIR
    yield f"share={5 * (proposal.span.end - proposal.span.start) // length}", _PAIR
    for other in together:
        if other is not proposal:
            stated = other.timing
            form = f"{stated.rule}/{stated.cue}" if stated else "bare" if other.mention else "untimed"
            yield f"beside={form}", _FAR
