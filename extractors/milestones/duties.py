"""A duty as a person would tell it: the item of a list, without its own time, and with what it is about.

``extractors.milestones.wording`` finds who must do what; what stands before the time is not always all of it ("give
Customer at least ten days' notice of a change"), and what is due may stand in an item of a list further down.
"""

import re
from collections.abc import Collection, Sequence
from dataclasses import replace

from extractors.milestones.wording import Duty
from models.contract import Party

_ITEM = re.compile(
    r"(?:[:;]|,|\b(?:shall|will|must|and|or|to))\s*(?:and\s+|or\s+|then\s+)?\((?:[a-z]|[ivx]{1,4}|\d{1,2})\)\s*"
    r"|[:;]\s+(?:and\s+|or\s+)?"
)
_ITEM_END = re.compile(r";|\.\s|:\s|,?\s+(?:and|or)\s+\((?:[a-z]|[ivx]{1,4}|\d{1,2})\)")
_GIVES = re.compile(r"^(?:give|provide|serve|deliver|send)s?\b", re.IGNORECASE)
_NOTICE = re.compile(r"\bnotice\b(?:\s+(?:of|that|to)\b)?", re.IGNORECASE)
_COUNTED_FROM = re.compile(
    r"\b(?:after|following|of|from)\s+(?:(?:such|the|said|that|any|an?|its|written|prior)\s+)*$", re.IGNORECASE
)
"""Before a notice that is not given but counted from: "within ten days after receipt of such notice"."""
_CLOSE = 3
"""Characters before a time within which a duty that begins there begins with its time."""
_NOTICE_WITHIN = 110
"""Characters after the time's start within which the notice that is given is named."""
_TO_SOMEONE = re.compile(
    r"^(?:give|provide|send|furnish|pay|supply|deliver|submit|make|notify|issue|offer|grant|present|return|transfer|be)\b"
    r"(?:\s+(?:available\s+)?to)?(?P<whom>(?:\s+[\w’'&.-]+){0,5})\s*,?$",
    re.IGNORECASE,
)
_PRONOUN = frozenset({"it", "them", "party", "parties", "the", "other", "each", "such", "either", "any", "of", "to"})


def told(
    duty: Duty | None, body: str, start: int, end: int, verbs: Collection[str], parties: Sequence[Party]
) -> Duty | None:
    """``duty`` without its own time, which stands at ``start`` to ``end`` of ``body``."""
    if duty is None:
        return None
    item = _item(duty, body, start, verbs)
    if item is not None:
        duty = item
    if duty.who is None and _only_someone(duty.does, parties):
        return None  # "Customer will be provided, upon request, with ..."
    if duty.who is not None and start - _CLOSE <= duty.start <= start:  # "will within ten days after that identify ..."
        return replace(duty, does=duty.does[max(0, end - duty.start) :].lstrip(" ,"))
    if duty.who is None or not duty.start < start < duty.start + len(duty.does):
        return duty
    at = start - duty.start
    before, after = duty.does[:at], duty.does[at + end - start :]
    notice = _NOTICE.search(duty.does, at, at + _NOTICE_WITHIN)
    counted = notice and _COUNTED_FROM.search(duty.does, at, notice.start())
    if notice and not counted and _GIVES.match(before) and not _NOTICE.search(before):
        return replace(duty, does=f"{before.rstrip()} {duty.does[notice.start() :]}")
    if len(before.split()) < 2:
        return duty
    if after[:1] in " ," and _only_someone(before, parties):
        return replace(duty, does=f"{before.rstrip(' ,')} {after.lstrip(' ,')}")
    return replace(duty, does=before)


def _item(duty: Duty, body: str, at: int, verbs: Collection[str]) -> Duty | None:
    """The item of a list that holds the time, where the duty opens the list; None where there is no list between."""
    opening = None
    for match in _ITEM.finditer(body, max(duty.start, 0), max(at, 0)):
        opening = match
    if opening is None:
        return None
    ended = _ITEM_END.search(body, opening.end())
    words = body[opening.end() : ended.start() if ended else len(body)].strip()
    if not words or opening.end() > at:
        return None
    first = words.split()[0].strip(",").lower()
    if first in verbs:
        return replace(duty, does=words, start=opening.end())
    if (
        duty.verb in verbs
        and not duty.negative
        and re.match(r"(?:the|an?|its|all|each|any|\$|€|£|[A-Z]{3}\s?\d)", words)
    ):
        return replace(duty, does=f"{duty.verb} {words}", start=opening.end() - len(duty.verb) - 1)
    return None


def _only_someone(words: str, parties: Sequence[Party]) -> bool:
    """Whether a duty says only to whom, and not yet what."""
    match = _TO_SOMEONE.match(words.strip())
    if match is None:
        return False
    names = {word.lower() for party in parties for word in f"{party.defined_as or ''} {party.name}".split()}
    whom = [word.strip(",.").lower() for word in match["whom"].split()]
    return all(word in names or word in _PRONOUN for word in whom)
