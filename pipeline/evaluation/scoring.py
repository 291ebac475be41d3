"""When an answer is right.

Terms: a value is right when it equals one of the accepted ones; "30 days" and "1 month" are not the same in law and
not the same here. Milestones: two of the same kind match when their quotes overlap by at least half of the shorter
one's words in order (longest common run), or, for the start and end of a term, when their dates agree; one-to-one,
right timing first, then best overlap. ``timed`` asks for the same date, or the same offset (number, unit and
direction), or the same recurrence where the annotation has neither.
"""

import difflib
import re
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

LENGTH_FIELDS = ("renewal_term", "notice_period")
UNIT_DAYS = {"day": 1, "week": 7}
UNIT_MONTHS = {"month": 1, "year": 12}
OVERLAP = 0.5


class Verdict(StrEnum):
    """How one answer about one contract stands to the truth."""

    RIGHT = "right"
    """The right value."""
    WRONG = "wrong"
    """A value, but not the right one."""
    INVENTED = "invented"
    """A value where the contract has none."""
    MISSED = "missed"
    """No value where the contract has one."""
    RIGHTLY_ABSENT = "rightly_absent"


@dataclass(frozen=True, slots=True)
class Counts:
    """True positives, false positives, false negatives, and the figures that follow from them."""

    tp: int = 0
    fp: int = 0
    fn: int = 0

    def __add__(self, other: "Counts") -> "Counts":
        return Counts(self.tp + other.tp, self.fp + other.fp, self.fn + other.fn)

    @property
    def precision(self) -> float:
        """Share of what was said that is right; 0 when nothing was."""
        return self.tp / (self.tp + self.fp) if self.tp + self.fp else 0.0

    @property
    def recall(self) -> float:
        """Share of what is there that was said; 0 when nothing is."""
        return self.tp / (self.tp + self.fn) if self.tp + self.fn else 0.0

    @property
    def f1(self) -> float:
        """Harmonic mean of the two."""
        total = 2 * self.tp + self.fp + self.fn
        return 2 * self.tp / total if total else 0.0


COUNTS = {
    Verdict.RIGHT: Counts(tp=1),
    Verdict.WRONG: Counts(fp=1, fn=1),
    Verdict.INVENTED: Counts(fp=1),
    Verdict.MISSED: Counts(fn=1),
    Verdict.RIGHTLY_ABSENT: Counts(),
}


def judge(field: str, value: Any, accepted: tuple[Any, ...]) -> Verdict:
    """The verdict on ``value`` (None for an abstention) given the accepted values (empty: the contract has none)."""
    if value is None:
        return Verdict.MISSED if accepted else Verdict.RIGHTLY_ABSENT
    if not accepted:
        return Verdict.INVENTED
    if field in LENGTH_FIELDS:
        right = any(_length(value) is not None and _length(value) == _length(other) for other in accepted)
    else:
        right = value in accepted
    return Verdict.RIGHT if right else Verdict.WRONG


def _length(value: Any) -> tuple[str, Any] | None:
    if value == "perpetual":
        return ("perpetual", None)
    if isinstance(value, dict):
        for unit in ("date", "months", "days"):
            if value.get(unit):
                return (unit, value[unit])
    return None


@dataclass(frozen=True, slots=True)
class Match:
    """The predicted and the annotated milestone of one pair, by index, and whether the timing agrees."""

    predicted: int
    gold: int
    timed: bool


def match_milestones(predicted: list[dict[str, Any]], gold: tuple[dict[str, Any], ...]) -> list[Match]:
    """The one-to-one matching of the module's docstring."""
    words = [_words(milestone["quote"]) for milestone in predicted]
    gold_words = [_words(milestone["quote"]) for milestone in gold]
    pairs = []
    for i, ours in enumerate(predicted):
        for j, theirs in enumerate(gold):
            likeness = _likeness(ours, theirs, words[i], gold_words[j])
            if likeness >= OVERLAP:
                pairs.append((same_timing(ours, theirs), likeness, i, j))
    pairs.sort(key=lambda pair: pair[:2], reverse=True)
    matches: list[Match] = []
    used: set[int] = set()
    taken: set[int] = set()
    for timed, _, i, j in pairs:
        if i not in used and j not in taken:
            used.add(i)
            taken.add(j)
            matches.append(Match(i, j, timed))
    return matches


def _words(quote: str) -> list[str]:
    return re.findall(r"[a-z0-9]+", quote.lower())


def _likeness(ours: dict[str, Any], theirs: dict[str, Any], words: list[str], gold_words: list[str]) -> float:
    if ours["kind"] != theirs["kind"]:
        return 0.0
    if ours["kind"] in ("effective", "expiration") and theirs.get("date") and ours.get("date") == theirs["date"]:
        return 1.0
    if not words or not gold_words:
        return 0.0
    matcher = difflib.SequenceMatcher(None, words, gold_words, autojunk=False)
    run = matcher.find_longest_match(0, len(words), 0, len(gold_words)).size
    return run / min(len(words), len(gold_words))


def _offset(milestone: dict[str, Any]) -> tuple[str, float] | None:
    count, unit = milestone.get("offset"), milestone.get("unit")
    if count is None or unit is None:
        return None
    if unit in UNIT_MONTHS:
        return ("months", float(count) * UNIT_MONTHS[unit])
    if unit in UNIT_DAYS:
        return ("days", float(count) * UNIT_DAYS[unit])
    return (unit, float(count))


def same_timing(ours: dict[str, Any], theirs: dict[str, Any]) -> bool:
    """Whether our milestone falls when the annotated one does.

    A renewal is timed by the length of the renewed term. "60 days before termination" and "60 days after notice" of
    termination say the same, so the direction does not count there.
    """
    if theirs.get("date") and ours.get("date") == theirs["date"]:
        return True
    if _offset(theirs) and _offset(ours) == _offset(theirs):
        free = theirs["kind"] in ("renewal", "termination") or not theirs.get("direction")
        return free or ours.get("direction") == theirs["direction"]
    if theirs["kind"] == "renewal" and not _offset(theirs):
        return not ours.get("date")
    if theirs.get("date") or _offset(theirs):
        return False
    return not theirs.get("recurrence") or ours.get("recurrence") == theirs["recurrence"]
