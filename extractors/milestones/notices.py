"""How a contract wants notices sent: the methods it allows, when each counts as received, and to whom they go.

Read once for a document from its notices clause, with the words of ``rules/notices.yaml``; what a clause itself says
("by registered mail") stands before it. Where the contract does not say when a notice counts, an allowance is made for
its way, and told as one.
"""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any, NamedTuple

from extractors.engine import Document
from extractors.evidence import evidence
from extractors.milestones.addressees import addressees
from extractors.passages import Passage
from models.contract import Party
from models.evidence import Evidence
from models.period import Period, Unit
from models.sending import Addressee, Sending
from models.source import Span
from rules.schema import RuleSet

_HEADING = re.compile(r"\bnotices?\b|\bnotifications?\b|\bcommunications?\b|\bcorrespondence\b", re.IGNORECASE)
_OPENS = re.compile(
    r"(?:unless[^,]{0,60},\s*)?(?:all|any|every|each|such|the)?\s*(?:and all\s+)?"
    r"(?:formal\s+|such\s+|other\s+|written\s+)*(?:notices?|notifications?|communications?|correspondence)\b",
    re.IGNORECASE,
)
_GIVEN = re.compile(r"\b(?:in writing|written|sent|delivered|given|mailed|addressed|served|made)\b", re.IGNORECASE)
_COUNTS = re.compile(
    r"\b(?:deemed|effective|considered|presumed|conclusively|treated as|taken to)\b|\bshall be (?:received|complete)\b",
    re.IGNORECASE,
)
_ALLOWS = re.compile(
    r"\bin writing\b|\b(?:delivered|sent|given|mailed|served)\s+(?:(?:only|either)\s+)?"
    r"(?:by|personally|in person|via|through)\b",
    re.IGNORECASE,
)
_COPY = re.compile(r"\bcop(?:y|ies)\b|\bnot\s+(?:be\s+)?(?:by|via|through)\b", re.IGNORECASE)
_REFUSED = re.compile(
    r"\s*(?:addresse?s?|numbers?|no\.)?\s*:|\s*,?\s*(?:which\s+)?(?:alone\b|(?:is|are|shall|does|do|may|will)\s+not\b)",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[a-z)\d])(?<!\b[ap]\.m)\.\s+(?=[A-Z“\"(])|\n\s*\n")
_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9, "ten": 10,
    "next": 1, "first": 1, "second": 2, "third": 3, "fourth": 4, "fifth": 5, "sixth": 6, "seventh": 7, "eighth": 8,
    "ninth": 9, "tenth": 10, "fourteen": 14, "fifteen": 15, "twenty-four": 24, "forty-eight": 48, "seventy-two": 72,
}  # fmt: skip
_ORDINALS = frozenset(name for name in _NUMBERS if name == "next" or name.endswith(("st", "nd", "rd", "th")))
_ORDINAL = re.compile(
    r"(?:next|first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|\(?\d+(?:st|nd|rd|th))\b", re.IGNORECASE
)
_COUNT = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_AFTER = re.compile(
    rf"\b(?:(?:{_COUNT})\s+)?(?:\(?(?P<figure>\d{{1,3}})\)?|(?P<word>{_COUNT}))(?:st|nd|rd|th)?\)?"
    r"(?:\s*\(\d{1,2}(?:st|nd|rd|th)?\))?\s+(?:full\s+|clear\s+|succeeding\s+|following\s+|calendar\s+)?"
    r"(?P<business>(?:business|working|banking)\s+)?(?P<unit>days?|hours?)\b"
    r"(?P<since>[’']?\s+(?:after|following|from|of|subsequent|thereafter|later)\b)?|\bthe\s+(?P<next>(?:business|working)\s+)?day\s+(?:after|following|next)\b",
    re.IGNORECASE,
)
_AT_ONCE = re.compile(
    r"\b(?:when|upon|on|at|as of|if|once|immediately)\s+(?:(?!after\b)[\w’'.-]+\s+){0,6}?"
    r"(?:(?P<received>deliver(?:y|ed)|receipt|received|confirmation|acknowledg\w+|delivering)"
    r"|(?P<sent>transmission|transmitted|sent|sending|dispatch(?:ed)?|mailing|mailed|posting|posted|deposit(?:ed)?|left|tendered))\b",
    re.IGNORECASE,
)
_PART = re.compile(r";|,\s+(?:or|and)\s+|\s\((?:[a-z]|[ivx]{1,4})\)\s|^\((?:[a-z]|[ivx]{1,4})\)\s|[,:;]\s\(\d\)\s")
_ELSE = re.compile(r",|\b(?:or|and)\b")
_CONDITIONAL = re.compile(r"\((?:or|provided|but|unless|except)\b[^()]*(?:\([^()]*\)[^()]*)*\)", re.IGNORECASE)
_ABOUT = re.compile(r"\bnotices?\s+(?:of|to)\s+(?:any\s+|a\s+)?(?P<what>[\w-]+(?:\s+[\w-]+){0,2})", re.IGNORECASE)
_REACH = 3_000
"""Characters of a notices clause at most."""
_BEYOND = 1_200
"""Characters after it that are still looked at, for addresses and what follows them."""
_ENOUGH = 4
"""Points from which a passage is taken for the notices clause."""
_AT_RECEIPT = "counts on receipt"


class Receipt(NamedTuple):
    """When a notice counts: so long after sending; ``on_receipt`` where it counts when it arrives."""

    after: Period
    on_receipt: bool = False

    @property
    def days(self) -> float:
        """About how many days, to compare."""
        return self.after.count * (1.5 if self.after.business else 1)


_NOW = Period(count=0, unit=Unit.DAY)


@dataclass(frozen=True, slots=True)
class NoticesClause:
    """What the notices clause of a contract says."""

    methods: tuple[str, ...]
    receipts: Mapping[str, Receipt]
    particular: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...]
    to: tuple[Addressee, ...]
    evidence: Evidence


@dataclass(frozen=True)
class NoticeWords:
    """The words of ``rules/notices.yaml``, compiled."""

    by: Mapping[str, str]
    names: Mapping[str, str]
    pattern: re.Pattern[str]
    cues: Mapping[str, re.Pattern[str]]
    allowance: Mapping[str, int]
    particular: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = field(default=())

    def methods(self, text: str) -> list[tuple[int, str]]:
        """The methods that ``text`` names and where, those denied left out."""
        return [
            (match.start(), self.names[_plain(match.group())])
            for match in self.pattern.finditer(text)
            if not _denied(text, match.start(), match.end())
        ]

    def distinct(self, text: str) -> tuple[str, ...]:
        """The methods that ``text`` names, each once."""
        names = tuple(dict.fromkeys(name for _, name in self.methods(text)))
        # "by mail, registered or certified" is one way, not two.
        better = any(self.by[name] == "post" for name in names if name != "mail")
        return tuple(name for name in names if not (name == "mail" and better))

    def classes(self, text: str) -> set[str]:
        """The ways of travelling that ``text`` speaks of without naming a method."""
        return {way for way, cue in self.cues.items() if cue.search(text)}


def sending_for(
    clause: NoticesClause | None, words: NoticeWords, own: str, about: str, who: str | None
) -> Sending | None:
    """How the notice of a milestone is sent, by its own clause and the notices clause; None where neither says.

    ``own`` is the milestone's clause, ``about`` its title, ``who`` gives the notice and does not send it to itself.
    """
    methods = words.distinct(own)
    if not methods and clause is not None:
        methods = next((ways for about_it, ways in clause.particular if about_it.search(about)), clause.methods)
    if not methods:
        return None
    receipts = clause.receipts if clause else {}
    ways = {method: _takes(method, receipts, words) for method in methods}
    slowest = max(ways, key=lambda method: ways[method][0].days)
    receipt, why, stated = ways[slowest]
    chosen = f"slowest of {', '.join(methods)}; {why}" if len(methods) > 1 else why
    return Sending(
        methods=methods,
        slowest=slowest,
        takes=receipt.after,
        why=chosen,
        stated=stated,
        by_post=words.by[slowest] in ("post", "courier"),
        to=tuple(one for one in clause.to if one.party is None or one.party != who) if clause else (),
        evidence=clause.evidence if clause else None,
    )


def _takes(method: str, receipts: Mapping[str, Receipt], words: NoticeWords) -> tuple[Receipt, str, bool]:
    """How long a notice by ``method`` takes, why, and whether the contract says so."""
    way = words.by[method]
    receipt = receipts.get(method) or receipts.get(way)
    if receipt is not None and receipt.after.count:
        return receipt, "deemed received", True
    allowed = words.allowance.get(way, 0)
    if receipt is not None and (not receipt.on_receipt or not allowed):
        return receipt, _AT_RECEIPT if receipt.on_receipt else "counts when sent", True
    given = Receipt(Period(count=allowed, unit=Unit.DAY, business=allowed > 0))
    says = _AT_RECEIPT if receipt is not None else "the contract does not say when it counts"
    return given, f"{says}, allowance for the way" if allowed else says, False


def notices_clause(document: Document, parties: Sequence[Party], rules: RuleSet) -> NoticesClause | None:
    """The notices clause of a document, None where it has none that names a method."""
    words = notice_words(rules)
    best = _best(document, words)
    if best is None:
        return None
    first, last = _extent(document, best)
    start, end = document.passages[first].start, document.passages[last].end
    text = document.text[start:end]
    particular, general = _particular(text, words)
    # What is said of when a notice counts ("e-mail is deemed received") allows no method that is not allowed elsewhere.
    sentences = _SENTENCE.split(general)
    giving = "\n\n".join(one for one in sentences if not _COUNTS.search(one) or _ALLOWS.search(one))
    methods = words.distinct(giving) or words.distinct(general) or words.distinct(text)
    every = dict.fromkeys([*methods, *(method for _, ways in particular for method in ways)])
    reach = document.text[start : min(end + _BEYOND, start + _REACH)]
    # When notices count may be told only after the addresses.
    after = [one for one in _SENTENCE.split(reach[len(text) :]) if _COUNTS.search(one) and _HEADING.search(one)]
    receipts = _receipts("\n\n".join([text, *after]), tuple(every), words)
    cited = next((one for one in document.passages[first : last + 1] if _tells(document.text, one, words)), None)
    return NoticesClause(
        methods=methods,
        receipts=receipts,
        particular=particular,
        to=addressees(reach, parties),
        evidence=evidence(document, Span(*(cited or document.passages[best])[:2])),
    )


def _tells(text: str, passage: Passage, words: NoticeWords) -> bool:
    """Whether a passage says when notices count."""
    said = text[passage.start : passage.end]
    return bool(_COUNTS.search(said) and (_AFTER.search(said) or words.pattern.search(said)))


def _best(document: Document, words: NoticeWords) -> int | None:
    """The passage that says how notices are given."""
    candidates = document.passages_with("notice") | document.passages_with("notification")
    candidates |= document.passages_with("communication")
    points: dict[int, int] = {}
    index = 0
    while candidates:
        if candidates & 1:
            points[index] = _points(document.text, document.passages[index], words)
        candidates >>= 1
        index += 1
    best = max(points, key=lambda one: points[one], default=None)
    return best if best is not None and points[best] >= _ENOUGH else None


def _points(text: str, passage: Passage, words: NoticeWords) -> int:
    body = text[passage.body : passage.end]
    methods = words.distinct(body)
    if not methods:
        return 0
    points = min(len(methods), 4)
    points += 3 if _HEADING.search(passage.heading) or _HEADING.search(text[passage.start : passage.body]) else 0
    points += 2 if _OPENS.match(body.lstrip('"“( 0123456789.)')) else 0
    points += 1 if _COUNTS.search(body) else 0
    return points + (1 if _GIVEN.search(body) else 0)


def _extent(document: Document, best: int) -> tuple[int, int]:
    """The first and last passage of the clause that a passage belongs to."""
    passages = document.passages
    own = passages[best]
    named = bool(_HEADING.search(own.heading))

    def belongs(other: Passage) -> bool:
        if "signature" in other.tags and "signature" not in own.tags:
            return False
        if (other.section, other.heading) == (own.section, own.heading):
            return True
        if not own.section and own.heading and other.heading == own.heading:
            return True
        return named and bool(other.heading == own.heading or _HEADING.search(other.heading))

    first = last = best
    while first > 0 and best - first < 4 and belongs(passages[first - 1]) and (
        named or _HEADING.search(document.text, passages[first - 1].start, passages[first - 1].end)
    ):  # fmt: skip
        first -= 1
    while last + 1 < len(passages) and belongs(passages[last + 1]) and passages[last + 1].end - own.start < _REACH:
        last += 1
    return first, last


def _particular(text: str, words: NoticeWords) -> tuple[tuple[tuple[re.Pattern[str], tuple[str, ...]], ...], str]:
    """Methods of particular notices ("notices of termination must be sent by registered mail"), and the other text."""
    found = []
    rest = []
    for sentence in _SENTENCE.split(text):
        kept = []
        for part in sentence.split(";"):
            about = _ABOUT.search(part)
            methods = words.distinct(part) if about else ()
            meant = [milestone for clause, milestone in words.particular if about and clause.search(about["what"])]
            if methods and meant:
                found += [(milestone, methods) for milestone in meant]
            else:
                kept.append(part)
        rest.append(";".join(kept))
    return tuple(found), "\n\n".join(rest)


def _receipts(text: str, methods: Sequence[str], words: NoticeWords) -> dict[str, Receipt]:
    """When a notice counts, by method; the later where a clause gives several times for one."""
    found: dict[str, Receipt] = {}
    for sentence in _SENTENCE.split(_CONDITIONAL.sub("", text)):
        counts = _COUNTS.search(sentence)
        if counts is None:
            continue
        subject, said = sentence[: counts.start()], sentence[counts.end() :]
        if not (_AFTER.search(said) or _AT_ONCE.search(said)):
            subject, said = "", sentence
        for names, receipt in _told(said, subject, methods, words):
            for name in names:
                if name not in found or _later(receipt, found[name]):
                    found[name] = receipt
    return found


def _later(one: Receipt, other: Receipt) -> bool:
    return (one.days, one.on_receipt) > (other.days, other.on_receipt)


def _told(
    said: str, subject: str, methods: Sequence[str], words: NoticeWords
) -> Iterator[tuple[Sequence[str], Receipt]]:
    """Each time at which a notice counts, with the methods it is said of."""
    carried: list[str] = []
    general = [name for _, name in words.methods(subject)] or list(methods)
    for part in _PART.split(said):
        times = list(_times(part))
        named = words.methods(part)
        if not times:
            carried += [name for _, name in named]
            continue
        for index, (start, end, receipt) in enumerate(times):
            before = times[index - 1][1] if index else 0
            after = times[index + 1][0] if index + 1 < len(times) else len(part)
            right = part[end:after]
            names: list[str] = []
            if re.match(r"\W*(?:after|following|from|of|next|delivery|in|by|through|via|to)\b", right):
                names = [name for at, name in named if end <= at < after] or _of_classes(right, methods, words)
            names = names or [name for at, name in named if before <= at < end]
            if not names and receipt.after.count == 0:
                names = _of_classes(part[start:end], methods, words)
            if not names and index == 0 and subject:
                names = [name for _, name in words.methods(subject)]
            names = names or [name for at, name in named if end <= at < after]
            names = names or _of_classes(part[before:after], methods, words) or carried or general
            yield _allowed(names, methods, words), receipt
        carried = []


def _allowed(names: Sequence[str], methods: Sequence[str], words: NoticeWords) -> list[str]:
    """Mail without more is the mail that the clause allows."""
    post = [name for name in methods if words.by[name] == "post"]
    return [one for name in names for one in (post if name == "mail" and post else [name])]


def _of_classes(text: str, methods: Sequence[str], words: NoticeWords) -> list[str]:
    """The allowed methods of the ways that ``text`` speaks of; the ways themselves where none is allowed by name."""
    classes = words.classes(text)
    return [name for name in methods if words.by[name] in classes] or sorted(classes)


def _times(part: str) -> Iterator[tuple[int, int, Receipt]]:
    """When notices count, by the words of ``part``, in order."""
    found: list[tuple[int, int, Receipt]] = []
    for match in _AFTER.finditer(part):
        ordinal = (match["word"] or "").lower() in _ORDINALS or _ORDINAL.match(match.group())
        if match["unit"] and not (match["since"] or ordinal):
            continue  # "on ten days' notice"
        count = 1
        if match["figure"] or match["word"]:
            count = int(match["figure"] or _NUMBERS[match["word"].lower()])
        if match["unit"] and match["unit"].lower().startswith("hour"):
            count = -(-count // 24)
        business = bool(match["business"] or match["next"])
        end = match.end("unit") if match["unit"] else match.end() - len(match.group().split()[-1])
        found.append((match.start(), end, Receipt(Period(count=count, unit=Unit.DAY, business=business))))
    for match in _AT_ONCE.finditer(part):
        if not any(
            start - 4 < match.start() and not _ELSE.search(part, end, match.start() + 1) for start, end, _ in found
        ):
            found.append((match.start(), match.end(), Receipt(_NOW, match["received"] is not None)))
    return iter(sorted(found, key=lambda one: one[:2]))


def _denied(text: str, start: int, end: int) -> bool:
    """Whether a method is named only to say that it does not do, as a copy, or as the label of an address."""
    before = re.split(r"[.;]", text[max(0, start - 40) : start])[-1]
    after = text[end : end + 40]
    return bool(_COPY.search(before) or _REFUSED.match(after))


def _plain(words: str) -> str:
    return " ".join(words.lower().split())


@lru_cache(maxsize=4)
def notice_words(rules: RuleSet) -> NoticeWords:
    """The compiled words of a rule set, made once for each."""
    data: Any = rules.data.get("notices") or {}
    methods: Mapping[str, Any] = data.get("methods") or {}
    names = {_plain(word): name for name, method in methods.items() for word in method["words"]}
    ordered = sorted(names, key=len, reverse=True)
    body = "|".join(re.escape(word).replace(r"\ ", r"\s+") for word in ordered) or "(?!)"
    return NoticeWords(
        by={name: method["by"] for name, method in methods.items()},
        names=names,
        pattern=re.compile(rf"\b(?:{body})(?!\w)", re.IGNORECASE),
        cues={
            way: re.compile(rf"\b(?:{'|'.join(map(re.escape, cues))})\b", re.IGNORECASE)
            for way, cues in (data.get("cues") or {}).items()
        },
        allowance=data.get("allowance") or {},
        particular=tuple(
            (re.compile(one["clause"], re.IGNORECASE), re.compile(one["milestone"], re.IGNORECASE))
            for one in data.get("particular") or ()
        ),
    )
