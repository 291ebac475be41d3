"""What the contract is: title, type, parties, governing law, total value, and whether it is a draft."""

import re
from collections.abc import Sequence

from pydantic import JsonValue

from extractors.confidence import calibrated
from extractors.engine import Document, Hit
from extractors.evidence import evidence
from extractors.grammar.mentions import MentionKind
from extractors.masking import mentions_between
from models.contract import Party, Term, TermField, TermState
from models.dateexpr import Incomplete
from models.money import Amount
from models.source import Span
from rules.schema import RuleSet

_TITLE_WORDS = re.compile(
    r"\b(?:AGREEMENT|CONTRACT|AMENDMENT|ADDENDUM|LEASE|LICEN[CS]E|DEED|MEMORANDUM"
    r"|TERMS AND CONDITIONS|STATEMENT OF WORK)\b",
    re.IGNORECASE,
)
_NOT_A_TITLE = re.compile(
    r"^(?:this|exhibit|table of|dated|by and|between|the parties|execution)\b|[.;]$|\b(?:shall|will|is)\b"
    r"|^(?:agreement|contract) (?:no\b|number\b|ref\b|#)",
    re.IGNORECASE,
)
_DRAFT = re.compile(r"\bDRAFT\b|\b[Dd]raft (?:of|dated|date|\d)|^\s*(?:FORM OF|Form of)\b|\[FORM OF", re.MULTILINE)
_SIGNED = re.compile(r"/[sS]/|\\[sS]\\|^[ \t]*[sS]/ |\[?signature (?:appears|on file|illegible)", re.MULTILINE)
"""How a signature is rendered in text."""
_SIGN_HERE = re.compile(
    r"(?P<label>(?:By|BY|Signature|SIGNATURE|Signed|SIGNED)[ \t]*"
    r"(?::[ \t]*_*|_{3,}|(?=\n(?:Name|NAME|Title|TITLE|Its)\b)))"
    r"[ \t]*(?P<name>[^\s:_(][^\n\t:]*(?![^\n\t]*:))?"
)
"""A line for a signature, and what stands on it."""
SIGNATURES = 600
"""Characters behind the first line for a signature in which a date shows that somebody has signed."""
COVER = 1_500
"""Characters of the beginning in which a title or the word "draft" speaks for the whole document."""
LONGEST_TITLE = 110
_NAME_TAIL = re.compile(
    r"(?:,? (?:by and between|by and among|between|among|dated|effective)\b.*)$", re.IGNORECASE | re.DOTALL
)


def title(hits: Sequence[Hit], document: Document, rules: RuleSet) -> Term:
    """The title: a line of the cover that reads like one, else what the opening calls the contract."""
    text = document.text
    for line in re.finditer(r"[^\n]+", text[:COVER]):
        words = _NAME_TAIL.sub("", line.group().strip(' *_-–—"“”'))
        if len(words) > LONGEST_TITLE or not _TITLE_WORDS.search(words) or _NOT_A_TITLE.search(words):
            continue
        letters = [c for c in words if c.isalpha()]
        names = [word for word in words.split() if word[:1].isalpha() and len(word) > 3]
        if sum(c.isupper() for c in letters) > 0.8 * len(letters) or all(name[0].isupper() for name in names):
            start = line.start() + line.group().find(words)
            return _text(
                TermField.TITLE,
                " ".join(words.split()),
                Span(start, start + len(words)),
                "title.line@1",
                0.85,
                document,
                rules,
            )
    best = min(hits, key=lambda hit: hit.span.start, default=None)
    if best is None:
        return absent(TermField.TITLE, rules)
    slot = best.slots["title"]
    return _text(
        TermField.TITLE, " ".join(slot.text.split()), slot.span, best.rule.name, best.rule.score, document, rules
    )


def contract_type(named: Term, rules: RuleSet) -> Term:
    """The type of contract that its title names."""
    words = (named.text or "").lower()
    for entry in _entries(rules.data.get("contract_types")):
        if any(word in words for word in entry[1]):
            return Term(
                field=TermField.CONTRACT_TYPE,
                state=TermState.FOUND,
                confidence=calibrated(rules.data, f"{TermField.CONTRACT_TYPE}.found", 0.8 * named.confidence),
                text=entry[0],
                evidence=named.evidence,
                rule="contract_type.words_of_title@1",
            )
    return absent(TermField.CONTRACT_TYPE, rules)


def parties(hits: Sequence[Hit], document: Document, rules: RuleSet) -> Term:
    """The parties of the opening, each with the name the contract calls it by."""
    found: dict[str, tuple[Party, Hit]] = {}
    named: set[int] = set()
    for hit in sorted(hits, key=lambda one: (-one.rule.score, one.span.start)):
        name = " ".join(hit.slots["name"].text.split())
        called = " ".join(hit.slots["as"].text.split()).rstrip(",. ")
        place = hit.slots["as"].span.start
        if called.lower() in _NO_PARTY or name in found or place in named or _AGREEMENT.search(called):
            continue
        named.add(place)
        found[name] = (Party(name=name, defined_as=called), hit)
    found = dict(sorted(found.items(), key=lambda item: item[1][1].span.start))
    if not found:
        return absent(TermField.PARTIES, rules)
    score = 0.85 if len(found) > 1 else 0.5
    return Term(
        field=TermField.PARTIES,
        state=TermState.FOUND,
        confidence=calibrated(rules.data, f"{TermField.PARTIES}.found", score),
        parties=tuple(party for party, _ in found.values()),
        evidence=tuple(evidence(document, hit.span) for _, hit in found.values()),
        rule=next(iter(found.values()))[1].rule.name,
    )


_AGREEMENT = re.compile(
    r"\b(?:agreement|amendment|contract|date|act|plan|bank merger|note|property|territory)\b", re.IGNORECASE
)
_NO_PARTY = frozenset({"agreement", "effective date", "party", "parties", "contract", "term", "products", "services"})


_TRAIL = re.compile(
    r"(?:,? (?:and|of|the|U|USA|the United States(?: of America)?|U\.?S\.?A?\.?))+$|,? and the [A-Z].*$"
)


def stated_text(field: TermField, hits: Sequence[Hit], slot: str, document: Document, rules: RuleSet) -> Term:
    """A fact whose value is the contract's own words: the best hit, the last in the text where scores are equal."""
    best = max(hits, key=lambda hit: (hit.rule.score, hit.span.start), default=None)
    if best is None:
        return absent(field, rules)
    words = _TRAIL.sub("", " ".join(best.slots[slot].text.split())).rstrip(".,")
    return _text(
        field, words.title() if words.isupper() else words, best.span, best.rule.name, best.rule.score, document, rules
    )


def total_value(hits: Sequence[Hit], document: Document, rules: RuleSet) -> Term:
    """The total that the contract states for itself."""
    best = max(hits, key=lambda hit: (hit.rule.score, -hit.span.start), default=None)
    mention = best.slots["money"].mention if best else None
    if best is None or mention is None or not isinstance(mention.value, Amount):
        return absent(TermField.TOTAL_VALUE, rules)
    redacted = mention.value.redacted
    return Term(
        field=TermField.TOTAL_VALUE,
        state=TermState.PARTIAL if redacted else TermState.FOUND,
        confidence=calibrated(rules.data, f"{TermField.TOTAL_VALUE}.found", best.rule.score),
        amount=mention.value,
        evidence=(evidence(document, best.span),),
        rule=best.rule.name,
    )


def draft_marks(document: Document, agreement: Term) -> list[Span]:
    """Where the document shows that it is a draft, a form, or not signed yet; nowhere if it is none of these.

    It says so on its cover, bears a blank where its date should be, or nobody has signed where all should. A signature
    that is a picture leaves no text: a reader sees the place and decides.
    """
    marks = [Span(*match.span()) for match in [_DRAFT.search(document.text, 0, COVER)] if match]
    if isinstance(agreement.expr, Incomplete) and "blank" in agreement.flags and agreement.evidence:
        marks.append(Span(agreement.evidence[0].start, agreement.evidence[0].end))
    blank = _unsigned(document)
    return [*marks, blank] if blank else marks


def _unsigned(document: Document) -> Span | None:
    """The first line for a signature, where nobody has signed the contract itself or put a name or a date there."""
    text = document.text
    if _SIGNED.search(text):
        return None
    first: Span | None = None
    for line in _SIGN_HERE.finditer(text):
        if line.start() and text[line.start() - 1] not in "\n\t ":
            continue
        passage = document.passages[document.index_at(line.start())]
        if "attachment" in passage.tags:
            continue
        if line["name"]:
            return None
        first = first or Span(line.start("label"), line.end("label"))
    if first is None:
        return None
    dated = mentions_between(document.mentions, first.start, first.start + SIGNATURES)
    return None if any(mention.kind is MentionKind.DATE and not mention.flags for mention in dated) else first


def absent(field: TermField, rules: RuleSet) -> Term:
    """The answer that a contract does not state a fact."""
    return Term(field=field, state=TermState.ABSENT, confidence=calibrated(rules.data, f"{field}.absent", 0.6))


def _text(
    field: TermField, words: str, span: Span, rule: str, score: float, document: Document, rules: RuleSet
) -> Term:
    return Term(
        field=field,
        state=TermState.FOUND,
        confidence=calibrated(rules.data, f"{field}.found", score),
        text=words,
        evidence=(evidence(document, span),),
        rule=rule,
    )


def _entries(data: JsonValue) -> list[tuple[str, list[str]]]:
    if not isinstance(data, list):
        return []
    entries = []
    for entry in data:
        if isinstance(entry, dict) and isinstance(words := entry.get("words"), list):
            entries.append((str(entry.get("type")), [str(word) for word in words]))
    return entries
