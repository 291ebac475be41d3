"""Which milestones wait for which: "30 days after acceptance of the Report" waits for the one that accepts the report.

An anchor names an event ("acceptance") and a thing ("the Report"); the milestone whose title does that to that thing
completes it. Nothing is linked on the event alone, and nothing waits for itself, not even in a circle.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import lru_cache
from typing import Any, NamedTuple

from models.contract import Milestone, MilestoneKind, Party
from models.dateexpr import Anchor, AnchorName, DateExpr
from models.milestone_keys import keys_of
from rules.schema import RuleSet

_WAITS = frozenset(
    {
        AnchorName.EVENT,
        AnchorName.DELIVERY,
        AnchorName.ACCEPTANCE,
        AnchorName.INVOICE_RECEIPT,
        AnchorName.INVOICE_DATE,
    }
)
_DOES = frozenset({MilestoneKind.PAYMENT, MilestoneKind.DELIVERY, MilestoneKind.REPORT, MilestoneKind.REVIEW})
_WORD = re.compile(r"[A-Za-z][\w’'-]*|\d+(?:\.\d+)?")
_OWNER = re.compile(r"[\w-]+(?:['’]s|s['’])")
_ORDINAL = re.compile(r"^(?:[a-z]{0,2}\d[\w.]*|second|third|fourth|fifth|sixth|last|initial)$")
_OF_INVOICE = re.compile(r"\s+(?:of\s+)?(?:(?!payment\b)[\w’'-]+\s+){0,4}?invoices?\b", re.IGNORECASE)
_ENDS_NOUN = re.compile(
    r"\W*$|\W|\s+(?:of|for|to|from|in|on|with|by|and|or|under|that|which|as|at|per|once|not|[a-z]\w*ed|[a-z]\w*ing|[a-z]\w*ly)\b"
)
_VERBS = re.compile(r"^\w+")
_PLACE = re.compile(
    r"\s+(?:by|to|from|in accordance|pursuant|under|described|referred|set|that|which|as)\b.*", re.DOTALL
)
_THAT_NOTICE = re.compile(
    r"\b(?:such|that|said|the\s+foregoing)\s+(?:[\w’'-]+\s+){0,3}?notices?\b|\bdate\s+of\s+the\s+notice\b",
    re.IGNORECASE,
)
_GIVES_NOTICE = re.compile(r"(?:Give|Provide|Deliver|Send|Serve)\b.*\bnotice\b|Notify\b", re.IGNORECASE)
_NOTICE_REACH = 1_500
"""Characters between a notice and what is due after it."""
_PAYMENTS = frozenset({"payment", "invoice"})
"""Events that a payment completes; an invoice's milestone may be taken for one."""


class _Thing(NamedTuple):
    """What an event happens to: its name, the words that narrow it, the numbers that single it out, and whose it is."""

    head: str
    words: frozenset[str]
    numbers: frozenset[str]
    owner: str | None = None


class _Wait(NamedTuple):
    """An event that a milestone waits for, and the things it happens to."""

    event: str
    things: tuple[_Thing, ...]


@dataclass(frozen=True)
class DependencyWords:
    """The words of ``rules/dependencies.yaml``."""

    verbs: Mapping[str, Sequence[frozenset[str]]]
    events: re.Pattern[str]
    event_of: Mapping[str, str]
    empty: frozenset[str]

    def words(self, text: str) -> list[str]:
        """The words of ``text`` that name something, in their simplest form; what something belongs to left out."""
        found = [_simple(match.group()) for match in _WORD.finditer(text) if not _OWNER.fullmatch(match.group())]
        return [word for word in found if word and word not in self.empty]


def linked(milestones: Sequence[Milestone], parties: Sequence[Party], rules: RuleSet) -> tuple[Milestone, ...]:
    """The milestones, each with the keys of those it waits for."""
    words = dependency_words(rules)
    names = {_simple(word) for party in parties for word in _WORD.findall(f"{party.defined_as or ''} {party.name}")}
    words = replace(words, empty=words.empty | names)
    doers = [index for index, milestone in enumerate(milestones) if milestone.kind in _DOES]
    profiles = {index: _Profile.of(milestones[index], words) for index in doers}
    waits = {index: list(_waits(milestone, words)) for index, milestone in enumerate(milestones)}
    edges: dict[int, tuple[int, ...]] = {}
    for index, events in waits.items():
        others = {at: profile for at, profile in profiles.items() if at != index}
        found = [at for wait in events for at in _completing(wait, index, milestones, others, words)]
        if not found and (notice := _notice_before(milestones, index)) is not None:
            found = [notice]
        kept = [at for at in dict.fromkeys(found) if not _reaches(edges, at, index)]
        if kept:
            edges[index] = tuple(kept)
    if not edges:
        return tuple(milestones)
    keys = keys_of(milestones)
    return tuple(
        milestone.model_copy(update={"depends_on": tuple(keys[at] for at in edges[index])})
        if index in edges
        else milestone
        for index, milestone in enumerate(milestones)
    )


def _notice_before(milestones: Sequence[Milestone], own: int) -> int | None:
    """The notice that "within ten days after such notice" runs from: the last one before it, from another."""
    waiting = milestones[own]
    counted = any(anchor.name is AnchorName.NOTICE for anchor in _all_anchors(waiting.expr))
    if waiting.kind not in (*_DOES, MilestoneKind.NOTICE) or not counted or not _THAT_NOTICE.search(waiting.quote):
        return None
    at = waiting.evidence[0].start
    for index in range(own - 1, -1, -1):
        other = milestones[index]
        if at - other.evidence[0].start > _NOTICE_REACH:
            return None
        gives = other.kind is MilestoneKind.NOTICE or (other.kind in _DOES and _GIVES_NOTICE.match(other.title))
        if gives and not (other.who and other.who == waiting.who) and other.evidence[0].start < at:
            return index
    return None


class _Profile(NamedTuple):
    """What a milestone does, to what: verbs, things and words of its title, the numbers that single it out, and who."""

    verbs: frozenset[str]
    heads: frozenset[str]
    words: frozenset[str]
    numbers: frozenset[str]
    who: str
    kind: MilestoneKind

    @classmethod
    def of(cls, milestone: Milestone, words: DependencyWords) -> "_Profile":
        """The profile of a milestone, by its title; a row of a table also by its first cells."""
        title = milestone.title
        # What a word only narrows ("Product packaging") is not what is done something to.
        heads = [match.group() for match in _WORD.finditer(title) if _ENDS_NOUN.match(title[match.end() :])]
        verbs = {_simple(word) for word in _VERBS.findall(title)[:1]}
        if match := re.match(r"\w+(?:,\s+\w+)*,?\s+(?:and|or)\s+(\w+)", title):
            verbs.add(_simple(match[1]))
        lead = milestone.quote[:40] if milestone.rule.startswith("milestone.row") else title
        numbers = {word for word in map(_simple, _WORD.findall(lead)) if _ORDINAL.match(word)}
        return cls(
            verbs=frozenset(verbs),
            heads=frozenset(words.words(" ".join(heads))),
            words=frozenset(words.words(title)),
            numbers=frozenset(numbers),
            who=(milestone.who or "").lower(),
            kind=milestone.kind,
        )


def _waits(milestone: Milestone, words: DependencyWords) -> Iterator[_Wait]:
    """The events that a milestone waits for."""
    for anchor in _anchors(milestone.expr):
        said = anchor.event or milestone.anchor or str(anchor.name).replace("_", " ")
        text = " ".join(said.split())
        match = words.events.search(text)
        if match is None:
            continue
        event = words.event_of[_plain(match.group())]
        before, after = text[: match.start()], text[match.end() :]
        if event == "delivery" and _OF_INVOICE.match(after):
            event, after = "invoice", ""
        if event == "invoice":
            yield _Wait(event, (_Thing("invoice", frozenset(), frozenset()),))
            continue
        things = tuple(_things(_PLACE.sub("", re.sub(r"^\s+of\b", "", after)), words)) or tuple(_things(before, words))
        if not things and anchor.name in (AnchorName.DELIVERY, AnchorName.ACCEPTANCE):
            things = tuple(_things(_PLACE.sub("", milestone.title.partition(" ")[2]), words))
        if things:
            yield _Wait(event, things)


def _things(text: str, words: DependencyWords) -> Iterator[_Thing]:
    """The things that words name: "Deliverables 1 and 2" are two."""
    noun = re.split(r"\s+(?:of|for|on|in|at|with)\s+", text.strip())[0] if text.strip() else ""
    owner = next((_simple(word) for word in _WORD.findall(noun) if _OWNER.fullmatch(word)), None)
    named = words.words(noun)
    numbers = [word for word in named if _ORDINAL.match(word)]
    plain = [word for word in named if word not in numbers]
    if not plain and not numbers:
        return
    head = plain[-1] if plain else numbers[0]
    narrowed = frozenset(words.words(text)) - {head, *numbers}
    singled = [frozenset({number}) for number in numbers] if len(numbers) > 1 else [frozenset(numbers)]
    for number in singled:
        yield _Thing(head, narrowed, number, owner)


def _completing(
    wait: _Wait, own: int, milestones: Sequence[Milestone], profiles: Mapping[int, _Profile], words: DependencyWords
) -> Iterator[int]:
    """The milestones that complete an event: for each thing the one that fits best, the nearest before it first."""
    at = milestones[own].evidence[0].start
    for thing in wait.things:
        best: tuple[tuple[int, int, int], int] | None = None
        for index, profile in profiles.items():
            fit = _fit(wait.event, thing, profile, words)
            if fit is None:
                continue
            apart = at - milestones[index].evidence[0].start
            score = (*fit, -apart if apart >= 0 else -2 * abs(apart) - 1)
            if best is None or score > best[0]:
                best = score, index
        if best is not None:
            yield best[1]


def _fit(event: str, thing: _Thing, profile: _Profile, words: DependencyWords) -> tuple[int, int] | None:
    """How well a milestone completes an event: by its verb and by the words that both share; None where it does not."""
    if profile.kind is MilestoneKind.PAYMENT and event not in _PAYMENTS:
        return None
    tier = next(
        (tier for tier, verbs in enumerate(words.verbs[event]) if verbs & profile.verbs),
        None,
    )
    if tier is None:
        return None
    if not thing.numbers <= profile.numbers or (not thing.numbers and thing.head not in profile.heads):
        return None
    shared = len(thing.words & profile.words)
    if thing.words and not thing.numbers and not shared:
        return None  # an audit report is not a service report
    if thing.owner and thing.owner not in profile.words and thing.owner not in profile.who.split():
        return None
    return -tier, shared


def _reaches(edges: Mapping[int, Sequence[int]], start: int, goal: int) -> bool:
    """Whether ``start`` waits for ``goal``, by whatever steps."""
    open_, seen = [start], set()
    while open_:
        index = open_.pop()
        if index == goal:
            return True
        if index not in seen:
            seen.add(index)
            open_ += edges.get(index, ())
    return False


def _anchors(expr: DateExpr | None) -> Iterator[Anchor]:
    """The facts that an expression waits for, in order."""
    return (anchor for anchor in _all_anchors(expr) if anchor.name in _WAITS)


def _all_anchors(expr: DateExpr | None) -> Iterator[Anchor]:
    if isinstance(expr, Anchor):
        yield expr
        return
    if expr is None:
        return
    for name in type(expr).model_fields:
        value = getattr(expr, name)
        for operand in value if isinstance(value, tuple) else (value,):
            if hasattr(operand, "op"):
                yield from _all_anchors(operand)


def _simple(word: str) -> str:
    low = word.lower().removesuffix("'s").removesuffix("’s")
    if len(low) > 3 and low.endswith("ies"):
        return f"{low[:-3]}y"
    return low[:-1] if len(low) > 3 and low.endswith("s") and not low.endswith("ss") else low


def _plain(words: str) -> str:
    return " ".join(words.lower().split())


@lru_cache(maxsize=4)
def dependency_words(rules: RuleSet) -> DependencyWords:
    """The words of a rule set, made once for each."""
    data: Any = rules.data.get("dependencies") or {}
    events: Mapping[str, Any] = data.get("events") or {}
    event_of = {word: name for name, event in events.items() for word in (*event["nouns"], *event["done"])}
    ordered = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in sorted(event_of, key=len, reverse=True))
    return DependencyWords(
        verbs={name: [frozenset(map(str, tier)) for tier in event["verbs"]] for name, event in events.items()},
        events=re.compile(rf"\b(?:{ordered or '(?!)'})\b", re.IGNORECASE),
        event_of=event_of,
        empty=frozenset(map(str, data.get("empty") or ())),
    )
