"""Timings that no length or date opens: "upon execution of this Agreement", "net 30", "by the end of each month"."""

import re
from collections.abc import Iterator
from dataclasses import replace
from functools import cache
from typing import Final

from extractors.grammar.anchoring import read_anchor
from extractors.grammar.context import Context
from extractors.grammar.dated import extend_span, opens_span
from extractors.grammar.numbers import CARDINAL, cardinal
from extractors.grammar.patterns import spaced
from extractors.grammar.timed import Timing
from models.dateexpr import Anchor, AnchorName, Within
from models.period import Direction, Period, Unit

_HEADS = (
    r"(?:[Ll]ater|[Ll]atest|[Ee]arlier|[Ee]arliest|[Ss]ooner|[Ff]irst|[Ll]ast|[Ee]nd|[Cc]lose|[Ee]xpir\w+"
    r"|[Cc]onclusion|[Cc]ompletion|[Tt]erminat\w+|[Cc]ancellation"
    r"|[Ee]ffective(?:ness)?|[Dd]ate|[Cc]ommencement|[Ss]tart|[Bb]eginning|[Ee]xecut\w+|[Ss]ign\w+|[Rr]eceipt"
    r"|[Rr]eceiving|[Dd]elivery|[Aa]cceptance|[Aa]pproval"
    r"|[Ii]nvoic\w+|[Nn]otice|[Nn]otification|[Tt]hen|[Ii]nitial|[Rr]enewal|[Aa]nniversary|[Mm]onth|[Qq]uarter"
    r"|[Dd]ay|[Tt]ime|[Ff]inal|[Ww]ritten|[Ss]uccessful"
    r"|[Oo]ccurrence|[Rr]equest|[Dd]emand|[Cc]losing|[Ll]aunch|[Ss]hipment|[Pp]lac(?:ement|ing)|[Ss]hipping|[Ee]nrol\w+|[Rr]elease|[Aa]rrival|[Ff]unding|[Pp]rinting|[Pp]ublication|[Ii]nstallation"
    r"|[Ii]ssuance|[Aa]chievement|[Ss]atisfaction|[Ff]iling"
    r"|[Ss]ubmission|[Pp]resentation|[Ii]nitiation|[Ee]ntering|[Ee]xpiry|[Gg]rant|[Aa]ward|[Ss]ale|[Pp]ayment"
    r"|[Pp]urchase|[Ee]xercise|[Dd]iscovery|[Bb]reach|[Ff]ailure"
    r"|\d{1,2}(?:st|nd|rd|th)|[Ff]ifth|[Tt]enth|[Ff]ifteenth|[Tt]wentieth|[Cc]alendar|[Cc]urrent)\b"
)


_NAMED_DAY = r"(?:[A-Z][\w-]+ ){0,3}(?:Date|Closing|Deadline|Closing Time)\b"
"""A day that the contract has given a name."""


@cache
def _opening() -> re.Pattern[str]:
    return spaced(
        r"\b(?P<cue>[Uu](?:pon|ntil)|UPON|[Oo]n(?: or (?:before|after|about))?|[Nn]ot? later than|[Pp]rior to"
        r"|[Bb]efore|[Ff]ollowing|[Aa]fter"
        r"|(?:[Cc]oncurrent|[Ss]imultaneous|[Cc]ontemporaneous|[Cc]oincident)(?:ly)? with"
        r"|[Tt]hrough|[Bb]y|[Aa]t|[Ff]rom|[Aa]s of|(?:[Cc]ommenc|[Bb]eginn|[Ss]tart)ing(?: (?:on|upon|with|from"
        r"|as of|at))?|(?:commences?|begins?) (?:on|upon|as of))"
        rf" (?:(?:the|such|any|each|its|this|a|an|all|their|that|full|either|both) ){{0,2}}"
        rf"(?:[A-Z]\w+['’]s? )?(?:contract )?(?={_HEADS}|{_NAMED_DAY})"
        r"|\b(?P<net>[Nn]et|NET)\s*-?\s*(?=[\dtnfsTNFS(])"
    )


_FREE_CUES: Final = frozenset({"upon", "following", "after", "prior to", "before"})
_DIRECTIONS: Final = {
    "before": Direction.BEFORE, "prior to": Direction.BEFORE, "after": Direction.AFTER, "following": Direction.AFTER,
    "upon": Direction.AFTER, "from": Direction.AFTER,
}  # fmt: skip
_DEADLINES: Final = frozenset(
    {"by", "on or before", "no later than", "not later than", "before", "prior to", "until", "through"}
)


@cache
def _figurative() -> re.Pattern[str]:
    """Before "upon" where it is no time: "agreed upon", "binding upon"."""
    return spaced(
        r"(?:agree[ds]?|based|binding|rel(?:y|ies|ied|iance)|depend(?:s|ent|ing)?|confer(?:s|red)?|impos\w+"
        r"|condition\w*|conting\w+|incumbent|act|served|called|effect"
        r"|pass(?:ed)?|decide[ds]?|encroach|there|where|insist|levied|look|affect\w*|bear|impact\w*|result"
        r"|liability|premised|predicated|mutually|and|or|focus|report\w*)\s*$",
        re.IGNORECASE,
    )


@cache
def _event_head() -> re.Pattern[str]:
    return spaced(
        r"(?:(?:the|such|any|each|its|this|a|an|all|their|that) )*(?:(?:full|final|successful|written|prior|timely"
        r"|substantial|initial|first|[A-Z][\w]+['’]s?|[a-z]+['’]s) ){0,2}"
        r"(?:completion|receipt|delivery|occurrence|request|demand|approval|closing|launch|shipment|publication"
        r"|installation|issuance"
        r"|achievement|satisfaction|filing|submission|presentation|initiation|commencement|payment|sale|discovery"
        r"|shipping|enrol\w+|release|arrival|funding|printing|placement|award|grant|execution|exercise|signing|acceptance"
        r"|termination|expiration|notice|notification|conclusion|presentment|purchase)\b",
    )


@cache
def _done() -> re.Pattern[str]:
    """After "on" or "at": an event without article ("on completion of the Works", "at signing") is a time."""
    return spaced(
        r" (?:the (?=closing)|(?:final|full|successful|contract|satisfactory|mutual) )?(?:completion|receipt|delivery"
        r"|shipment|installation|submission|initiation|execution|signing|signature|acceptance|approval|placement"
        r"|placing|closing|commencement|launch|termination|expiration|presentation|publication)\b"
        r"(?= of\b| by\b|\s*[,.;:)(]|\s*\n|$)"
        r"| the (?:start|beginning|commencement|outset|conclusion|end) of the (?:project|engagement|works?|services"
        r"|season|campaign|event)\b",
    )


@cache
def _named_day() -> re.Pattern[str]:
    return spaced(rf" (?:(?:the|each|such|any|every|that) ){{0,2}}{_NAMED_DAY}")


@cache
def _ends_in_day() -> re.Pattern[str]:
    return spaced(r"(?:Date|Closing|Deadline|Closing Time)$")


@cache
def _net() -> re.Pattern[str]:
    return spaced(
        rf"[Nn](?:et|ET)\s*-?\s*(?:(?P<w>{CARDINAL})\s*)?(?:\(?(?P<n>\d{{1,3}})\)?)?(?:\s*[-]?\s*(?P<unit>days?"
        r"|calendar days?|business days?))?"
        r"(?P<rest>\s*(?:days )?(?:from|of|after|following) )?(?=[\s.,;:)\"”]|$)",
        re.IGNORECASE,
    )


def find_openings(ctx: Context) -> Iterator[Timing]:
    """Timings that begin with a cue word and an anchor."""
    for match in _opening().finditer(ctx.text):
        timing = _net_days(ctx, match.start()) if match["net"] else _cued(ctx, match)
        if timing is not None:
            yield timing


def _cued(ctx: Context, match: re.Match[str]) -> Timing | None:
    text = ctx.text
    cue = " ".join(match["cue"].lower().split())
    if cue.endswith(" with") and cue.startswith(("con", "sim", "coin")):
        cue = "upon"  # what is due together with an event is due upon it
    start = match.start()
    if cue == "upon" and _figurative().search(text[max(0, start - 14) : start]):
        return None
    direction = _DIRECTIONS.get(cue)
    position = match.end("cue")
    done = cue in ("on", "at") and _done().match(text, position) is not None
    if done:
        direction = Direction.AFTER
    dated = cue in ("on", "at", "by") and _named_day().match(text, position) is not None
    free = dated or done or (cue in _FREE_CUES and _event_head().match(text, position + 1) is not None)
    anchor = read_anchor(ctx, position, direction, free=free)
    if anchor is None:
        return None
    named = done or (dated and _ends_in_day().search(anchor.words) is not None)
    weak = cue in ("on", "at", "by", "from", "as of") and isinstance(anchor.expr, Anchor) and not named
    if weak and isinstance(anchor.expr, Anchor) and anchor.expr.name in (AnchorName.NOTICE, AnchorName.EVENT):
        return None
    if cue == "by" and not named and isinstance(anchor.expr, Anchor) and anchor.expr.name not in _DATED:
        return None  # "by termination" is how, not when
    if anchor.inner is not None:
        inner = anchor.inner
        flags = tuple(dict.fromkeys([*inner.flags, *(["deadline"] if cue in _DEADLINES else [])]))
        return replace(inner, start=start, end=anchor.end, cue=cue, flags=flags)
    flags = (*anchor.flags, "deadline") if cue in _DEADLINES else anchor.flags
    shown = direction if not anchor.recurrence else None
    timing = Timing(
        start,
        anchor.end,
        anchor.expr,
        None,
        shown,
        anchor.words,
        anchor.recurrence,
        anchor.rrule,
        flags,
        cue,
        "opening",
    )
    return extend_span(ctx, timing) if opens_span(cue) else timing


_DATED: Final = frozenset(
    {AnchorName.TERM_END, AnchorName.INITIAL_TERM_END, AnchorName.EFFECTIVE_DATE, AnchorName.PERIOD_END}
)


def _net_days(ctx: Context, start: int) -> Timing | None:
    """As in "net 30": so many days after the invoice's date."""
    match = _net().match(ctx.text, start)
    if match is None or not (match["n"] or match["w"]):
        return None
    count = int(match["n"]) if match["n"] else cardinal(match["w"])
    unit = (match["unit"] or "").lower()
    if not 5 <= count <= 180 or (not unit and count % 5):
        return None
    period = Period(count=count, unit=Unit.DAY, business=unit.startswith("business"))
    base, words, end = Anchor(name=AnchorName.INVOICE_DATE), "invoice date", match.end()
    if match["rest"]:
        anchor = read_anchor(ctx, match.end(), Direction.AFTER)
        end = match.end() - len(match["rest"])
        if anchor is not None:
            expr = Within(base=anchor.expr, period=period, direction=Direction.AFTER)
            return Timing(
                start,
                anchor.end,
                expr,
                period,
                Direction.AFTER,
                anchor.words,
                flags=("maximum",),
                cue="net",
                rule="net",
            )
    expr = Within(base=base, period=period, direction=Direction.AFTER)
    return Timing(start, end, expr, period, Direction.AFTER, words, flags=("maximum",), cue="net", rule="net")
