"""The words that offsets hang on: "the Effective Date", "the end of the then-current term", "receipt of an invoice".

``VOCABULARY`` maps what contracts commonly hang deadlines on to facts; everything else is an event by its own words,
which end where the noun phrase does.
"""

import re
from functools import cache
from typing import Final, NamedTuple

from models.dateexpr import Anchor, AnchorName
from models.period import Direction

_OF_TERM = r"(?:\s+(?:date|day))?\s+(?:date\s+)?of\s+(?:the\s+|such\s+|any\s+|each\s+|this\s+|its\s+|that\s+|a\s+)?"
_KIND_OF_TERM = (
    r"(?:(?:then[-\s]*(?:current|existing|applicable|effective|in[-\s]effect)|current|existing|initial|original|first|primary"
    r"|base|basic"
    r"|renewal|renewed|extended|extension|additional|applicable|preceding|subsequent|successive|relevant|respective|stated|fixed"
    r"|prior|previous|service|services|subscription|licen[sc]e|lease|agreement|contract"
    r"|(?:one|two|three|four|five|six|seven|ten|twelve|\d+)(?:\s*\(\d+\))?[-\s](?:year|month))[,\s]+(?:(?:or|and)\s+)?(?:any\s+|each\s+|then\s+)?)*"
)
_ENDING = r"(?:expiration|expiry|end|ending|conclusion|completion|close|lapse|last\s+day|expiring)"
_TERM = r"(?:terms?|initial\s+period|(?:renewal|extension|option|contract|licen[sc]e)\s+periods?)(?![-\w])"
_ALSO = (
    rf"(?:\s*,?\s*(?:or|and|and/or)\s+(?:of\s+)?(?:the\s+(?:end|expiration)\s+of\s+)?(?:any|the|such|each|a)?"
    rf"\s*(?:then\s+)?"
    rf"{_KIND_OF_TERM}(?:terms?|periods?|extensions?(?:\s+thereof)?|renewals?(?:\s+thereof)?)\b)"
)
_INVOICE = r"(?:invoices?(?!d)|bills?(?!\s+of)|billing\s+statements?)"
_ANY_INVOICE = (
    rf"(?:(?:a|an|the|any|each|such|that|its|their|this|said|all|proper|correct|valid|undisputed|accurate|detailed|itemized|appropriate"
    rf"|applicable|respective|relevant|written|monthly|quarterly|original|complete|full|final|corresponding|acceptable|conforming"
    rf"|related|properly|correctly|submitted|and|[A-Z][\w&.]*['’]s?|[A-Z]{{2,}})\s+){{0,5}}{_INVOICE}"
)
_AGREEMENT = (
    r"(?:this|the|such|said|any|each|present|that|an)\s+(?:\w+\s+){0,2}?(?:agreement|contract|amendment|addendum|lease|licen[sc]e|sow|letter"
    r"|statement\s+of\s+work|purchase\s+agreement)"
)
_THIS = r"(?:this|the)\s+(?:\w+\s+){0,2}?(?:agreement|contract|amendment|addendum|lease|licen[sc]e|sow|letter)"
_BY = r"(?:\s+by\s+(?:(?:the|all|both|each|such|either|its|a|last|of)\s+){0,3}[A-Za-z][\w&.'’]*(?:\s+part(?:y|ies))?)?"
_NOTICE_WORDS = (
    r"(?:(?:a|an|the|any|such|said|its|that|each|this|prior|written|initial|first|formal|due|proper|timely|reasonable|and|or|of|by|from|to"
    r"|[A-Z][\w]+['’]s?|other|party['’]s|original|default|breach|termination|electronic|further|their|his|her)\s+){0,6}"
    r"(?:notices?|notifications?|notif(?:y|ied|ies)\b)"
)

VOCABULARY: Final[tuple[tuple[AnchorName, str], ...]] = (
    # the end of the term
    (AnchorName.INITIAL_TERM_END,
     rf"{_ENDING}{_OF_TERM}(?:initial|original|first|primary|base)\s+(?:(?:\w+\s*(?:\(\d+\))?[-\s](?:year|month))\s+)?"
     rf"(?:(?:\w+\s+)?term|period)(?!\s*,?\s*(?:or|and|and/or)\s+(?:of\s+)?(?:any|the|such|each|a|then|renew|subseq|success|extend|exten|additional))(?![-\w])"),
    (AnchorName.TERM_END,
     rf"{_ENDING}{_OF_TERM}{_KIND_OF_TERM}(?:{_TERM}){_ALSO}?"
     rf"|(?:scheduled|stated|then[-\s]*current|applicable|current)?\s*(?:expiration|expiry)\s+dates?(?:\s+(?:hereof|of\s+(?:{_AGREEMENT}|(?:the|such)\s+{_KIND_OF_TERM}{_TERM})))?"
     rf"|(?:then[-\s]*(?:current|existing|applicable|effective)\s+)(?:{_KIND_OF_TERM})(?:{_TERM}|{_TERM}['’]s\s+(?:expiration|end)|expiration(?:\s+date)?)"
     rf"|(?:{_KIND_OF_TERM}(?:{_TERM}))(?:['’]s)?\s+(?:expiration|end|expiry)(?:\s+date)?"
     rf"|end\s+of\s+{_AGREEMENT}"
     rf"|{_TERM}\s+(?:expires|ends|would\s+(?:otherwise\s+)?(?:expire|end))"),
    (AnchorName.RENEWAL_START,
     rf"(?:start|commencement|beginning|effective\s+date){_OF_TERM}(?:next\s+|new\s+|upcoming\s+|following\s+)?(?:renewal|extension|extended|additional|renewed|successive|subsequent|option)[\s,]+(?:\w+\s+)?(?:terms?|periods?)"
     r"|renewal\s+dates?\b"),
    # beginnings
    (AnchorName.EFFECTIVE_DATE,
     rf"effective\s+date(?:\s+(?:hereof|of\s+{_AGREEMENT}))?(?!\s+of\b)(?!\s+of\s+(?:such|any)\s+(?:termination|expiration))"
     rf"|(?:commencement|start|beginning)(?:\s+date)?\s+of\s+(?:{_AGREEMENT}|(?:the|this)\s+(?:initial\s+)?term)\b"
     rf"|date\s+(?:on\s+which\s+)?{_AGREEMENT}\s+(?:becomes|became|is|takes|shall\s+become)\s+effective"
     rf"|effectiveness\s+of\s+{_AGREEMENT}"),
    (AnchorName.AGREEMENT_DATE,
     rf"(?:date|day\s+and\s+year|day)\s+(?:hereof|herein|first\s+(?:above|hereinabove|set\s+forth|written)(?:\s+(?:above|written|forth|mentioned))*"
     rf"|of\s+{_AGREEMENT}(?!\s*['’]s)|above\s+written)"
     rf"|agreement\s+date|contract\s+date|hereof\b|(?:agreement|contract)(?=\s*(?:[.,;:)(]|$))"),
    (AnchorName.SIGNATURE,
     rf"(?:(?:date|time)\s+of\s+)?(?:the\s+)?(?:last\s+|final\s+|mutual\s+|full\s+|due\s+|original\s+|formal\s+)?(?:execution|signing|signature|signatures)(?:\s+and\s+delivery)?(?:\s+date)?"
     rf"(?:\s*(?:hereof|of\s+{_THIS})|\s+hereto)?{_BY}(?:\s*(?:hereof|of\s+{_THIS}))?(?=\s*(?:[.,;:)(]|$)|\s+(?:and|or|by|hereof|to|for|until|unless|of\s+(?:this|the\s+agreement)|in|at|with|,))"
     rf"|(?:both|the|all|last)\s+part(?:y|ies)\s+(?:have\s+|has\s+)?(?:execut|sign)\w*\s+{_THIS}"
     rf"|(?:entering\s+into|execution\s+date|signing\s+date|signature\s+date)(?:\s+(?:of\s+)?{_THIS})?"
     rf"|date\s+(?:on\s+which\s+)?{_THIS}\s+(?:is|was|has\s+been)\s+(?:fully\s+)?(?:signed|executed)"),
    # invoices
    (AnchorName.INVOICE_RECEIPT,
     rf"(?:(?:date|day)\s+of\s+|its\s+|the\s+)?(?:receipt|receiving|[A-Za-z]+['’]s?\s+receipt){_BY}\s*(?:of|by)?\s*{_ANY_INVOICE}"
     rf"|{_INVOICE}(?:['’]s)?\s+receipt(?:\s+date)?"
     rf"|(?:[A-Za-z]+\s+){{1,2}}receiv(?:es?|ed|ing)\s+{_ANY_INVOICE}"),
    (AnchorName.INVOICE_DATE,
     rf"(?:invoice|billing)\s+dates?\b"
     rf"|(?:(?:date|day)\s+(?:of|on|shown\s+on)\s+)?(?:(?:invoicing|billing|issuance|issue|issuing|submission|presentation|rendering|date)\s+of\s+)?{_ANY_INVOICE}"
     rf"(?:\s+(?:date|issuance))?(?=\s*(?:[.,;:)(]|$)|\s+(?:for|from|by|and|in|to|unless|is|was|submitted|therefor|with|of|setting|or)\b)"
     rf"|date\s+of\s+(?:invoicing|billing)|invoicing\b"
     rf"|date\s+(?:that\s+|on\s+which\s+)?{_ANY_INVOICE}\s+(?:is|was)\s+(?:issued|sent|received|dated)"),
    # notices
    (AnchorName.NOTICE,
     rf"(?:(?:the\s+)?(?:effective\s+)?(?:date|day|time)\s+(?:of|on\s+which)\s+)?(?:(?:the\s+|its\s+|[A-Z]\w+['’]s?\s+)?(?:actual\s+)?(?:receipt|receiving|giving|delivery|service|provision|sending|mailing|issuance|date|posting|transmission|being\s+given|receives?|having\s+been)"
     rf"(?:\s+(?:of|by))?{_BY}\s*(?:of\s+)?)?{_NOTICE_WORDS}\b(?!\s+period)"
     r"|being\s+notified|notice\s+thereof"),
    # endings
    (AnchorName.TERMINATION,
     rf"(?:(?:effective\s+)?date\s+of\s+(?:any\s+|such\s+|the\s+)?|effectiveness\s+of\s+)?(?:any\s+|the\s+|such\s+|earlier\s+|early\s+|effective\s+)*"
     rf"(?:(?:termination|expiration|expiry|cancellation|non-?renewal|discontinuance)(?:\s*(?:,|/|or|and|and/or|,\s*(?:or|and))\s*(?:(?:any|the|such|earlier|early|sooner|other|upon|prior)\s+)*)?)+"
     rf"(?:\s+dates?)?(?:\s+for\s+(?:any|whatever)\s+reason)?(?:\s*,?\s*(?:hereof|of\s+(?:{_AGREEMENT}|(?:the|your|such|its)\s+(?:\w+\s+)?(?:term|agreement|contract|services|franchise|employment|license))))?"
     rf"(?=\s*(?:[.,;:)(]|$)|\s+(?:and|or|by|for|as|in|under|pursuant|unless|becomes|is|shall|will|to|with|upon|date)\b)"),
    # goods and services
    (AnchorName.ACCEPTANCE,
     r"(?:(?:the\s+)?date\s+of\s+)?(?:final\s+|customer['’]?s?\s+|buyer['’]?s?\s+|written\s+|its\s+|deemed\s+)?acceptance"
     r"(?:\s+date)?(?=\s*(?:[.,;:)(]|$)|\s+(?:and|or|by|of\s+(?:the|such|each|any|all|a|that|deliverables?|products?|goods|equipment|software|work)|in|under|pursuant|thereof)\b)"),
    (AnchorName.DELIVERY,
     r"(?:(?:the\s+)?date\s+of\s+)?(?:final\s+|actual\s+|initial\s+|its\s+|physical\s+)?delivery"
     r"(?:\s+date)?(?:\s+(?:thereof|of\s+(?:(?:the|such|each|any|all|a|an|said|its)\s+)?(?:\w+\s+)?(?:products?|goods|equipment|deliverables?|software|materials?|items?|units?|shipments?|orders?|hardware|system|licensed\s+\w+)))?"
     r"(?=\s*(?:[.,;:)(]|$)|\s+(?:and|or|by|to|in|at|from|pursuant|thereof)\b)"),
)  # fmt: skip
"""What contracts hang deadlines on, first match wins. Patterns follow a determiner that is already passed."""

DETERMINER = r"(?:(?:the|such|this|any|each|every|said|its|a|an|that|their|all|either|actual)\s+)*"


class NamedAnchor(NamedTuple):
    """A fact or event the words up to ``end`` name."""

    end: int
    anchor: Anchor
    words: str


@cache
def _vocabulary() -> tuple[tuple[AnchorName, re.Pattern[str]], ...]:
    return tuple((name, re.compile(pattern, re.IGNORECASE)) for name, pattern in VOCABULARY)


@cache
def _heads() -> re.Pattern[str]:
    """A word of the next few that some pattern of the vocabulary needs; without one no pattern is tried."""
    return re.compile(
        r"expir|\bend|conclu|complet|close|lapse|last day|term|renewal|extension|start|commence|beginning|effective"
        r"|date|day|execut"
        r"|sign|hereof|receipt|receiv|invoic|bill|issu|submi|notif|notice|cancel|discontin|accept|deliver|entering|parties|party|agreement|contract",
        re.IGNORECASE,
    )


@cache
def _determiner() -> re.Pattern[str]:
    return re.compile(DETERMINER, re.IGNORECASE)


def skip_determiner(text: str, start: int) -> int:
    """Where the noun begins after "the", "such", "any", ..."""
    match = _determiner().match(text, start)
    return match.end() if match else start


def name_anchor(text: str, start: int, direction: Direction | None, *, listed: bool = False) -> NamedAnchor | None:
    """The fact that the words at ``start`` (after determiners) name; None if the vocabulary has none.

    "expiration of this Agreement" is the term's end when something is due before it, and the day the contract
    actually ends when something is due after.
    """
    if not _heads().search(text, start, start + 60):
        return None
    for name, pattern in _vocabulary():
        match = pattern.match(text, start)
        if match is None or match.end() == start:
            continue
        if name is AnchorName.TERMINATION and direction is Direction.BEFORE and _expires_only().match(match.group()):
            name = AnchorName.TERM_END
        if name in (AnchorName.NOTICE, AnchorName.DELIVERY, AnchorName.ACCEPTANCE):
            end = max(match.end(), phrase_end(text, start, listed=listed))
        else:
            end = match.end()
        if name in (AnchorName.DELIVERY, AnchorName.ACCEPTANCE) and "notice" in text[start:end].lower():
            name = AnchorName.NOTICE
        return NamedAnchor(end, Anchor(name=name), _tidy(text[start:end]))
    return None


@cache
def _expires_only() -> re.Pattern[str]:
    return re.compile(r"(?!.*terminat)(?:.*\b(?:expiration|expiry))", re.IGNORECASE | re.DOTALL)


_STOP: Final = frozenset(
    ["shall", "will", "must", "should", "would", "can", "could", "may", "might", "unless", "provided", "except",
     "subject", "but", "then", "if", "whereupon", "whereby", "without", "with", "upon", "until", "whichever",
     "whether", "however", "otherwise", "at", "during", "because", "while", "wherein", "for", "in", "which",
     "thereafter", "so", "as", "no", "not", "hereunder", "per", "against", "under", "pursuant", "is", "are",
     "was", "were", "be", "has", "have", "had", "who", "whose", "when", "where", "after", "before", "regardless",
     "notwithstanding", "within", "less", "plus", "including", "together"]
)  # fmt: skip
_AUXILIARIES: Final = frozenset({"is", "are", "was", "were", "be", "has", "have", "had"})
_SUBJECTS: Final = frozenset({"either", "you", "we", "they", "he", "she", "it"})
_PREPOSITIONS: Final = frozenset({"of", "by", "from", "to", "for", "and", "or"})
MAX_WORDS: Final = 14


@cache
def _word() -> re.Pattern[str]:
    return re.compile(r"\s*([A-Za-z0-9$€£%&/#][\w'’&/.$%-]*|\[[^\]\n]{1,30}\]|_+)")


def phrase_end(text: str, start: int, *, listed: bool = False, clause: bool = False) -> int:
    """Where the noun phrase ends that begins at ``start``: at punctuation, a modal verb or a new clause.

    In a list every "and" begins the next item. A ``clause`` ("the date on which Customer has paid") keeps its verb.
    """
    position, before = start, ""
    for count in range(MAX_WORDS):
        match = _word().match(text, position)
        if match is None or "\n\n" in match.group():
            break
        word = match[1]
        bare = word.lower().rstrip(".")
        if clause and bare in _AUXILIARIES:
            position = match.end()
            continue
        if bare in _STOP and not count:
            return start
        if count and bare in _SUBJECTS and before not in _PREPOSITIONS:
            break
        if count and bare in _STOP and not (bare in ("in", "for", "at", "under") and _short_tail(text, match.end())):
            break
        if count and bare in ("and", "or", "and/or") and (listed or not _joined_noun(text, match.end())):
            break
        if count and bare == "to" and not _short_tail(text, match.end()):
            break
        position, before = match.end(), bare
        if word.endswith(".") and not re.fullmatch(r"(?:[A-Z]|Inc|Corp|Co|Ltd|No|U\.S|vs)\.", word):
            position -= 1
            break
    return position


@cache
def _joins() -> re.Pattern[str]:
    return re.compile(
        r"\s+(?:(?:final|written|full|prior)\s+)?(?:[a-z]+(?:tion|ery|ance|ment|ing|pt|ture|sal|val)|date|notice)\b(?:\s+(?:of|by)\b)?",
    )


def _joined_noun(text: str, start: int) -> bool:
    """After "and": whether one more noun of an event follows ("delivery and acceptance")."""
    return _joins().match(text, start) is not None


@cache
def _tails() -> re.Pattern[str]:
    return re.compile(
        r"\s+(?:the\s+|such\s+|a\s+|its\s+|this\s+)?(?:full|writing|[A-Z][\w.]+|public|customers?|party|parties|other\s+party|general\s+public"
        r"|United\s+States|market|question|agreement|territory|services?|products?)\b",
    )


def _short_tail(text: str, start: int) -> bool:
    """After a preposition: whether it still belongs to the event ("payment in full", "delivery to Customer")."""
    return _tails().match(text, start) is not None


def _tidy(words: str) -> str:
    return " ".join(words.split()).rstrip(" ,;:'’\"“(")


def read_event(text: str, start: int, *, listed: bool = False, clause: bool = False) -> NamedAnchor | None:
    """An event in the contract's own words, from the noun at ``start`` to the end of its phrase."""
    end = phrase_end(text, start, listed=listed, clause=clause)
    words = _tidy(text[start:end])
    if len(words) < 3 or not re.search(r"[A-Za-z]{3}", words):
        return None
    return NamedAnchor(start + len(text[start:end].rstrip()), Anchor(name=AnchorName.EVENT, event=words), words)
