"""What an extractor proposes, before merging chooses."""

from typing import NamedTuple

from models.base import Value
from models.contract import Milestone, Renewal, TermField
from models.dateexpr import DateExpr
from models.period import Period
from models.source import Span


class Part(NamedTuple):
    """A node of the tree that explains a candidate: which rule read which characters, and from what."""

    rule: str
    span: Span
    text: str
    parts: tuple["Part", ...] = ()


class TermCandidate(Value):
    """A proposed value of one term. ``rule`` is ``id@version``; ``score`` orders candidates before calibration."""

    field: TermField
    expr: DateExpr | None = None
    perpetual: bool = False
    renewal: Renewal | None = None
    notice: Period | None = None
    text: str | None = None
    span: Span
    rule: str
    score: float
    flags: tuple[str, ...] = ()
    why: Part | None = None


class MilestoneCandidate(Value):
    """A proposed milestone, with its place in the text."""

    milestone: Milestone
    span: Span
    score: float
    why: Part | None = None
