"""Times that are no milestones, by the rules of ``rules/milestones/dismissals/``: definitions, caps."""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from extractors.engine import Document, engine_for
from extractors.milestones.proposals import Proposal
from models.source import Span
from rules.schema import RuleSet

GROUP = "dismissals"
EVERY_KIND = "milestone"
"""The target of a rule that dismisses whatever the time was taken for."""


@dataclass(frozen=True, slots=True)
class Dismissal:
    """Something that is no milestone of kind ``target``: a value at ``span``, or all of a passage where None."""

    target: str
    span: Span | None

    def covers(self, proposal: Proposal, kind: str) -> bool:
        """Whether it dismisses ``proposal`` taken for ``kind``."""
        if self.target not in (EVERY_KIND, kind):
            return False
        return self.span is None or (proposal.span.start < self.span.end and self.span.start < proposal.span.end)


def dismissals(document: Document, rules: RuleSet) -> Mapping[int, Sequence[Dismissal]]:
    """What the rules dismiss, by passage."""
    found: dict[int, list[Dismissal]] = defaultdict(list)
    for hit in engine_for(rules, GROUP).run(document):
        values = [slot.span for slot in hit.slots.values() if slot.mention is not None]
        spans: list[Span | None] = [*values] if values else [None]
        found[hit.passage] += [Dismissal(hit.rule.target, span) for span in spans]
    return found
