"""Runs rules over the passages of a document. Knows no kind of fact: all of that is in the rule files.

A document is prepared once (mentions found, text masked, passages cut), then any number of rule groups run over it.
A passage is looked at by a rule only if it holds one of the plain words of each of the rule's ``needs`` and the kinds
of values its pattern names; that is what keeps a hundred rules cheap.
"""

import re
from bisect import bisect_right
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from itertools import accumulate
from typing import NamedTuple

from pydantic import JsonValue

from extractors.grammar.mentions import DateOrder, Mention, find_mentions, infer_order
from extractors.masking import SLOTS, Masked, mask
from extractors.parts import split_parts
from extractors.passages import Passage, signed_at, split_passages
from extractors.scope import Scope
from models.candidate import Part
from models.part import DocumentPart
from models.source import SourceText, Span
from rules.schema import Rule, RuleSet, expand

_COMMON = 2
"""So few letters stand in nearly every passage: looking for them costs more than it spares."""


@dataclass(frozen=True)
class Document:
    """A document made ready for rules: masked text, mentions and passages, computed once."""

    source: SourceText
    masked: Masked
    passages: tuple[Passage, ...]
    order: DateOrder | None

    @property
    def text(self) -> str:
        """The document's text, as evidence quotes it."""
        return self.source.text

    @property
    def mentions(self) -> tuple[Mention, ...]:
        """Every value in the text, sorted."""
        return self.masked.mentions

    @cached_property
    def bounds(self) -> tuple[tuple[int, int], ...]:
        """The masked range of each passage."""
        position = self.masked.position
        return tuple((position(passage.start), position(passage.end)) for passage in self.passages)

    @cached_property
    def bodies(self) -> tuple[tuple[int, int], ...]:
        """The masked range of each passage without the heading that opens it."""
        position = self.masked.position
        return tuple(
            (position(passage.body), end) for passage, (_, end) in zip(self.passages, self.bounds, strict=True)
        )

    @cached_property
    def _passage_starts(self) -> tuple[int, ...]:
        return tuple(passage.start for passage in self.passages)

    def index_at(self, raw: int) -> int:
        """The index of the passage that holds, or last began before, a raw position."""
        return max(0, bisect_right(self._passage_starts, raw) - 1)

    @cached_property
    def _with(self) -> dict[str, int]:
        return {}

    @cached_property
    def found(self) -> "dict[Engine, list[Hit]]":
        """What each engine that ran over all of the document found: terms and milestones ask for the same groups."""
        return {}

    @cached_property
    def parts(self) -> tuple[DocumentPart, ...]:
        """The contract itself, and what follows its signatures in the same file."""
        return split_parts(self.text, signed_at(self.text))

    def part_at(self, raw: int) -> DocumentPart:
        """The part that holds a raw position."""
        return next((part for part in self.parts if raw < part.end), self.parts[-1])

    @cached_property
    def words(self) -> "dict[int, Words]":
        """The words of the passages that were read word by word: several readers ask for the same."""
        return {}

    def passages_with(self, literal: str) -> int:
        """The passages whose masked lower-case text has ``literal``, as a bit set (bit i = passage i).

        Of one or two letters it is not asked whether they are there: all passages are given.
        """
        found = self._with.get(literal)
        if found is None:
            found = self._with[literal] = self._look_for(literal)
        return found

    @cached_property
    def _words(self) -> "_Words":
        return _Words.of(self.masked.text[start:end] for start, end in self.bounds)

    def _look_for(self, literal: str) -> int:
        if len(literal) <= _COMMON and literal.isalpha():
            return (1 << len(self.bounds)) - 1
        if " " not in literal:
            return self._words.passages_with(literal)
        # The longest of its words stands in the fewest passages.
        return self._scan(literal, self.passages_with(max(literal.split(), key=len)))

    def _scan(self, literal: str, passages: int) -> int:
        """Those of ``passages`` that have ``literal`` within; white space at its ends may stand outside."""
        text, bounds = self.masked.text, self.bounds
        found = 0
        for index in bits(passages):
            start, end = bounds[index]
            if text.find(literal, start, end + 1) >= 0:
                found |= 1 << index
        return found


class Words(NamedTuple):
    """The words of a masked range, and where each begins and ends."""

    starts: list[int]
    ends: list[int]
    words: list[str]


def bits(numbers: int) -> Iterator[int]:
    """The numbers in a bit set, in order."""
    while numbers:
        lowest = numbers & -numbers
        numbers ^= lowest
        yield lowest.bit_length() - 1


@dataclass(frozen=True, slots=True)
class _Words:
    """The distinct words of a text, one behind the other, and the passages each stands in.

    A contract has six times fewer of them than words, so that a part of a word is looked for six times faster.
    """

    text: str
    starts: list[int]
    passages: list[int]

    @classmethod
    def of(cls, passages: Iterable[str]) -> "_Words":
        """The words of ``passages``; a word is what stands between white space."""
        standing: dict[str, int] = {}
        for index, passage in enumerate(passages):
            bit = 1 << index
            for word in set(passage.split()):
                standing[word] = standing.get(word, 0) | bit
        starts = [0, *accumulate(len(word) + 1 for word in standing)]
        return cls(" ".join(standing), starts, list(standing.values()))

    def passages_with(self, part: str) -> int:
        """The passages with a word that has ``part`` in it."""
        text, starts = self.text, self.starts
        found, position = 0, text.find(part)
        while position >= 0:
            following = bisect_right(starts, position)
            found |= self.passages[following - 1]
            position = text.find(part, starts[following])
        return found


def prepare(source: SourceText, order: DateOrder | None = None) -> Document:
    """Finds the mentions, masks the text and cuts the passages. ``order`` is inferred from the dates if not given."""
    order = order or infer_order(source.text)
    mentions = find_mentions(source.text, order)
    return Document(source, mask(source.text, mentions), tuple(split_passages(source)), order)


@dataclass(frozen=True, slots=True)
class Slot:
    """What one named group of a match captured: its place, its words, and the value if it is one."""

    span: Span
    text: str
    mention: Mention | None


@dataclass(frozen=True, slots=True)
class Hit:
    """One match of one rule."""

    rule: Rule
    span: Span
    passage: int
    slots: Mapping[str, Slot]
    flags: tuple[str, ...]
    """Scope cues that govern the match, and the flags of its values (``redacted``, ``word_figure_conflict``, ...)."""

    def value(self) -> dict[str, object] | None:
        """The rule's meaning with the values filled in; None if one of them is not known (a redaction, a blank)."""
        filled = _fill(self.rule.value, self.slots)
        return filled if isinstance(filled, dict) else None

    def why(self, text: str) -> Part:
        """The tree of parts that explains the match. ``text`` is the document's."""
        parts = [
            Part(f"{name}:{slot.mention.kind}" if slot.mention else name, slot.span, slot.text)
            for name, slot in self.slots.items()
        ]
        return Part(self.rule.name, self.span, text[self.span.start : self.span.end], tuple(sorted(parts, key=_place)))


def _place(part: Part) -> Span:
    return part.span


class _Missing:
    """Marks a template value that has nothing to stand for it."""


_ABSENT, _UNKNOWN = _Missing(), _Missing()


def _fill(template: JsonValue, slots: Mapping[str, Slot]) -> object:
    if isinstance(template, str) and template.startswith("$"):
        name, optional = template[1:].rstrip("?"), template.endswith("?")
        words = name.endswith(".text")
        slot = slots.get(name.removesuffix(".text"))
        if slot is None:
            return _ABSENT if optional else _UNKNOWN
        if words or slot.mention is None:
            return slot.text
        return _UNKNOWN if slot.mention.value is None else slot.mention.value
    if isinstance(template, dict):
        filled = {key: _fill(value, slots) for key, value in template.items()}
        if any(value is _UNKNOWN for value in filled.values()):
            return _UNKNOWN
        return {key: value for key, value in filled.items() if value is not _ABSENT}
    if isinstance(template, list):
        items = [_fill(value, slots) for value in template]
        return _UNKNOWN if any(item is _UNKNOWN for item in items) else [item for item in items if item is not _ABSENT]
    return template


def _literal(word: str) -> str:
    """A plain word of ``needs`` as it stands in masked text; ``{period}`` is the character of that kind."""
    return SLOTS[word[1:-1]] if word.startswith("{") else word


@dataclass(slots=True)
class _Compiled:
    rule: Rule
    source: str
    pattern: re.Pattern[str] | None
    heading: re.Pattern[str] | None
    glance: re.Pattern[str] | None
    needs: tuple[tuple[str, ...], ...]
    where: frozenset[str]


class Engine:
    """The rules of one group, ready to run. Patterns are compiled when a document first needs them."""

    def __init__(self, rules: RuleSet, group: str | Sequence[Rule]) -> None:
        chosen = rules.group(group) if isinstance(group, str) else group
        self._scope = Scope(rules.cues, rules.vocabulary, SLOTS)
        self._rules = [self._prepare(rule, rules) for rule in chosen]

    @staticmethod
    def _prepare(rule: Rule, rules: RuleSet) -> _Compiled:
        source = expand(rule.pattern, rules.vocabulary, SLOTS)
        heading = re.compile(expand(rule.heading, rules.vocabulary, SLOTS), re.IGNORECASE) if rule.heading else None
        glance = re.compile(expand(rule.glance, rules.vocabulary, SLOTS)) if rule.glance else None
        needs = tuple(tuple(_literal(word) for word in group) for group in rule.needs)
        return _Compiled(rule, source, None, heading, glance, needs, frozenset(rule.where))

    def run(self, document: Document, targets: frozenset[str] | None = None) -> list[Hit]:
        """All matches in ``document``, by rule and place; only of rules for ``targets`` when given."""
        if targets is None and self in document.found:
            return document.found[self]
        everywhere = (1 << len(document.passages)) - 1
        hits: list[Hit] = []
        for compiled in self._rules:
            if targets is not None and compiled.rule.target not in targets:
                continue
            candidates = everywhere
            for group in compiled.needs:
                some = 0
                for word in group:
                    some |= document.passages_with(word)
                candidates &= some
                if not candidates:
                    break
            if candidates:
                hits += self._matches(compiled, document, candidates)
        if targets is None:
            document.found[self] = hits
        return hits

    def _matches(self, compiled: _Compiled, document: Document, candidates: int) -> Iterator[Hit]:
        rule = compiled.rule
        pattern = compiled.pattern
        if pattern is None:
            pattern = compiled.pattern = re.compile(compiled.source)
        text = document.masked.cased if rule.case else document.masked.text
        for index in bits(candidates):
            passage = document.passages[index]
            if compiled.where and not compiled.where & passage.tags:
                continue
            if compiled.heading and not compiled.heading.search(passage.heading):
                continue
            bounds = document.bounds[index]
            if compiled.glance and not compiled.glance.search(text, *bounds):
                continue
            for match in pattern.finditer(text, *bounds):
                if match.end() > match.start():
                    hit = self._hit(rule, match, index, document)
                    if hit:
                        yield hit

    def _hit(self, rule: Rule, match: re.Match[str], index: int, document: Document) -> Hit | None:
        masked, whole = document.masked, match.span()
        lower, bounds = masked.text, document.bodies[index]
        if any(self._scope.holds(name, lower, bounds, whole) for name in rule.veto):
            return None
        flags = [name for name in rule.flag if self._scope.holds(name, lower, bounds, whole)]
        slots: dict[str, Slot] = {}
        for name in match.re.groupindex:
            start, end = match.span(name)
            if start < 0 or start == end:
                continue
            mention = masked.mention_at(start) if end == start + 1 else None
            span = masked.span(start, end)
            slots[name] = Slot(span, masked.raw[span.start : span.end], mention)
            if mention:
                flags += [flag for flag in mention.flags if flag not in flags]
        return Hit(rule, masked.span(*whole), index, slots, tuple(flags))


@lru_cache(maxsize=16)
def engine_for(rules: RuleSet, group: str) -> Engine:
    """The engine of one group of ``rules``, made once for each rule set and process."""
    return Engine(rules, group)
