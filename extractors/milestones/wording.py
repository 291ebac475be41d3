"""The words of a milestone: who must act and what they must do, how a notice is sent, what is vague.

Reads one clause; knows nothing of dates. The word lists are data (``rules/wording.yaml``).
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache

from pydantic import JsonValue

from models.contract import Party
from rules.schema import RuleSet

_NAME = r"[A-Z][\w&'’-]*+(?:\.(?=[a-z]\w)\w*+)?"
_TITLED = r"(?:Dr|Mr|Mrs|Ms|Prof)\.\s+"
_ACTOR = (
    r"(?:(?:[Ee]ither|[Ee]ach|[Bb]oth|[Nn]either|[Aa]ny|[Tt]he|[Ss]uch|[Aa]|[Nn]o)\s+(?:of\s+(?:the\s+)?)?"
    r"(?:other\s+|non-?\w+\s+|breaching\s+|defaulting\s+|terminating\s+|disclosing\s+|receiving\s+|indemnif\w+\s+"
    r"|affected\s+|prevailing\s+)?"
    rf"(?:[Pp]art(?:y|ies)|(?:{_TITLED})?{_NAME}(?:\s+{_NAME}){{0,3}}(?:\s+and\s+(?:the\s+)?{_NAME}(?:\s+{_NAME}){{0,2}})?)"
    rf"|(?:{_TITLED})?{_NAME}(?:\s+(?:{_NAME}|of|and(?:\s+the)?|&)){{0,4}}|[Ww]e|[Yy]ou)"
)
_MODAL = (
    r"(?:shall|will|must|may|agrees?\s+to|(?:is|are)\s+(?:required|obligated|obliged|entitled|responsible)"
    r"(?:\s+(?:to|for))?|undertakes?\s+to|covenants?\s+to|has\s+the\s+(?:right|option)\s+to"
    r"|hereby\s+(?:agrees?\s+to|grants?|pays?)|promises?\s+to)"
)
_ADVERBS = (
    r"(?:(?:also|hereby|then|each|further|in\s+turn|promptly|immediately|jointly|forthwith|thereafter|only|always|both"
    r"|annually|separately|duly)"
    r"\s+)*"
)
_DUTY = re.compile(
    rf"\b(?P<who>{_ACTOR}),?\s+(?:\([^)]{{1,40}}\),?\s+)?{_ADVERBS}"
    rf"(?P<modal>{_MODAL})\s+{_ADVERBS}(?P<not>not\s+(?!later|less|more))?{_ADVERBS}(?P<do>(?!not\b)[a-z][a-z-]+\b)"
)
_NOTIFIES = re.compile(
    rf"\b(?P<who>{_ACTOR})\s+(?:(?:shall|must|may|will|has|have|first|so|by written notice)\s+)*"
    r"(?:gives?|given|provides?|provided|notif(?:y|ies|ied)|delivers?|delivered|sends?|elects?|serves?|advises?|informs?)\b"
)
_FAILS = re.compile(
    rf"\b(?P<who>{_ACTOR}),?\s+(?:(?:shall|has|have|should|materially|may|at any time|so)\s+)*"
    r"(?:fails?|failed|breach(?:es|ed)?|defaults?|defaulted|commits?|committed|(?:is|be) in (?:\w+\s+)?(?:breach"
    r"|default)|does not|do not|not cured|violates?|neglects?)\b"
)
_PAID = frozenset(["paid", "payable", "made", "reimbursed"])
_AGENT = re.compile(
    r"\b(?P<done>given|made|paid|payable|delivered|provided|submitted|sent|terminated|terminable|cancell?ed|cancell?able|renewed"
    r"|extended|served|furnished|performed|completed|prepared|reimbursed|invoiced|issued|notice|termination)\b"
    rf"[^.;,()]{{0,40}}?\bby\s+(?P<who>{_ACTOR})"
)
_FAILURE = re.compile(rf"\b(?:[Ff]ailure|[Bb]reach|[Dd]efault)\s+(?:of|by|on the part of)\s+(?P<who>{_ACTOR})")
_BREACHING = re.compile(
    r"\b(?:breach|default|offend|non-?perform)ing party\b|\bparty (?:in|alleged to be in) (?:\w+ )?(?:breach|default)\b"
    r"|\b(?:other|a|such|either|any|that) party\b",
    re.IGNORECASE,
)
_SUBJECT = re.compile(
    r"(?:^|(?<!\b[A-Z]\.[A-Z])[.;:,]\s+|\bthat\s+|\([a-zA-Z\d]{1,3}\)\s+)(?P<what>(?:[Tt]he|[Aa]n?|[Ss]uch|[Ee]ach|[Aa]ll|[Aa]ny|[Tt]hese|[A-Z][\w-]*)?\s*(?:[\w’'-]+\s+){0,6}?)"
    r"(?:shall|will|must|is to|are to|is|are)\s+(?:also\s+|then\s+|promptly\s+)?(?:be\s+)?(?P<done>[a-z]+)\b"
)
_LONGEST = 220
"""Characters of a duty that are looked at."""


@dataclass(frozen=True, slots=True)
class Duty:
    """Who does what: the actor as the contract calls it, and the words from the verb on.

    ``start`` is where the verb stands in the clause. In the passive ``who`` is None and ``does`` begins with the verb.
    """

    who: str | None
    does: str
    start: int
    negative: bool = False

    @property
    def verb(self) -> str:
        """The verb, in lower case."""
        return self.does.split()[0].lower() if self.does else ""


class Wording:
    """The word lists of ``rules/wording.yaml``, compiled."""

    def __init__(self, data: Mapping[str, JsonValue]) -> None:
        self._vague = _any_of(_strings(data.get("vague")))
        self._things = frozenset(_strings(data.get("things")))
        self._passive = _pairs(data.get("passive"))
        self._surviving = _groups(data.get("surviving"))
        self._methods = _groups(data.get("method"))
        self.kinds = _pairs(data.get("verb_kinds"))
        """The kind of milestone that a verb alone decides."""
        self.verbs = frozenset({*self._passive.values(), *self.kinds, *_strings(data.get("verbs"))})
        """Verbs that duties begin with, in their plain form."""

    def duty(self, clause: str, at: int) -> Duty | None:
        """The duty whose words hold, or stand nearest before, the character ``at``; else the first after it."""
        best: Duty | None = None
        for match in _DUTY.finditer(clause):
            who = _actor(match["who"])
            if not who or self._is_thing(who):
                continue
            if best is not None and match.start() > at:
                break
            start = match.start("do")
            best = Duty(who, clause[start : start + _LONGEST], start, bool(match["not"]))
        passive = self._passive_duty(clause, at)
        if best is None or (passive and best.start < passive.start <= at) or best.verb == "be":
            return passive or (best if best and best.verb != "be" else None)
        return best

    def _passive_duty(self, clause: str, at: int) -> Duty | None:
        """A duty on nobody: "the report shall be delivered" is to deliver the report."""
        found: Duty | None = None
        for match in _SUBJECT.finditer(clause):
            verb, what = self._passive.get(match["done"]), " ".join(match["what"].split())
            if verb is None or not what or (found is not None and match.start() > at):
                continue
            what = what[0].lower() + what[1:] if re.match(r"(?:The|An?|Such|Each|All|Any|These)\b", what) else what
            found = Duty(None, f"{verb} {what}", match.start("done"))
        return found

    def _is_thing(self, who: str) -> bool:
        words = who.lower().split()
        return words[-1].strip(".,'’") in self._things or words[0] in self._things

    def notifier(self, clause: str) -> str | None:
        """Who gives the notice of a clause, None where nobody is named."""
        for match in _NOTIFIES.finditer(clause):
            who = _actor(match["who"])
            if who and not self._is_thing(who):
                return who
        return None

    def agent(self, clause: str, *, paying: bool = False) -> str | None:
        """Who acts in a passive clause ("to be paid by Customer", "terminated by either party"); None if unsaid.

        ``paying`` looks for who pays alone: an invoice issued by one party is paid by the other.
        """
        for match in _AGENT.finditer(clause):
            if paying and match["done"] not in _PAID:
                continue
            who = _actor(match["who"])
            if who and not self._is_thing(who):
                return who
        return None

    def defaulter(self, clause: str) -> str | None:
        """Who must cure: the one that the clause says fails, "breaching party" where that is either; None if unsaid."""
        for match in (*_FAILS.finditer(clause), *_FAILURE.finditer(clause)):
            who = _actor(match["who"])
            if who and not self._is_thing(who) and who.lower().split()[0] not in ("such", "it"):
                return who if who[:1].isupper() and not who.lower().endswith("party") else "breaching party"
        return "breaching party" if _BREACHING.search(clause) else None

    def survives(self, clause: str) -> str | None:
        """What survives, in a word or two ("Confidentiality"), None where the clause says none that has a name."""
        return next((name for name, pattern in self._surviving if pattern.search(clause)), None)

    def vague(self, clause: str) -> tuple[str, ...]:
        """The vague words of a clause, in order, each once."""
        return tuple(dict.fromkeys(" ".join(match.group().lower().split()) for match in self._vague.finditer(clause)))

    def method(self, clause: str) -> str | None:
        """How a notice must be sent, None where the clause does not say."""
        found = [name for name, pattern in self._methods if pattern.search(clause)]
        return ", ".join(found) or None


_HEADING = re.compile(r"^.*(?<!\bDr)(?<!\bMr)(?<!\bMs)(?<!\bMrs)(?<!\bProf)\.\s+", re.DOTALL)


def _actor(words: str) -> str:
    """The actor without the heading before it and without an article."""
    who = _HEADING.sub("", " ".join(words.split()))
    who = re.sub(r"^(?:[Tt]he|[Ss]uch|[Aa])\s+(?=[A-Z])", "", who).strip()
    who = re.sub(r"\s+(?:and(?: the)?|of|&)$", "", who)
    return who[0].lower() + who[1:] if re.search(r"\b[Pp]art(?:y|ies)$", who) else who


def as_the_contract_says(who: str | None, parties: Sequence[Party]) -> str | None:
    """A party by the name the contract defines for it; others as they are written."""
    if who is None:
        return None
    low = who.lower().removeprefix("the ")
    if low in ("party", "a party", "any party"):
        return "either party"
    if low in ("parties", "both parties"):
        return "the parties"
    for party in parties:
        name = party.defined_as or party.name
        if low in (name.lower(), party.name.lower()) or (low.endswith(f" {name.lower()}") and " and " not in low):
            return name
    return who


def _strings(value: JsonValue) -> list[str]:
    return [str(item) for item in value] if isinstance(value, list) else []


def _pairs(value: JsonValue) -> dict[str, str]:
    return {str(key): str(item) for key, item in value.items()} if isinstance(value, dict) else {}


def _groups(value: JsonValue) -> list[tuple[str, re.Pattern[str]]]:
    return [(name, _any_of(_strings(group))) for name, group in value.items()] if isinstance(value, dict) else []


def _any_of(words: list[str]) -> re.Pattern[str]:
    ordered = sorted(words, key=len, reverse=True)
    body = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in ordered)
    return re.compile(rf"\b(?:{body or '(?!)'})\b", re.IGNORECASE)


@lru_cache(maxsize=4)
def wording_for(rules: RuleSet) -> Wording:
    """The compiled wording of a rule set, made once for each."""
    wording = rules.data.get("wording")
    return Wording(wording if isinstance(wording, dict) else {})
