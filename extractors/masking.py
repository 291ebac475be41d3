"""Masked text: the document with every value replaced by one character of its kind.

"at least sixty (60) days prior to" becomes "at least ▪ prior to", where ▪ is the private-use character of periods.
Patterns over masked text are short, and cannot misread a number. Offsets lead back to the text.
"""

from bisect import bisect_left, bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field

from extractors.grammar.mentions import Mention, MentionKind
from models.source import Span

MASK = {kind: chr(0xE000 + index) for index, kind in enumerate(MentionKind)}
"""The character that stands for each kind of value."""

SLOTS = {kind.value: MASK[kind] for kind in MentionKind}

_PLAIN = {
    **dict.fromkeys("\n\r\t\f\v\u00a0\u2002\u2003\u2009", " "),
    **dict.fromkeys("“”„‟", '"'),
    **dict.fromkeys("‘’‚‛`´", "'"),
    **dict.fromkeys("–—‐‑‒―−", "-"),
    **dict.fromkeys(MASK.values(), " "),
}


@dataclass(frozen=True, slots=True)
class Masked:
    """``cased`` and its lower-case twin ``text``, of equal length; ``mentions`` of the raw text, sorted."""

    raw: str
    cased: str
    text: str
    mentions: tuple[Mention, ...]
    _starts: list[int] = field(repr=False)
    """Where each stretch of unbroken correspondence begins, in the masked text ..."""
    _raw: list[int] = field(repr=False)
    """... and in the raw text."""
    _mention_at: dict[int, Mention] = field(repr=False)
    """The mention that each mask character stands for, by its place."""

    def raw_start(self, position: int) -> int:
        """The raw position of the masked character at ``position``."""
        index = bisect_right(self._starts, position) - 1
        return self._raw[index] + position - self._starts[index]

    def raw_end(self, position: int) -> int:
        """The raw position behind the masked character before ``position``."""
        mention = self._mention_at.get(position - 1)
        return mention.end if mention else self.raw_start(position - 1) + 1

    def span(self, start: int, end: int) -> Span:
        """The raw span of a masked range that is not empty."""
        return Span(self.raw_start(start), self.raw_end(end))

    def position(self, raw: int) -> int:
        """The masked position of a raw one; inside a value or a run of white space, the next that exists."""
        index = bisect_right(self._raw, raw) - 1
        position = self._starts[index] + raw - self._raw[index]
        return min(position, self._starts[index + 1]) if index + 1 < len(self._starts) else position

    def mention_at(self, position: int) -> Mention | None:
        """The value that the masked character at ``position`` stands for, None if it is an ordinary one."""
        return self._mention_at.get(position)


def mask(text: str, mentions: Sequence[Mention]) -> Masked:
    """The masked form of ``text``, given its mentions (sorted, not overlapping)."""
    plain = text
    for sign, usual in _PLAIN.items():
        # Most texts have few of these signs, and looking for one is quicker than translating each character.
        if sign in plain:
            plain = plain.replace(sign, usual)
    pieces: list[str] = []
    starts, raws, at = [0], [0], {}
    length = position = 0

    def copy(upto: int) -> None:
        """Copies plain text, runs of spaces as one."""
        nonlocal length, position
        while position < upto:
            gap = plain.find("  ", position, upto)
            if gap < 0:
                pieces.append(plain[position:upto])
                length += upto - position
                position = upto
                return
            pieces.append(plain[position : gap + 1])
            length += gap + 1 - position
            position = gap + 1
            while position < upto and plain[position] == " ":
                position += 1
            starts.append(length)
            raws.append(position)

    for mention in mentions:
        copy(mention.start)
        at[length] = mention
        _mark(starts, raws, length, mention.start)
        pieces.append(MASK[mention.kind])
        length += 1
        position = mention.end
        _mark(starts, raws, length, position)
    copy(len(plain))
    cased = "".join(pieces)
    lower = cased.lower()
    if len(lower) != len(cased):
        lower = "".join(low if len(low := char.lower()) == 1 else char for char in cased)
    return Masked(text, cased, lower, tuple(mentions), starts, raws, at)


def _mark(starts: list[int], raws: list[int], start: int, raw: int) -> None:
    if starts[-1] == start:
        raws[-1] = raw
    else:
        starts.append(start)
        raws.append(raw)


def mentions_between(mentions: Sequence[Mention], start: int, end: int) -> Sequence[Mention]:
    """The mentions that lie wholly in a raw range."""
    first = bisect_left(mentions, start, key=lambda mention: mention.start)
    last = bisect_right(mentions, end, key=lambda mention: mention.end)
    return mentions[first:last]
