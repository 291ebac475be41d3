"""Titles a person would write: "Pay rent of $18,200.00", "Give notice of non-renewal", "Renewal for 12 months"."""

import re

from extractors.milestones.stated import When
from extractors.milestones.wording import Duty
from models.contract import MilestoneKind
from models.money import Amount
from models.period import Direction

_WORDS = 9
"""Words of a title at most ..."""
_TIMED_WORDS = 14
"""... and of one that has to say when."""
_CLOSED = re.compile(r"\s*(?:\([^)]{0,80}\)|\[[^\]]{0,80}\])|\s*\([^)]*$")
_SENTENCE = re.compile(
    r";|:|\n|\.(?=\s+[A-Z(\"“]|\s*$)(?<!\bDr\.)(?<!\bMr\.)(?<!\bMs\.)(?<!\bInc\.)(?<!\bNo\.)|,(?!\d{3}\b)|\s[-–—]\s"
)
_TIME = re.compile(
    r"\s+(?:within|no(?:t)? later than|not? (?:less|more) than|at least|on or (?:before|about)|prior to|before|until"
    r"|by (?=\d|the (?:end|\w+ day|\d))|upon|promptly|immediately|as soon as|during|in each|for a period|every"
    r"|each (?:calendar|month|quarter|year)|on (?:the|a) (?:first|last|\w+ (?:\(\w+\) )?(?:business )?day|\w+ly)"
    r"|on (?=\d)|on (?:january|february|march|april|may|june|july|august|september|october|november|december)"
    r"|if|unless|provided|whether|in accordance|pursuant to|subject to|as (?:set|provided|described|stated|required)"
    r"|set forth|in the event|so that|which|who|where)\b.*",
    re.IGNORECASE | re.DOTALL,
)
_BREAK = frozenset(re.findall(r"\w+", "of for to in on with that or by from as under when and at into"))
_TRAILING = re.compile(
    r"[\s,]+(?:within|at|least|on|prior|before|after|upon|by|for|of|to|and|or|the|a|an|in|with|from|during|that|which"
    r"|its|their|his|her|such|any|as|not|will|shall|must|may|until|per|each|every|no|less|more|than|equal|one|all"
    r"|covering|containing|showing|stating|stated|described|designated|delivered|set out|set forth|\d{1,2})$",
    re.IGNORECASE,
)
_OPENING = re.compile(
    r"^(?:in each \w+|be (?:required|obligated|responsible|obliged|entitled) (?:to|for)"
    r"|have the (?:right|option|obligation) to"
    r"|use (?:its |their |commercially |all )*(?:best|reasonable|diligent) (?:commercial )?efforts to|cause to be"
    r"|endeavou?r to)\s+",
    re.IGNORECASE,
)
_GIVES_NOTICE = re.compile(
    r"(?:give|provide|serve|deliver)s? .{0,80}?\bnotice(?: to (?:the )?(?!of\b)[\w’'-]+(?: (?!of\b)[\w’'-]+)?)?"
    r"(?P<of> (?:of|that) .*)?",
    re.IGNORECASE | re.DOTALL,
)
_PAY_PAYMENT = re.compile(
    r"^(?:pay|make) (?:(?:the|such|all|any|otherwise|each) )*payments?\b(?: of\b)?\s*", re.IGNORECASE
)
_NO_PAYMENT = frozenset(
    ["terminate", "cancel", "complete", "deliver", "renew", "notify", "give", "have", "keep", "perform"]
)
_NO_DEED = re.compile(
    r"(?:have|has|had)\s+(?:been|occurred|become|no|any|the right|\w+ed)\b"
    r"|do so\b|take place\b|not\b|be\b|remain\b|mean\b",
    re.IGNORECASE,
)
_NAMES = {
    MilestoneKind.PAYMENT: "Payment",
    MilestoneKind.NOTICE: "Give notice",
    MilestoneKind.REPORT: "Report",
    MilestoneKind.DELIVERY: "Deadline",
    MilestoneKind.REVIEW: "Review",
    MilestoneKind.EXPIRATION: "End of the term",
    MilestoneKind.EFFECTIVE: "Start of the term",
}
_HAPPENS = re.compile(
    r"(?:^|[.;:]\s+|\)\s+|,\s+)(?:(?:[Tt]he|[Aa]n?|[Ss]uch|[Ee]ach)\s+)?"
    r"(?P<what>(?:[A-Z][\w-]*|[a-z][\w-]*)(?:\s+(?!shall|will)[\w-]+){0,3}?)\s+(?:shall|will|must)\s+"
    r"(?P<does>commence|begin|start|occur|take place|end|cease|close|lapse|become effective|take effect|open)\b"
)
_THIRD = {"take place": "takes place", "become effective": "becomes effective", "take effect": "takes effect"}
NON_RENEWAL = "Give notice of non-renewal"
_NON_RENEWAL = re.compile(
    r"\bto terminate\b[^.;]{0,60}\b(?:at|upon|on|with effect from) the (?:end|expir\w+) of\b"
    r"|non-?\s?renew|not (?:\w+ ){0,4}(?:renew|extend)|unless[^.;]{0,200}notice"
    r"|(?:renew|extend)\w*[^.;]{0,160}\bunless\b",
    re.IGNORECASE,
)
_OPTION = re.compile(r"\boptions?\b|right of first|\bexercis", re.IGNORECASE)
_RENEW = re.compile(r"\b(?:renew|extend|extension)", re.IGNORECASE)
_TERMINATE = re.compile(r"\bterminat|\bcancel|\bend this", re.IGNORECASE)


def title(
    kind: MilestoneKind, duty: Duty | None, timing: When, clause: str, about: str | None, amount: Amount | None = None
) -> str:
    """The title of a milestone: for the term's own milestones by their kind, else what is to be done.

    ``about`` names the subject where nobody is told to do anything: a table row, the heading of the clause.
    """
    match kind:
        case MilestoneKind.NOTICE:
            return _notice(clause)
        case MilestoneKind.RENEWAL:
            return f"Renewal for {timing.offset}" if timing.offset else "Renewal by agreement"
        case MilestoneKind.TERMINATION:
            counted = timing.offset is not None and timing.offset.count > 0
            return f"Termination on {_possessive(str(timing.offset))} notice" if counted else "Right to terminate"
        case MilestoneKind.CURE:
            return f"Cure a breach within {timing.offset}" if timing.offset else "Cure a breach"
        case MilestoneKind.SURVIVAL:
            name = about or "Obligations survive"
            return f"{name} for {timing.offset}" if timing.offset else name
        case MilestoneKind.EXPIRATION | MilestoneKind.EFFECTIVE:
            return _NAMES[kind]
    if duty and kind is MilestoneKind.PAYMENT and duty.verb in _NO_PAYMENT:
        duty = None
    done = shortened(duty.does) if duty else None
    if done and duty:
        return f"Do not {done[0].lower()}{done[1:]}" if duty.negative else done
    return _untold(kind, timing, clause, about, amount)


def _untold(kind: MilestoneKind, timing: When, clause: str, about: str | None, amount: Amount | None) -> str:
    """The title of what nobody is told to do: what happens, what is paid and upon what, else the name of the clause."""
    name = _NAMES[kind]
    counted = timing.offset is not None and timing.anchor is not None
    side = timing.direction or Direction.AFTER
    if kind is MilestoneKind.PAYMENT and (amount or counted):
        paid = f"Pay {amount.rate or amount.text}" if amount and not amount.redacted else "Pay"
        if not counted:
            return _cut(paid) if amount and not amount.redacted else f"{name}: {about}" if about else name
        within = "within " if side is Direction.AFTER else ""
        when = "upon" if timing.offset and not timing.offset.count else f"{within}{timing.offset} {side}"
        return _cut(f"{paid} {when} {timing.anchor}", _TIMED_WORDS)
    if happens := _HAPPENS.search(clause):
        return _cut(f"{_upper(happens['what'])} {_THIRD.get(happens['does'], happens['does'] + 's')}")
    if counted and timing.offset and timing.offset.count:
        return _cut(f"{about or name}: {timing.offset} {side} {timing.anchor}", _TIMED_WORDS)
    return f"{name}: {about}" if about else name


def _upper(words: str) -> str:
    plain = " ".join(words.split())
    return plain[:1].upper() + plain[1:]


def _notice(clause: str) -> str:
    if _NON_RENEWAL.search(clause):
        return NON_RENEWAL
    if _OPTION.search(clause):
        return "Give notice to exercise the option"
    if _RENEW.search(clause):
        return "Give notice to renew"
    return "Give notice of termination" if _TERMINATE.search(clause) else "Give notice"


def _possessive(length: str) -> str:
    return f"{length}'" if length.endswith("s") else f"{length}'s"


def shortened(does: str) -> str | None:
    """What is done, in a few words and without its time; None where nothing is left to say."""
    words = " ".join(_CLOSED.sub("", does).split())
    words = _OPENING.sub("", words)
    words = re.sub(r"^have received\b", "receive", words)
    words = _PAY_PAYMENT.sub("pay ", words).strip()
    if _NO_DEED.match(words):
        return None
    if ended := _SENTENCE.search(words):
        words = words[: ended.start()]
    if notice := _GIVES_NOTICE.match(words):
        words = f"give notice{_TIME.sub('', notice['of'] or '')}"
    words = re.sub(r"^(\w+) such (?=\w)", r"\1 the ", words)
    timeless = _cut(_TIME.sub("", words))
    short = timeless if " " in timeless else _cut(words)
    if len(short) < 4 or " " not in short:
        return None
    return short[0].upper() + short[1:]


def _cut(words: str, most: int = _WORDS) -> str:
    """At most so many words, ended where a person would end."""
    parts = words.split()
    if len(parts) > most:
        breaks = [index for index in range(5, most + 1) if parts[index].lower() in _BREAK]
        parts = parts[: breaks[-1] if breaks else most]
    short = " ".join(parts)
    trimmed = ""
    while trimmed != short:
        trimmed, short = short, _TRAILING.sub("", short)
    return short.rstrip(" ,.")
