"""The money that belongs to a time: of the same clause, after the verb that pays it, nearest to the time."""

import re

from extractors.engine import Document
from extractors.grammar.mentions import Mention, MentionKind
from extractors.masking import mentions_between
from models.money import Amount
from models.source import Span

_PAYS = re.compile(
    r"\b(?:pays?|paid|payable|payments? of|reimburse|refund|remit|deposit|contribute|fees? (?:of|is|equal)|sum of"
    r"|invoice|charge|advance|distribute|release|deduct)\b",
    re.IGNORECASE,
)
_MUST_PAY = re.compile(
    r"\b(?:shall|will|must|agrees? to)\s+(?:\w+\s+)?(?:pay|remit|forward|compensate|deposit|reimburse|refund)\b"
    r"|\b(?:is|are|shall be|becomes?) (?:due|payable)\b",
    re.IGNORECASE,
)
_SEGMENT = re.compile(
    r";|(?<=[a-z\d)])\.\s+(?=[A-Z(])"
    r"|(?:,\s+(?:(?:and|or)\s+)?|\s(?:and|or)\s+)(?=\((?:[ivx]{1,5}|[a-h])\)\s)"
)
"""Where one part of a clause ends: "(i) $100 on 1 May, (ii) $200 on 1 June" has two."""


def amount_for(document: Document, clause: Span, time: Span) -> Amount | None:
    """The amount or rate that falls due at ``time``, None where ``clause`` states none."""
    start, end = _segment(document.text, clause, time)
    money = _money(document, start, end) or _money(document, clause.start, clause.end)
    if not money:
        return None
    # What stands before the verb that pays is a threshold ("closes a financing of at least ..., shall pay ...").
    verb = next((match.end() for match in _PAYS.finditer(document.text, start, end)), None)
    paid = [mention for mention in money if verb is not None and mention.start >= verb] or money
    return min(paid, key=lambda mention: _distance(mention, time)).amount


def passages_with_sums(document: Document) -> frozenset[int]:
    """The passages in which somebody must pay a sum of money that is stated."""
    sums = {document.index_at(one.start) for one in document.mentions if one.kind is MentionKind.MONEY}
    return frozenset(
        index
        for index in sums
        if _MUST_PAY.search(document.text, document.passages[index].start, document.passages[index].end)
    )


def _money(document: Document, start: int, end: int) -> list[Mention]:
    return [
        mention
        for mention in mentions_between(document.mentions, start, end)
        if mention.kind in (MentionKind.MONEY, MentionKind.RATE)
    ]


def _distance(mention: Mention, time: Span) -> int:
    if mention.end <= time.start:
        return time.start - mention.end
    # An amount behind the time belongs to it a little less often: "$16,600 on 1 February and $25,000 on completion".
    return 2 * max(0, mention.start - time.end) + 8


def _segment(text: str, clause: Span, time: Span) -> tuple[int, int]:
    """The part of a clause between semicolons that holds the time."""
    stops = [match.end() for match in _SEGMENT.finditer(text, clause.start, clause.end)]
    start = max((stop for stop in stops if stop <= time.start), default=clause.start)
    return start, min((stop for stop in stops if stop >= time.end), default=clause.end)
