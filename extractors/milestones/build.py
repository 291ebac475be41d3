"""Makes milestones out of decisions: timing, amount, who, title, and the flags a person should see."""

import re
from collections.abc import Sequence
from functools import cached_property

from extractors.engine import Document
from extractors.evidence import evidence
from extractors.milestones.amounts import amount_for
from extractors.milestones.consequences import AUTO_RENEWAL, Consequences
from extractors.milestones.conventions import when
from extractors.milestones.criteria import criteria_for
from extractors.milestones.dependencies import linked
from extractors.milestones.duties import told
from extractors.milestones.elections import elects
from extractors.milestones.fees import with_fees
from extractors.milestones.kinds import Decision
from extractors.milestones.notices import NoticesClause, notice_words, notices_clause, sending_for
from extractors.milestones.proposals import Proposal
from extractors.milestones.rows import CONFIDENCE, RULE, Row
from extractors.milestones.stated import When
from extractors.milestones.titles import NON_RENEWAL, title
from extractors.milestones.wording import Duty, Wording, as_the_contract_says, wording_for
from models.contract import Milestone, MilestoneKind, Term, TermField
from models.money import Amount
from models.ranking import rank
from models.sending import Sending
from models.source import Span
from rules.ranking import rank_policy
from rules.schema import RuleSet

_SHOWN_FLAGS = frozenset(
    {"word_figure_conflict", "redacted", "blank", "ambiguous_order", "two_digit_year", "unit_missing", "month_only"}
)
_DUTIES = frozenset({MilestoneKind.PAYMENT, MilestoneKind.DELIVERY, MilestoneKind.REPORT, MilestoneKind.REVIEW})
_NOTIFIED = frozenset({MilestoneKind.NOTICE, MilestoneKind.TERMINATION})
_NOTIFIES = frozenset(
    [
        "give",
        "notify",
        "provide",
        "send",
        "serve",
        "elect",
        "exercise",
        "terminate",
        "renew",
        "extend",
        "inform",
        "advise",
    ]
)
_WITHOUT_ACTOR = frozenset({MilestoneKind.EXPIRATION, MilestoneKind.EFFECTIVE, MilestoneKind.RENEWAL})
_OF_TERM = {MilestoneKind.EFFECTIVE: 0, MilestoneKind.EXPIRATION: 1}
_MEETS = re.compile(
    r"(?:hold|attend|convene|conduct|participate in)\s+(?:[\w’'-]+\s+){0,4}(?:meeting|audit|inspection)s?\b"
)
_YEAR = re.compile(r"(?:19|20)\d\d")
_ORDINAL = re.compile(
    r"first|second|third|fourth|fifth|sixth|seventh|eighth|ninth|tenth|final|last|initial|\d+(?:st|nd|rd|th)",
    re.IGNORECASE,
)
_GENERAL = re.compile(
    r"\b(?:terms?|termination|expiration|effects?|surviv\w*|duration|miscellaneous|general|provisions?|obligations|period)\b",
    re.IGNORECASE,
)
_SUM = re.compile(r"[$€£¥]\s?\d")
_WORDS = re.compile(r"\w+")
_SENTENCE_WORDS = 8
"""Words from which two clauses of the same words are one said twice; fewer stand in many places."""
_IN_WRITING = "in writing"
_PAYER_REACH = 2_500
"""Characters before a table within which the name of its schedule is looked for."""
_SENTENCES = 12
"""Sentences that are looked at for who must do what a table lists."""
_TABLE_SENTENCES = {
    MilestoneKind.PAYMENT: re.compile(r"\b(?:shall|will|agrees? to|must)\s+(?:also\s+)?pay\b"),
    MilestoneKind.DELIVERY: re.compile(
        r"\b(?:shall|will|agrees? to|must)\s+(?:also\s+)?(?:deliver|complete|provide|perform|develop|furnish|finish)\b"
    ),
}
_LABEL = re.compile(
    r"^[ \t]*((?:EXHIBIT|Exhibit|SCHEDULE|Schedule|ANNEX|Annex|APPENDIX|Appendix|ATTACHMENT|Attachment)"
    r"\s+[A-Z\d]{1,3})\b",
    re.MULTILINE,
)


class Builder:
    """Builds the milestones of one document."""

    def __init__(self, document: Document, terms: Sequence[Term], rules: RuleSet) -> None:
        self._document = document
        self._wording: Wording = wording_for(rules)
        self._terms = {term.field: term for term in terms}
        parties = self._terms.get(TermField.PARTIES)
        self.parties = parties.parties if parties else ()
        self._rules = rules
        self._known: dict[str, bool] = {}
        self._consequences = Consequences(document, rules)
        renewal = self._terms.get(TermField.RENEWAL_TERM)
        self._renews = bool(renewal and renewal.renewal and renewal.renewal.automatic)

    @cached_property
    def _notices(self) -> NoticesClause | None:
        """The notices clause; looked for once, and only where there is a notice to give."""
        return notices_clause(self._document, self.parties, self._rules)

    def from_decision(self, decision: Decision) -> Milestone:
        """The milestone that a decision stands for."""
        proposal, document = decision.proposal, self._document
        passage = document.passages[proposal.passage]
        span = Span(passage.start, passage.end)
        body = document.text[passage.body : passage.end]
        at, until = proposal.span.start - passage.body, proposal.span.end - passage.body
        found = self._wording.duty(body, at)
        kind = self._kind(decision.kind, found)
        expr = proposal.timing.expr if proposal.timing else None
        if kind is MilestoneKind.DELIVERY and elects(body, Span(at, until), expr):
            kind = MilestoneKind.NOTICE
        duty = told(found, body, at, until, self._wording.verbs, self.parties)
        timing = when(document, kind, proposal, self._terms)
        clause = document.text[span.start : span.end]
        topic = _topic(passage.heading)
        about = (self._wording.survives(clause) or _unless_general(topic)) if kind is MilestoneKind.SURVIVAL else topic
        amount = amount_for(document, span, proposal.span) if kind is MilestoneKind.PAYMENT else None
        who = self._who(kind, clause, duty)
        return self._milestone(
            kind=kind,
            title=_with_own_amount(title(kind, duty, timing, clause, about, amount), amount),
            span=span,
            rule=decision.rule,
            confidence=decision.confidence,
            timing=timing,
            amount=amount,
            who=who,
            proposal=proposal,
        )

    def _who(self, kind: MilestoneKind, clause: str, duty: Duty | None) -> str | None:
        """Who must act, as the contract calls it; None where that is nobody, or nobody the contract knows."""
        if kind in _WITHOUT_ACTOR:
            return None
        if kind is MilestoneKind.CURE:
            named = self._wording.defaulter(clause)
        elif kind is MilestoneKind.NOTICE:
            named = self._wording.notifier(clause) or (duty.who if duty and duty.verb in _NOTIFIES else None)
            named = "either party" if named and named.lower() == "neither party" else named
        else:
            named = duty.who if duty else None
        if named is None and kind is not MilestoneKind.CURE:
            named = self._wording.agent(clause, paying=kind is MilestoneKind.PAYMENT)
        who = as_the_contract_says(named, self.parties)
        return who if who is None or self._knows(who) else None

    def _knows(self, who: str) -> bool:
        """Whether a name is a party, a defined term, or someone who is told to act more than once."""
        if who not in self._known:
            text = self._document.text
            self._known[who] = (
                not who[:1].isupper()
                or any(who in (party.defined_as, party.name) for party in self.parties)
                or " and " in who
                or re.search(rf"[\"“'‘](?:the\s+)?{re.escape(who)}s?[\"”'’]", text, re.IGNORECASE) is not None
                or len(re.findall(rf"\b{re.escape(who)}\s+(?:shall|will|must|may|agrees?)\b", text)) > 1
            )
        return self._known[who]

    def from_row(self, row: Row) -> Milestone:
        """The milestone that a row of a table states."""
        return self._milestone(
            kind=row.kind,
            title=_row_title(row),
            span=row.span,
            rule=RULE,
            confidence=CONFIDENCE,
            timing=when(self._document, row.kind, row.proposal, self._terms),
            amount=row.amount,
            who=as_the_contract_says(self._doer(row.span.start, row.kind), self.parties),
            proposal=row.proposal,
        )

    def _milestone(
        self,
        *,
        kind: MilestoneKind,
        title: str,
        span: Span,
        rule: str,
        confidence: float,
        timing: When,
        amount: Amount | None,
        who: str | None,
        proposal: Proposal,
    ) -> Milestone:
        clause = self._document.text[span.start : span.end]
        sending, method = self._sending(clause, title, who) if kind in _NOTIFIED else (None, None)
        return Milestone.model_validate(
            {
                "kind": kind,
                "title": title,
                "evidence": (evidence(self._document, span),),
                "rule": rule,
                "confidence": confidence,
                "expr": timing.expr,
                "offset": timing.offset,
                "direction": timing.direction,
                "anchor": timing.anchor,
                "recurrence": timing.recurrence,
                "rrule": timing.rrule,
                "amount": amount,
                "who": who,
                "method": method,
                "sending": sending,
                "vague": self._wording.vague(clause),
                "flags": _flags(proposal),
                "criteria": criteria_for(self._rules).of(clause) if kind in _DUTIES else None,
                "consequences": self._else(kind, title, span.start),
            }
        )

    def _else(self, kind: MilestoneKind, title: str, start: int) -> tuple[str, ...]:
        """What missing it leads to; of a contract that renews by itself each notice against that prevents it."""
        named = self._consequences.of(kind, start)
        prevents = kind is MilestoneKind.NOTICE and title == NON_RENEWAL
        if self._renews and AUTO_RENEWAL not in named and (prevents or kind is MilestoneKind.RENEWAL):
            return (AUTO_RENEWAL, *named)
        return named

    def _sending(self, clause: str, title: str, who: str | None) -> tuple[Sending | None, str | None]:
        """How the notice of a clause is sent: as it says itself, else as the notices clause does; in words too."""
        sending = sending_for(self._notices, notice_words(self._rules), clause, f"{title} {clause}", who)
        own = self._wording.method(clause)
        if sending is None or (own and own != _IN_WRITING):
            return sending, own
        *others, last = sending.methods
        return sending, f"{', '.join(others)} or {last}" if others else last

    def _kind(self, kind: MilestoneKind, duty: Duty | None) -> MilestoneKind:
        """The kind, by the verb of the duty where that leaves no doubt."""
        if duty is None or duty.negative or kind not in _DUTIES:
            return kind
        if _MEETS.match(duty.does):
            return MilestoneKind.REVIEW
        said = self._wording.kinds.get(duty.verb)
        return MilestoneKind(said) if said else kind

    def _doer(self, at: int, kind: MilestoneKind) -> str | None:
        """Who must do what a table lists: the actor of the sentence before it that says so.

        One that names the schedule the table stands in comes first, then the last one near the table.
        """
        sentence = _TABLE_SENTENCES.get(kind)
        if sentence is None:
            return None
        text = self._document.text
        labels = _LABEL.findall(text, max(0, at - _PAYER_REACH), at)
        label = re.compile(rf"\b{re.escape(labels[-1])}\b", re.IGNORECASE) if labels else None
        found = [match.span() for match in sentence.finditer(text, 0, at)]
        found.sort(
            key=lambda one: (bool(label and label.search(text, one[1], min(at, one[1] + 250))), one), reverse=True
        )
        for start, end in found[:_SENTENCES]:
            line = max(text.rfind("\n", 0, start) + 1, start - 160)  # a heading above is no part of a name
            duty = self._wording.duty(text[line : end + 60], start - line)
            if duty and duty.who and duty.verb == text[start:end].split()[-1].lower():
                return duty.who
        return None


def build(
    document: Document, decisions: Sequence[Decision], table_rows: Sequence[Row], terms: Sequence[Term], rules: RuleSet
) -> tuple[Milestone, ...]:
    """A milestone for each decision and row; the same kind with the same timing in one place stands once."""
    builder = Builder(document, terms, rules)
    listed = {document.index_at(row.span.start) for row in table_rows}
    built: dict[tuple[object, ...], Milestone] = {}
    decided = [builder.from_decision(one) for one in decisions if one.proposal.passage not in listed]
    milestones = with_fees(document, decided)
    for milestone in [*_once(milestones), *(builder.from_row(row) for row in table_rows)]:
        key = (
            milestone.evidence[0].start,
            milestone.kind,
            milestone.offset,
            milestone.recurrence,
            milestone.expr.model_dump_json() if milestone.expr else None,
        )
        if key not in built or built[key].confidence < milestone.confidence:
            built[key] = milestone
    policy = rank_policy(rules)
    ranked = [one.model_copy(update={"rank": rank(one, policy)}) for one in built.values()]
    # What one clause says of the term comes in the order in which it happens, whichever rule read it.
    ordered = sorted(ranked, key=lambda one: (one.evidence[0].start, _OF_TERM.get(one.kind, len(_OF_TERM))))
    return linked(ordered, builder.parties, rules)


def _once(milestones: Sequence[Milestone]) -> list[Milestone]:
    """Without what a second copy of the same words says again, as an exhibit that repeats a clause does."""
    seen: dict[tuple[object, ...], int] = {}
    kept = []
    for milestone in milestones:
        words = tuple(_WORDS.findall(milestone.quote.lower()))
        place = milestone.evidence[0].start
        key = (
            words,
            milestone.kind,
            str(milestone.offset),
            milestone.recurrence,
            milestone.anchor,
            str(milestone.expr),
        )
        if len(words) >= _SENTENCE_WORDS and seen.setdefault(key, place) != place:
            continue
        kept.append(milestone)
    return kept


def _flags(proposal: Proposal) -> tuple[str, ...]:
    flags = proposal.timing.flags if proposal.timing else proposal.mention.flags if proposal.mention else ()
    return tuple(sorted(set(flags) & _SHOWN_FLAGS))


def _with_own_amount(words: str, amount: Amount | None) -> str:
    """A title that names the amount of another instalment names its own instead."""
    if amount is None or amount.value is None or amount.text in words:
        return words
    if not (_SUM.search(words) or re.search(r"\bfollowing\b", words)):
        return words
    return f"Pay {amount.text}"


def _topic(heading: str) -> str | None:
    """The name of the clause, from its heading."""
    name = re.sub(r"^[\d.]+\s+", "", heading.rsplit(" > ", 1)[-1]).strip(' .:-–—"“”')
    words = name.split()
    if not 0 < len(words) <= 6 or not any(char.isalpha() for char in name):
        return None
    return name.capitalize() if name.isupper() else name


def _unless_general(topic: str | None) -> str | None:
    """The name of a clause, None for one that says nothing of what survives."""
    return topic if topic and not _GENERAL.search(topic) else None


def _row_title(row: Row) -> str:
    """What a row of a schedule is for, with its amount."""
    about = row.about
    if row.kind is not MilestoneKind.PAYMENT:
        return f"Complete: {about}" if row.kind is MilestoneKind.DELIVERY else f"Do: {about}"
    amount = row.amount.text if row.amount and row.amount.value is not None else None
    of = f" of {amount}" if amount else ""
    name = about.strip(" .:()#")
    if _YEAR.fullmatch(name):
        return f"Pay {amount or 'instalment'} for {name}"
    if _ORDINAL.fullmatch(name):
        return f"Pay {name.lower()} instalment{of}"
    if re.fullmatch(r"\w{1,6}", name):
        return f"Pay instalment {name}{of}"
    return f"Pay {amount}: {about}" if amount else f"Pay: {about}"
