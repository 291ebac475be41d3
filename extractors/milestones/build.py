"""Makes milestones out of decisions: timing, amount, who, title, and the flags a person should see."""

from collections.abc import Sequence

from extractors.engine import Document
from extractors.evidence import evidence
from extractors.grammar.mentions import Mention, MentionKind
from extractors.masking import mentions_between
from extractors.milestones.kinds import Decision
from extractors.milestones.wording import Wording, title, wording_for
from models.contract import Milestone, MilestoneKind, Recurrence, Renewal, Term, TermField
from models.dateexpr import Anchor, AnchorName, DateExpr, Shift, Within
from models.money import Amount
from models.period import Direction, Period, Unit
from models.source import Span
from rules.schema import RuleSet

_REPEATABLE = frozenset(
    {
        AnchorName.EVENT,
        AnchorName.INVOICE_RECEIPT,
        AnchorName.INVOICE_DATE,
        AnchorName.DELIVERY,
        AnchorName.ACCEPTANCE,
        AnchorName.NOTICE,
    }
)
_SAME_DAY = Period(count=0, unit=Unit.DAY)
"""The offset of what is due upon an event."""
_SHOWN_FLAGS = frozenset(
    {"word_figure_conflict", "redacted", "blank", "ambiguous_order", "two_digit_year", "unit_missing", "month_only"}
)


def build(
    document: Document, decisions: Sequence[Decision], terms: Sequence[Term], rules: RuleSet
) -> tuple[Milestone, ...]:
    """A milestone for each decision; the same kind with the same timing in one passage stands once."""
    wording = wording_for(rules)
    by_field = {term.field: term for term in terms}
    built: dict[tuple[object, ...], Milestone] = {}
    for decision in decisions:
        milestone = _milestone(document, decision, by_field, wording)
        key = (
            decision.proposal.passage,
            milestone.kind,
            milestone.offset,
            milestone.recurrence,
            milestone.expr.model_dump_json() if milestone.expr else None,
        )
        if key not in built or built[key].confidence < milestone.confidence:
            built[key] = milestone
    return tuple(built.values())


def _milestone(document: Document, decision: Decision, terms: dict[TermField, Term], wording: Wording) -> Milestone:
    proposal, kind = decision.proposal, decision.kind
    passage = document.passages[proposal.passage]
    span = Span(passage.start, passage.end)
    clause = document.text[span.start : span.end]
    timing = proposal.timing
    offset = timing.offset if timing else (proposal.mention.period if proposal.mention else None)
    direction = timing.direction if timing else None
    anchor = timing.anchor if timing else None
    expr: DateExpr | None = timing.expr if timing else None
    recurrence = timing.recurrence if timing else None
    if offset is None and timing and timing.rule == "opening" and isinstance(expr, Anchor):
        offset, direction = _SAME_DAY, direction or Direction.AFTER
    if expr is None:
        expr, offset, direction, anchor = _of_term(kind, terms, offset)
    if isinstance(expr, Within) and kind is not MilestoneKind.NOTICE:
        # "within 30 days after" is due on the last of them.
        expr = Shift(base=expr.base, period=expr.period, direction=expr.direction)
    direction = _direction(kind, direction, offset)
    duty = wording.duty(clause, proposal.span.start - span.start)
    flags = set(timing.flags if timing else proposal.mention.flags if proposal.mention else ())
    return Milestone(
        kind=kind,
        title=title(kind, duty, offset, direction, anchor),
        evidence=(evidence(document, span),),
        rule=decision.rule,
        confidence=decision.confidence,
        expr=expr,
        offset=offset,
        direction=direction,
        anchor=anchor,
        recurrence=recurrence or _repeats(expr),
        rrule=timing.rrule if timing else None,
        amount=_amount(document, decision, span) if kind is MilestoneKind.PAYMENT else None,
        who=duty.who if duty else None,
        method=wording.method(clause) if kind in (MilestoneKind.NOTICE, MilestoneKind.TERMINATION) else None,
        vague=wording.vague(clause),
        flags=tuple(sorted(flags & _SHOWN_FLAGS)),
    )


def _of_term(
    kind: MilestoneKind, terms: dict[TermField, Term], offset: Period | None
) -> tuple[DateExpr | None, Period | None, Direction | None, str | None]:
    """Timing of the term's own milestones, from the terms as they were read."""
    if kind is MilestoneKind.EFFECTIVE:
        term = terms.get(TermField.EFFECTIVE_DATE)
        return (term.expr if term else None), None, None, None
    if kind is MilestoneKind.EXPIRATION:
        term = terms.get(TermField.EXPIRATION_DATE)
        return (Anchor(name=AnchorName.TERM_END) if term and term.expr else None), offset, None, None
    if kind is MilestoneKind.NOTICE:
        term = terms.get(TermField.NOTICE_PERIOD)
        if term and term.notice:
            base = Anchor(name=AnchorName.TERM_END)
            expr = Shift(base=base, period=term.notice, direction=Direction.BEFORE)
            return expr, term.notice, Direction.BEFORE, "end of the term"
    if kind is MilestoneKind.RENEWAL:
        term = terms.get(TermField.RENEWAL_TERM)
        renewal: Renewal | None = term.renewal if term else None
        period = offset or (renewal.period if renewal else None)
        return Anchor(name=AnchorName.RENEWAL_START), period, Direction.AFTER, "end of the term"
    return None, offset, None, None


def _direction(kind: MilestoneKind, direction: Direction | None, offset: Period | None) -> Direction | None:
    """The side of the anchor, where the kind leaves only one."""
    if offset is None:
        return direction
    if kind in (MilestoneKind.CURE, MilestoneKind.SURVIVAL, MilestoneKind.RENEWAL, MilestoneKind.EXPIRATION):
        return Direction.AFTER
    if kind is MilestoneKind.TERMINATION:
        return direction or Direction.BEFORE
    return direction or Direction.AFTER


def _repeats(expr: DateExpr | None) -> Recurrence | None:
    """A duty that hangs on an event which can happen again comes back with each."""
    base = expr
    while isinstance(base, Shift | Within):
        base = base.base
    if isinstance(base, Anchor) and base.name in _REPEATABLE:
        return Recurrence.PER_EVENT
    return None


def _amount(document: Document, decision: Decision, span: Span) -> Amount | None:
    """The amount nearest to the time in the same passage."""
    at = decision.proposal.span.start
    money: list[Mention] = [
        mention
        for mention in mentions_between(document.mentions, span.start, span.end)
        if mention.kind in (MentionKind.MONEY, MentionKind.RATE)
    ]
    if not money:
        return None
    nearest = min(money, key=lambda mention: (mention.kind is MentionKind.RATE, abs(mention.start - at)))
    return nearest.amount
