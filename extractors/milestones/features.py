"""What the classifier sees of a proposal: its own words, its neighbourhood, its passage and its heading.

Values are masked by kind and unit, so that weights hold words of contract language and nothing of a contract.
"""

import re
from bisect import bisect_left
from collections.abc import Iterator, Sequence

from extractors.engine import Document, Hit, Words
from extractors.grammar.mentions import Mention, MentionKind
from extractors.masking import MASK, mentions_between
from extractors.milestones.proposals import Proposal
from models.contract import MilestoneKind
from models.dateexpr import Anchor, Shift, Window, Within

_WORD = re.compile(rf"[{''.join(MASK.values())}]|[a-z][a-z'-]*|[$%;:()\"]")
_NEAR = 12
_FAR = 120
_KIND = {character: kind for kind, character in MASK.items()}


def features(document: Document, proposal: Proposal, hits: Sequence[Hit]) -> list[str]:
    """The words that stand for ``proposal``; prefixes say where a word was seen. ``hits`` are those of its passage."""
    return list(_features(document, proposal, hits))


def _features(document: Document, proposal: Proposal, hits: Sequence[Hit]) -> Iterator[str]:
    passage = document.passages[proposal.passage]
    masked = document.masked
    start, end = document.bounds[proposal.passage]
    here, after = masked.position(proposal.span.start), masked.position(proposal.span.end)
    before_words = words_between(document, proposal.passage, start, here)
    inside = words_between(document, proposal.passage, here, after)
    after_words = words_between(document, proposal.passage, after, end)
    yield from _timing(proposal)
    yield from sorted({_rule(hit, proposal) for hit in hits})
    # A linear model cannot learn that "upon" matters beside money and not elsewhere: say the pair as one word.
    stated = proposal.timing.rule if proposal.timing else ("bare" if proposal.mention else "untimed")
    cue = proposal.timing.cue if proposal.timing else ""
    about = {hit.rule.target for hit in hits} | {
        str(mention.kind)
        for mention in mentions_between(document.mentions, passage.start, passage.end)
        if mention.kind in (MentionKind.MONEY, MentionKind.RATE)
    }
    for topic in sorted(about):
        yield f"{stated}+{topic}"
        yield f"{stated}/{cue}+{topic}"
    for tag in sorted(passage.tags):
        yield f"tag={tag}"
    for word in _WORD.findall(passage.heading.lower())[:8]:
        yield f"head={word}"
    yield "|"
    for word in before_words[-_NEAR:]:
        yield f"<{word}"
    yield "|"
    for word in inside[:_NEAR]:
        yield f"={word}"
    yield "|"
    for word in after_words[:_NEAR]:
        yield f">{word}"
    yield "|"
    yield from before_words[-_FAR:]
    yield "@"
    yield from after_words[:_FAR]


def _rule(hit: Hit, proposal: Proposal) -> str:
    """A rule that fired in the passage: on the proposal's own value, on another one, or on words alone."""
    values = [slot.span.start for slot in hit.slots.values() if slot.mention is not None]
    if any(proposal.span.start <= start < proposal.span.end for start in values):
        return f"own={hit.rule.id}"
    return f"near={hit.rule.id}" if not values else f"other={hit.rule.id}"


def words_between(document: Document, passage: int, start: int, end: int) -> list[str]:
    """The words of a masked range, values by kind and unit. ``passage`` is the one that is expected to hold it."""
    known = document.words.get(passage)
    if known is None:
        known = document.words[passage] = _read_words(document, *document.bounds[passage])
    low, high = document.bounds[passage]
    if low <= start <= end <= high:
        first, behind = bisect_left(known.starts, start), bisect_left(known.starts, end)
        if (first == 0 or known.ends[first - 1] <= start) and (behind == 0 or known.ends[behind - 1] <= end):
            return known.words[first:behind]
    # The range begins or ends within a word, or lies in several passages.
    return _read_words(document, start, max(start, end)).words


def _read_words(document: Document, start: int, end: int) -> Words:
    found = Words([], [], [])
    for match in _WORD.finditer(document.masked.text, start, end):
        word = match[0]
        first, behind = match.span()
        kind = _KIND.get(word)
        found.starts.append(first)
        found.ends.append(behind)
        found.words.append(_value(kind, document.masked.mention_at(first)) if kind else word)
    return found


def _value(kind: MentionKind, mention: Mention | None) -> str:
    if mention is not None and mention.period is not None:
        return f"#{'business_' if mention.period.business else ''}{mention.period.unit}"
    if mention is not None and mention.recurrence is not None and mention.recurrence.recurrence:
        return f"#{mention.recurrence.recurrence}"
    return f"#{kind}"


def _timing(proposal: Proposal) -> Iterator[str]:
    timing = proposal.timing
    if timing is None:
        yield "bare" if proposal.mention else "untimed"
        if proposal.mention and proposal.mention.period:
            yield f"unit={proposal.mention.period.unit}"
        return
    yield f"rule={timing.rule}"
    yield f"cue={timing.cue}"
    yield f"dir={timing.direction}"
    yield f"expr={timing.expr.op}"
    if timing.offset:
        yield f"unit={timing.offset.unit}"
        yield f"long={timing.offset.count > 12 or timing.offset.unit == 'year'}"
    if timing.recurrence:
        yield f"rec={timing.recurrence}"
    for flag in timing.flags:
        yield f"flag={flag}"
    base = timing.expr
    while isinstance(base, Shift | Within):
        base = base.base
    if isinstance(base, Window):
        yield "window"
    if isinstance(base, Anchor):
        yield f"anchor={base.name}"
    for word in _WORD.findall((timing.anchor or "").lower())[:8]:
        yield f"a={word}"


LABELS: tuple[str, ...] = tuple(str(kind) for kind in MilestoneKind)
"""What the classifier knows, in the order of its outputs."""
