"""How the contract goes on after its initial term, and the notice that stops it."""

import re
from collections.abc import Iterator, Sequence

from extractors.engine import Document, Hit
from extractors.grammar.mentions import MentionKind, RecurrenceValue
from extractors.masking import mentions_between
from extractors.terms.subjects import of_another_agreement
from models.candidate import Part, TermCandidate
from models.contract import Recurrence, Renewal, TermField
from models.dateexpr import TermEnd
from models.period import Period, Unit
from models.source import Span

_SUCCESSIVE = re.compile(
    r"successive|consecutive|each\b|every|terms\b|periods\b|year[- ]to[- ]year|month[- ]to[- ]month|annually|at a time"
    r"|subsequent|thereafter",
    re.IGNORECASE,
)
_AUTOMATIC = re.compile(
    r"automatic|tacit|shall (?:be )?renew|will (?:be )?renew|evergreen"
    r"|\b(?:is|are) (?:(?:then|thereafter|subsequently) )?(?:extended|renewed|prolonged)\b[^.;]{0,80}\bunless\b",
    re.IGNORECASE,
)
BY_AGREEMENT, MUTUAL = 0.8, 0.3
"""How much a renewal counts that the parties would have to agree on, or expressly together: they could without it."""
FAR = 0.3
"""What is left of a notice's score when neither its own words nor a passage near it speak of a renewal: it is probably
notice of something else."""
_SHORT = {Unit.DAY: 1 / 32, Unit.WEEK: 1 / 5}
"""Parts of a month: a renewal of no more than that is more likely a deadline, unless it comes back."""
UNLIKELY = 0.35
"""What is left of the score of a length that is more likely something else."""
_RHYTHMS = {
    Recurrence.WEEKLY: Period(count=1, unit=Unit.WEEK),
    Recurrence.MONTHLY: Period(count=1, unit=Unit.MONTH),
    Recurrence.QUARTERLY: Period(count=1, unit=Unit.QUARTER),
    Recurrence.SEMIANNUAL: Period(count=6, unit=Unit.MONTH),
    Recurrence.ANNUAL: Period(count=1, unit=Unit.YEAR),
}
_OF_DUTIES = frozenset({Recurrence.WEEKLY, Recurrence.QUARTERLY, Recurrence.SEMIANNUAL})
"""Rhythms of payments and reports, hardly ever of renewals."""
_TERMS = re.compile(
    r"\s*(?:\)\s*)?(?:times\b|(?:(?:additional|successive|consecutive|further|optional|automatic|renewal|extension|separate|and|or)[\s,]+)*"
    r"(?:terms|periods|renewals|extensions|options|renewal|extension)\b|(?:additional|successive|consecutive|further)\b)",
    re.IGNORECASE,
)
MANY = 50
"""More renewals than this are no number of renewals."""
_OTHER_SIDE = re.compile(
    r"(?:\s+(?:prior|before))?,?\s+(?:and|but|nor|or)\s+(?:in\s+no\s+event\s+)?(?:not|no)?\s*(?:more|less|later|earlier|sooner|fewer|greater)"
    r"\s+than\s+",
    re.IGNORECASE,
)
WINDOW = "two_sided"
"""Flag of a notice that may come neither too late nor too early: the quote holds both lengths."""
_RENEWS = re.compile(
    r"automatically (?:be )?(?:renew|extend|prolong)|\bextendable|(?:renewal|extended) (?:term|period)", re.IGNORECASE
)
_HEADING = re.compile(r"\bterm\b|renew|duration|extension", re.IGNORECASE)
_ABOUT = re.compile(
    r"agreement|contract|\bterm\b|then[- ]current|addendum|franchise|lease|licen[cs]e|service|maintenance",
    re.IGNORECASE,
)


def renewals(hits: Sequence[Hit], document: Document, initial: TermCandidate | None) -> list[TermCandidate]:
    """Candidates for the length of a renewal. ``initial`` is the initial term: its length is not the renewal's."""
    found = []
    for hit in hits:
        value = hit.value()
        passage = document.passages[hit.passage]
        words = document.text[passage.start : passage.end]
        if value is None or of_another_agreement(hit, document):
            continue
        if not (_ABOUT.search(words) or _HEADING.search(passage.heading)):
            continue
        period = None
        if value.get("period"):
            period = Period.model_validate(value["period"])
            place = hit.slots["period"].span if "period" in hit.slots else None
            if place and initial and initial.span.start <= place.start and place.end <= initial.span.end:
                continue
        elif isinstance(rhythm := value.get("recurrence"), RecurrenceValue):
            period = _RHYTHMS.get(rhythm.recurrence) if rhythm.recurrence else None
            if period is None:
                continue
        elif value.get("same"):
            if initial is None or not isinstance(initial.expr, TermEnd):
                continue
            period = initial.expr.period
        if value.get("perpetual") and not _limited(initial, hit):
            continue
        score = hit.rule.score
        if _HEADING.search(passage.heading):
            score += (1 - score) * 0.3
        if "attachment" in passage.tags:
            score *= 0.7
        automatic = bool(_AUTOMATIC.search(words))
        successive = bool(_SUCCESSIVE.search(document.text, hit.span.start, hit.span.end + 20))
        if "by_mutual_agreement" in hit.flags and not automatic:
            score *= MUTUAL
        elif "by_agreement" in hit.flags:
            score *= BY_AGREEMENT
        if period and not successive and _SHORT.get(period.unit, 99) * period.count < 1:
            score *= UNLIKELY
        rhythm = value.get("recurrence")
        if isinstance(rhythm, RecurrenceValue) and rhythm.recurrence in _OF_DUTIES and not _rolling(hit):
            score *= UNLIKELY
        renewal = Renewal(
            period=period,
            perpetual=bool(value.get("perpetual")),
            successive=successive,
            automatic=automatic,
            times=_times(hit, document),
        )
        found.append(
            TermCandidate(
                field=TermField.RENEWAL_TERM,
                renewal=renewal,
                span=hit.span,
                rule=hit.rule.name,
                score=score,
                flags=hit.flags,
                why=hit.why(document.text),
            )
        )
    return found


def _times(hit: Hit, document: Document) -> int | None:
    """How often the contract renews at most ("for up to two (2) additional terms"), None where nothing limits it."""
    for mention in mentions_between(document.mentions, hit.span.start, hit.span.end + 30):
        count = mention.value if mention.kind is MentionKind.COUNT else None
        if isinstance(count, int) and 1 <= count < MANY and _TERMS.match(document.text, mention.end):
            return count
    return None


def _rolling(hit: Hit) -> bool:
    """Whether a rhythm is said as "quarter to quarter"."""
    return any(slot.mention is not None and "rolling" in slot.mention.flags for slot in hit.slots.values())


def _limited(initial: TermCandidate | None, hit: Hit) -> bool:
    """Whether an initial term that ends was spoken of before: else nothing goes on "thereafter"."""
    if initial is None or initial.expr is None:
        return False
    return initial.span.end <= hit.span.start + 40


def _read_as_length(part: Part) -> Iterator[Span]:
    """The places of the lengths that a candidate was read from."""
    if part.rule.endswith(f":{MentionKind.PERIOD}"):
        yield part.span
    for inner in part.parts:
        yield from _read_as_length(inner)


def _latest_notice(first: Period, end: int, document: Document) -> tuple[Period, int]:
    """Of a window ("not more than 90 nor less than 60 days") the length until which notice is in time, and its end.

    The shorter length is the last day for notice; the longer, the first. ``end`` is where the first length ends.
    """
    joint = _OTHER_SIDE.match(document.text, end)
    if joint is None:
        return first, end
    for mention in mentions_between(document.mentions, joint.end(), joint.end() + 60):
        second = mention.value
        if mention.start == joint.end() and isinstance(second, Period) and second.unit is first.unit:
            return (first if first.count <= second.count else second), mention.end
    return first, end


def notices(
    hits: Sequence[Hit],
    renewing: Sequence[Hit],
    read: Sequence[TermCandidate],
    document: Document,
) -> list[TermCandidate]:
    """Candidates for the notice that stops a renewal. Notice to end a contract for convenience is another thing.

    ``renewing`` are all places that speak of a renewal, also where its length is redacted; ``read`` are the lengths
    of terms that were read: none of them is a notice.
    """
    passages_renewed = {hit.passage for hit in renewing}
    lengths = {span for one in read if one.why for span in _read_as_length(one.why)}
    found = []
    for hit in hits:
        value = hit.value()
        if value is None or not isinstance(value.get("period"), Period):
            continue
        if "says_notice" in hit.rule.flag and "says_notice" not in hit.flags:
            continue
        passage = document.passages[hit.passage]
        place = hit.slots["period"].span
        period, end = _latest_notice(Period.model_validate(value["period"]), place.end, document)
        if place in lengths:
            continue
        away = min((abs(hit.passage - one) for one in passages_renewed), default=99)
        near = hit.rule.value.get("near")
        score = hit.rule.score
        if _HEADING.search(passage.heading):
            score += (1 - score) * 0.3
        spoken = _RENEWS.search(document.text, hit.span.start, hit.span.end)
        if not spoken and (not isinstance(near, int) or away > near):
            score *= FAR
        if "attachment" in passage.tags:
            score *= 0.7
        found.append(
            TermCandidate(
                field=TermField.NOTICE_PERIOD,
                notice=period,
                span=Span(hit.span.start, max(hit.span.end, end)),
                rule=hit.rule.name,
                score=score,
                flags=(
                    *(flag for flag in hit.flags if flag not in ("says_notice", "unit_shared")),
                    *((WINDOW,) if end > place.end else ()),
                ),
                why=hit.why(document.text),
            )
        )
    return found
