"""The shape of rule data. Everything in the rule files is checked against these types when it is loaded.

A rule is a short regular expression over *masked* text, in which every value (a period, a date, money, ...) is one
character, with a template that says what a match means, and with examples that prove it. See ``extractors.engine``
for how rules are run, and ``CONTRIBUTING.md`` for how to write one.
"""

import re
from dataclasses import dataclass, field
from enum import StrEnum
from functools import cached_property

from pydantic import Field, JsonValue, field_validator, model_validator

from models.base import Value

SLOT_KINDS = ("period", "date", "month_day", "money", "rate", "recurrence", "count")
"""Kinds of values that the grammar reads, as rules name them: ``{period}``, ``{date:start}``."""


class Example(Value):
    """A text the rule must read, once: ``reads`` gives each slot's value as people write it ("60 days", "2014-05-10").

    Slots that are not listed are not looked at; at least the match must be exactly one.
    """

    text: str
    reads: dict[str, str] = Field(default_factory=dict)


class Rule(Value):
    """One way a contract says one thing.

    ``target`` is what a match speaks of (a term or a milestone kind); the engine does not interpret it.
    ``pattern``: a regular expression over masked, lower-cased text in which all white space is one space, quotes are
    straight and dashes are hyphens. ``{period}`` matches a value and captures it under its kind, ``{period:notice}``
    under a name, ``{period:_}`` without a name; ``{then_current_term}`` is a fragment of the vocabulary;
    ``{then_current_term:words}`` captures it. With ``case`` the text keeps its capitals.
    ``needs``: groups of plain words; a passage is looked at only if it has one word of each group. Never changes the
    result, only the speed, so each passage with a match must contain them; ``{period}`` asks for a value of that kind.
    ``glance``: a short pattern that each passage with a match holds, looked for first where ``pattern`` itself takes
    long to find nothing. Never changes the result either.
    ``where``: tags of which the passage must have one (all passages when empty); ``heading``: a pattern that the
    heading above the passage must match.
    ``veto``: names of scope cues that silence the rule; ``flag``: names of cues that are passed on with the hit.
    ``value``: what it means, with ``$slot`` for values; a key whose slot is absent is left out when written ``$slot?``.
    ``score``: how much the rule is trusted before calibration, 0 to 1.
    """

    id: str = Field(pattern=r"^[a-z_]+(\.[a-z0-9_]+)+$")
    version: int = Field(default=1, ge=1)
    target: str
    pattern: str
    needs: tuple[tuple[str, ...], ...] = ()
    glance: str | None = None
    where: tuple[str, ...] = ()
    heading: str | None = None
    veto: tuple[str, ...] = ()
    flag: tuple[str, ...] = ()
    value: dict[str, JsonValue] = Field(default_factory=dict)
    score: float = Field(default=0.5, ge=0, le=1)
    case: bool = False
    notes: str = ""
    examples: tuple[Example, ...] = Field(min_length=1)
    counter_examples: tuple[str, ...] = ()

    @property
    def name(self) -> str:
        """``id@version``, as results name the rule."""
        return f"{self.id}@{self.version}"

    @field_validator("needs")
    @classmethod
    def _needs_are_lower_case(cls, needs: tuple[tuple[str, ...], ...]) -> tuple[tuple[str, ...], ...]:
        for group in needs:
            if not group or any(not word or word != word.lower() for word in group):
                raise ValueError("each group of needs holds lower-case words")
        return needs


class CueSide(StrEnum):
    """Where a cue stands, seen from the match."""

    BEFORE = "before"
    AFTER = "after"
    INSIDE = "inside"
    PASSAGE = "passage"


class Cue(Value):
    """Words that change what a match near them means ("in no event", "if", "shall mean").

    ``reach``: how many characters may lie between the cue and the match; ``stop``: a pattern that ends the cue's
    scope before it reaches the match.
    """

    name: str
    pattern: str
    side: CueSide
    reach: int = Field(default=80, ge=0)
    stop: str | None = None
    examples: tuple[str, ...] = Field(min_length=1)


class Vocabulary(Value):
    """Named fragments that patterns are made of. Fragments may name other fragments, not slots."""

    fragments: dict[str, str]

    @model_validator(mode="after")
    def _names_are_free(self) -> "Vocabulary":
        taken = set(SLOT_KINDS) & set(self.fragments)
        if taken:
            raise ValueError(f"fragments named like slots: {sorted(taken)}")
        return self


@dataclass(frozen=True, eq=False)
class RuleSet:
    """All rule data, loaded and checked. ``version`` is a hash of its content. Compares by identity."""

    version: str
    vocabulary: Vocabulary
    cues: tuple[Cue, ...]
    rules: dict[str, tuple[Rule, ...]]
    """Rules by group: the folder below ``rules/`` ("terms", "milestones")."""
    data: dict[str, JsonValue] = field(default_factory=dict)
    """Other rule data by file name without suffix ("confidence")."""

    @cached_property
    def cue_by_name(self) -> dict[str, tuple[Cue, ...]]:
        """The cues of each name."""
        named: dict[str, tuple[Cue, ...]] = {}
        for cue in self.cues:
            named[cue.name] = (*named.get(cue.name, ()), cue)
        return named

    def group(self, name: str) -> tuple[Rule, ...]:
        """The rules of one group, none if there is no such folder."""
        return self.rules.get(name, ())


class RuleDataError(ValueError):
    """Rule data that cannot be used; says the file and what is wrong with it."""


_REFERENCE = re.compile(r"\{([a-z][a-z0-9_]*)(?::([a-z_][a-z0-9_]*))?\}")


def expand(pattern: str, vocabulary: Vocabulary, slots: dict[str, str]) -> str:
    """The regular expression that a rule's pattern stands for. ``slots`` gives the character (class) of each kind.

    Raises ``RuleDataError`` for an unknown name or a fragment that contains itself.
    """

    def inner(text: str, seen: tuple[str, ...]) -> str:
        def replace(reference: re.Match[str]) -> str:
            name, group = reference.group(1), reference.group(2)
            if name in slots:
                group = group or name
                return slots[name] if group == "_" else f"(?P<{group}>{slots[name]})"
            if name not in vocabulary.fragments:
                raise RuleDataError(f"no fragment or slot is called {name!r} (in {pattern!r})")
            if name in seen:
                raise RuleDataError(f"fragment {name!r} contains itself")
            body = inner(vocabulary.fragments[name], (*seen, name))
            return f"(?P<{group}>{body})" if group else f"(?:{body})"

        return _REFERENCE.sub(replace, text)

    return inner(pattern, ())
