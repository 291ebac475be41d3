"""The words of a milestone: who must act, a title a person would write, how a notice is sent, what is vague.

Reads one clause; knows nothing of dates. The word lists are data (``rules/wording.yaml``).
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache

from pydantic import JsonValue

from models.contract import MilestoneKind
from models.period import Direction, Period
from rules.schema import RuleSet

_ACTOR = (
    r"(?:(?:[Ee]ither|[Ee]ach|[Bb]oth|[Nn]either|[Aa]ny|[Tt]he|[Ss]uch|[Aa])\s+(?:of\s+the\s+)?"
    r"(?:other\s+|non-?\w+\s+|breaching\s+|defaulting\s+|terminating\s+|disclosing\s+|receiving\s+|indemnif\w+\s+)?"
    r"(?:[Pp]art(?:y|ies)|[A-Z][\w&.'-]*(?:\s+[A-Z][\w&.'-]*){0,3})"
    r"|[A-Z][\w&.'-]*(?:\s+(?:[A-Z][\w&.'-]*|of|and|&)){0,4}|[Ww]e|[Yy]ou)"
)
_MODAL = (
    r"(?:shall|will|must|may|agrees?\s+to|agree\s+to|(?:is|are)\s+(?:required|obligated|obliged|entitled|responsible)"
    r"(?:\s+(?:to|for))?|undertakes?\s+to|covenants?\s+to|has\s+the\s+(?:right|option)\s+to|hereby\s+(?:agrees?\s+to|grants?|pays?))"
)
_DUTY = re.compile(
    rf"\b(?P<who>{_ACTOR})\s+(?:\([^)]{{1,40}}\)\s+)?(?:also\s+|hereby\s+|then\s+|each\s+|further\s+|in turn\s+)?"
    rf"(?P<modal>{_MODAL})\s+(?P<not>not\s+)?(?P<do>[a-z][^,;.()]{{2,160}})"
)
_TRAILING = re.compile(
    r"\s+(?:within|no later than|not later than|at least|on or before|prior to|before|after|upon|by|for|of|to|and|or"
    r"|the|a|an|in|on|at|with|from|during|that|which|its|their|such|any|as|not|not less than|until|per|each|every|no"
    r"|less|more|than)$",
    re.IGNORECASE,
)
_TITLE_WORDS = 9

_VERB_BY_KIND = {
    MilestoneKind.PAYMENT: "Payment",
    MilestoneKind.NOTICE: "Notice",
    MilestoneKind.RENEWAL: "Renewal",
    MilestoneKind.TERMINATION: "Termination on notice",
    MilestoneKind.CURE: "Cure period",
    MilestoneKind.EXPIRATION: "End of the term",
    MilestoneKind.EFFECTIVE: "Start of the term",
    MilestoneKind.REPORT: "Report",
    MilestoneKind.DELIVERY: "Delivery",
    MilestoneKind.REVIEW: "Review",
    MilestoneKind.SURVIVAL: "Surviving obligation",
}
_FIXED_TITLES = frozenset(
    {
        MilestoneKind.EXPIRATION,
        MilestoneKind.EFFECTIVE,
        MilestoneKind.CURE,
        MilestoneKind.TERMINATION,
        MilestoneKind.SURVIVAL,
    }
)


@dataclass(frozen=True, slots=True)
class Duty:
    """Who does what: the actor as the contract calls it, and the verb phrase."""

    who: str
    does: str


def _plain_actor(who: str) -> str:
    return re.sub(r"^(?:[Tt]he|[Ss]uch|[Aa])\s+(?=[A-Z])", "", who)


def title(
    kind: MilestoneKind, duty: Duty | None, offset: Period | None, direction: Direction | None, anchor: str | None
) -> str:
    """A short title: what is to be done, else the kind with its timing ("Notice, 90 days before end of term")."""
    if duty and kind not in _FIXED_TITLES:
        words = duty.does.split()
        short = " ".join(words[:_TITLE_WORDS])
        trimmed = None
        while trimmed != short:
            trimmed, short = short, _TRAILING.sub("", short)
        if len(short) > 3:
            return short[0].upper() + short[1:]
    head = _VERB_BY_KIND[kind]
    if kind is MilestoneKind.RENEWAL and offset:
        return f"{head} for {offset}"
    if offset and direction and anchor:
        return f"{head}, {offset} {direction} {anchor}"[:90]
    return f"{head}, {offset}" if offset else head


class Wording:
    """The word lists of ``rules/wording.yaml``, compiled."""

    def __init__(self, data: Mapping[str, JsonValue]) -> None:
        self._vague = _any_of(_strings(data.get("vague")))
        self._things = frozenset(_strings(data.get("things")))
        methods = data.get("method")
        self._methods = (
            [(name, _any_of(_strings(group))) for name, group in methods.items()] if isinstance(methods, dict) else []
        )

    def duty(self, clause: str, at: int) -> Duty | None:
        """The duty whose words hold, or stand nearest before, the character ``at``; None where nobody is named."""
        best: Duty | None = None
        for match in _DUTY.finditer(clause):
            who = " ".join(match.group("who").split())
            words = who.lower().split()
            if words[-1].rstrip(".") in self._things or words[0] in self._things:
                continue
            if best is not None and match.start() > at:
                break
            best = Duty(_plain_actor(who), " ".join(match.group("do").split()))
        return best

    def vague(self, clause: str) -> tuple[str, ...]:
        """The vague words of a clause, in order, each once."""
        return tuple(dict.fromkeys(" ".join(match.group().lower().split()) for match in self._vague.finditer(clause)))

    def method(self, clause: str) -> str | None:
        """How a notice must be sent, None where the clause does not say."""
        found = [name for name, pattern in self._methods if pattern.search(clause)]
        return ", ".join(found) or None


def _strings(value: JsonValue) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _any_of(words: list[str]) -> re.Pattern[str]:
    ordered = sorted(words, key=len, reverse=True)
    body = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in ordered)
    return re.compile(rf"\b(?:{body or '(?!)'})\b", re.IGNORECASE)


@lru_cache(maxsize=4)
def wording_for(rules: RuleSet) -> Wording:
    """The compiled wording of a rule set, made once for each."""
    wording = rules.data.get("wording")
    return Wording(wording if isinstance(wording, dict) else {})
