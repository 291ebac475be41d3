"""The words that offsets hang on: "the Effective Date", "the end of the then-current term", "receipt of an invoice".

``VOCABULARY`` maps what contracts commonly hang deadlines on to facts; everything else is an event by its own words,
which end where the noun phrase does.
"""

import re
from functools import cache
from typing import Final, NamedTuple

from extractors.grammar.patterns import spaced
from models.dateexpr import Anchor, AnchorName
from models.period import Direction

_OF_TERM = r"(?: (?:date|day))? (?:date )?of (?:the |such |any |each |this |its |that |a )?"
_KIND_OF_TERM = (
    r"(?:(?:then[-\s]*(?:current|existing|applicable|effective|in[-\s]effect)|current|existing|initial|original"
    r"|first|primary"
    r"|base|basic"
    r"|renewal|renewed|extended|extension|additional|applicable|preceding|subsequent|successive|relevant|respective"
    r"|stated|fixed"
    r"|prior|previous|service|services|subscription|licen[sc]e|lease|agreement|contract"
    r"|(?:one|two|three|four|five|six|seven|ten|twelve|\d+)(?:\s*\(\d+\))?[-\s](?:year|month))[,\s]+(?:(?:or"
    r"|and) )?(?:any |each |then )?)*"
)
_ENDING = r"(?:expiration|expiry|end|ending|conclusion|completion|close|lapse|last day|expiring)"
_TERM = r"(?:terms?|initial period|(?:renewal|extension|option|contract|licen[sc]e) periods?)(?![-\w])"
_ALSO = (
    rf"(?:\s*,?\s*(?:or|and|and/or) (?:of )?(?:the (?:end|expiration) of )?(?:any|the|such|each|a)?"
    rf"\s*(?:then )?"
    rf"{_KIND_OF_TERM}(?:terms?|periods?|extensions?(?: thereof)?|renewals?(?: thereof)?)\b)"
)
_INVOICE = r"(?:invoices?(?!d)|bills?(?! of)|billing statements?)"
_ANY_INVOICE = (
    r"(?:(?:a|an|the|any|each|such|that|its|their|this|said|all|proper|correct|valid|undisputed|accurate|detailed"
    r"|itemized|appropriate"
    r"|applicable|respective|relevant|written|monthly|quarterly|original|complete|full|final|corresponding"
    r"|acceptable|conforming"
    rf"|related|properly|correctly|submitted|and|[A-Z][\w&.]*['’]s?|[A-Z]{{2,}}) ){{0,5}}{_INVOICE}"
)
_AGREEMENT = (
    r"(?:this|the|such|said|any|each|present|that|an) (?:\w+ ){0,2}?(?:agreement|contract|amendment|addendum|lease"
    r"|licen[sc]e|sow|letter"
    r"|statement of work|purchase agreement)"
)
_THIS = r"(?:this|the) (?:\w+ ){0,2}?(?:agreement|contract|amendment|addendum|lease|licen[sc]e|sow|letter)"
_BY = r"(?: by (?:(?:the|all|both|each|such|either|its|a|last|of) ){0,3}[A-Za-z][\w&.'’]*(?: part(?:y|ies))?)?"
_NOTICE_WORDS = (
    r"(?:(?:a|an|the|any|such|said|its|that|each|this|prior|written|initial|first|formal|due|proper|timely"
    r"|reasonable|and|or|of|by|from|to"
    r"|[A-Z][\w]+['’]s?|other|party['’]s|original|default|breach|termination|electronic|further|their|his|her) ){0,6}"
    r"(?:notices?|notifications?|notif(?:y|ied|ies)\b)"
)

VOCABULARY: Final[tuple[tuple[AnchorName, str], ...]] = (
    # the end of the term
    (AnchorName.INITIAL_TERM_END,
     rf"{_ENDING}{_OF_TERM}(?:initial|original|first|primary|base) (?:(?:\w+\s*(?:\(\d+\))?[-\s](?:year|month)) )?"
     r"(?:(?:\w+ )?term|period)(?!\s*,?\s*(?:or|and|and/or) (?:of )?(?:any|the|such|each|a|then|renew|subseq"
     r"|success|extend|exten|additional))(?![-\w])"),
    (AnchorName.TERM_END,
     rf"{_ENDING}{_OF_TERM}{_KIND_OF_TERM}(?:{_TERM}){_ALSO}?"
     rf"|{_ENDING}{_OF_TERM}then[-\s]*(?:current|existing) period(?![-\w])"
     r"|(?:scheduled|stated|then[-\s]*current|applicable|current)?\s*(?:expiration|expiry) dates?(?: (?:hereof|of "
     rf"(?:{_AGREEMENT}|(?:the|such) {_KIND_OF_TERM}{_TERM})))?"
     rf"|(?:then[-\s]*(?:current|existing|applicable|effective) )(?:{_KIND_OF_TERM})(?:{_TERM}|{_TERM}['’]s "
     r"(?:expiration|end)|expiration(?: date)?)"
     rf"|(?:{_KIND_OF_TERM}(?:{_TERM}))(?:['’]s)? (?:expiration|end|expiry)(?: date)?"
     rf"|end of {_AGREEMENT}"
     rf"|{_TERM} (?:expires|ends|would (?:otherwise )?(?:expire|end))"),
    (AnchorName.RENEWAL_START,
     rf"(?:start|commencement|beginning|effective date){_OF_TERM}(?:next |new |upcoming |following )?(?:renewal"
     r"|extension|extended|additional|renewed|successive|subsequent|option)[\s,]+(?:\w+ )?(?:terms?|periods?)"
     r"|renewal dates?\b"),
    # beginnings
    (AnchorName.EFFECTIVE_DATE,
     rf"effective date(?: (?:hereof|of {_AGREEMENT}))?(?! of\b)(?! of (?:such|any) (?:termination|expiration))"
     rf"|(?:commencement|start|beginning)(?: date)? of (?:{_AGREEMENT}|(?:the|this) (?:initial )?term)\b"
     rf"|date (?:on which )?{_AGREEMENT} (?:becomes|became|is|takes|shall become) effective"
     rf"|effectiveness of {_AGREEMENT}"),
    (AnchorName.AGREEMENT_DATE,
     r"(?:date|day and year|day) (?:hereof|herein|first (?:above|hereinabove|set forth|written)(?: (?:above"
     r"|written|forth|mentioned))*"
     rf"|of {_AGREEMENT}(?!\s*['’]s)|above written)"
     rf"|agreement date|contract date|hereof\b|(?:agreement|contract)(?=\s*(?:[.,;:)(]|$))"),
    (AnchorName.SIGNATURE,
     r"(?:(?:date|time) of )?(?:the )?(?:last |final |mutual |full |due |original |formal )?(?:execution|signing"
     r"|signature|signatures)(?: and delivery)?(?: date)?"
     rf"(?:\s*(?:hereof|of {_THIS})| hereto)?{_BY}(?:\s*(?:hereof|of {_THIS}))?(?=\s*(?:[.,;:)(]|$)| (?:and|or|by"
     r"|hereof|to|for|until|unless|of (?:this|the agreement)|in|at|with|,))"
     rf"|(?:both|the|all|last) part(?:y|ies) (?:have |has )?(?:execut|sign)\w* {_THIS}"
     rf"|(?:entering into|execution date|signing date|signature date)(?: (?:of )?{_THIS})?"
     rf"|date (?:on which )?{_THIS} (?:is|was|has been) (?:fully )?(?:signed|executed)"),
    # invoices
    (AnchorName.INVOICE_RECEIPT,
     rf"(?:(?:date|day) of |its |the )?(?:receipt|receiving|[A-Za-z]+['’]s? receipt){_BY}\s*(?:of|by)?\s*{_ANY_INVOICE}"
     rf"|{_INVOICE}(?:['’]s)? receipt(?: date)?"
     rf"|(?:[A-Za-z]+ ){{1,2}}receiv(?:es?|ed|ing) {_ANY_INVOICE}"),
    (AnchorName.INVOICE_DATE,
     rf"(?:invoice|billing) dates?\b"
     r"|(?:(?:date|day) (?:of|on|shown on) )?(?:(?:invoicing|billing|issuance|issue|issuing|submission"
     rf"|presentation|rendering|date) of )?{_ANY_INVOICE}"
     r"(?: (?:date|issuance))?(?=\s*(?:[.,;:)(]|$)| (?:for|from|by|and|in|to|unless|is|was|submitted|therefor|with"
     r"|of|setting|or)\b)"
     rf"|date of (?:invoicing|billing)|invoicing\b"
     rf"|date (?:that |on which )?{_ANY_INVOICE} (?:is|was) (?:issued|sent|received|dated)"),
    # notices
    (AnchorName.NOTICE,
     r"(?:(?:the )?(?:effective )?(?:date|day|time) (?:of|on which) )?(?:(?:the |its "
     r"|[A-Z]\w+['’]s? )?(?:actual )?(?:receipt|receiving|giving|delivery|service|provision|sending|mailing"
     r"|issuance|date|posting|transmission|being given|receives?|having been)"
     rf"(?: (?:of|by))?{_BY}\s*(?:of )?)?{_NOTICE_WORDS}\b(?! period)"
     r"|being notified|notice thereof"),
    # endings
    (AnchorName.TERMINATION,
     r"(?:(?:effective )?date of (?:any |such |the )?|effectiveness of )?(?:any |the |such |earlier |early "
     r"|effective )*"
     r"(?:(?:termination|expiration|expiry|cancellation|non-?renewal|discontinuance)(?:\s*(?:,|/|or|and|and/or"
     r"|,\s*(?:or|and))\s*(?:(?:any|the|such|earlier|early|sooner|other|upon|prior) )*)?)+"
     rf"(?: dates?)?(?: for (?:any|whatever) reason)?(?:\s*,?\s*(?:hereof|of (?:{_AGREEMENT}|(?:the|your|such|its) "
     r"(?:\w+ )?(?:term|agreement|contract|services|franchise|employment|license))))?"
     r"(?=\s*(?:[.,;:)(]|$)| (?:and|or|by|for|as|in|under|pursuant|unless|becomes|is|shall|will|to|with|upon"
     r"|date)\b)"),
    # goods and services
    (AnchorName.ACCEPTANCE,
     r"(?:(?:the )?date of )?(?:final |customer['’]?s? |buyer['’]?s? |written |its |deemed )?acceptance"
     r"(?: date)?(?=\s*(?:[.,;:)(]|$)| (?:and|or|by|of (?:the|such|each|any|all|a|that|deliverables?|products?"
     r"|goods|equipment|software|work)|in|under|pursuant|thereof)\b)"),
    (AnchorName.DELIVERY,
     r"(?:(?:the )?date of )?(?:final |actual |initial |its |physical )?delivery"
     r"(?: date)?(?: (?:thereof|of (?:(?:the|such|each|any|all|a|an|said|its) )?(?:\w+ )?(?:products?|goods"
     r"|equipment|deliverables?|software|materials?|items?|units?|shipments?|orders?|hardware|system|licensed \w+)))?"
     r"(?=\s*(?:[.,;:)(]|$)| (?:and|or|by|to|in|at|from|pursuant|thereof)\b)"),
)  # fmt: skip
"""What contracts hang deadlines on, first match wins. Patterns follow a determiner that is already passed."""

DETERMINER = r"(?:(?:the|such|this|any|each|every|said|its|a|an|that|their|all|either|actual) )*"


class NamedAnchor(NamedTuple):
    """A fact or event the words up to ``end`` name."""

    end: int
    anchor: Anchor
    words: str


@cache
def _vocabulary() -> tuple[tuple[AnchorName, re.Pattern[str]], ...]:
    return tuple((name, spaced(pattern, re.IGNORECASE)) for name, pattern in VOCABULARY)


@cache
def _heads() -> re.Pattern[str]:
    """A word of the next few that some pattern of the vocabulary needs; without one no pattern is tried."""
    return spaced(
        r"expir|\bend|conclu|complet|close|lapse|last day|term|renewal|extension|start|commence|beginning|effective"
        r"|date|day|execut"
        r"|sign|hereof|receipt|receiv|invoic|bill|issu|submi|notif|notice|cancel|discontin|accept|deliver|entering"
        r"|parties|party|agreement|contract",
        re.IGNORECASE,
    )


@cache
def _determiner() -> re.Pattern[str]:
    return spaced(DETERMINER, re.IGNORECASE)


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
    return spaced(r"(?!.*terminat)(?:.*\b(?:expiration|expiry))", re.IGNORECASE | re.DOTALL)


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
_ARTICLES: Final = frozenset({"the", "each", "neither", "all", "no", "a", "an"})
_WHOLE: Final = frozenset(
    ["notice", "notices", "invoice", "invoices", "agreement", "thereof", "hereof", "termination", "expiration",
     "delivery", "receipt", "parties"]
)  # fmt: skip
"""Nouns after which an article begins the next clause: "within ten days of such notice the Supplier shall"."""
_PREPOSITIONS: Final = frozenset({"of", "by", "from", "to", "for", "and", "or"})
_BEFORE_THAT: Final = _PREPOSITIONS | {"date", "day", "time", "moment", "so", "in", "on", "with"}
"""Words after which "that" opens no clause of its own."""
MAX_WORDS: Final = 14


@cache
def _word() -> re.Pattern[str]:
    return spaced(r"\s*([A-Za-z0-9$€£%&/#][\w'’&/.$%-]*|\[[^\]\n]{1,30}\]|_+)")


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
        if count and (bare in _SUBJECTS or word[0] in "$€£") and before not in _PREPOSITIONS:
            break
        if count and ((bare in _ARTICLES and before in _WHOLE) or (bare == "that" and before not in _BEFORE_THAT)):
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
    return spaced(
        r" (?:(?:final|written|full|prior) )?(?:[a-z]+(?:tion|ery|ance|ment|ing|pt|ture|sal|val)|date|notice)\b(?: "
        r"(?:of|by)\b)?",
    )


def _joined_noun(text: str, start: int) -> bool:
    """After "and": whether one more noun of an event follows ("delivery and acceptance")."""
    return _joins().match(text, start) is not None


@cache
def _tails() -> re.Pattern[str]:
    return spaced(
        r" (?:the |such |a |its |this )?(?:full|writing|[A-Z][\w.]+|public|customers?|party|parties|other party"
        r"|general public"
        r"|United States|market|question|agreement|territory|services?|products?)\b",
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
