"""The order of the review queue, by consequence: how likely an answer is wrong, what that costs, how near it is.

    priority = max(1 - confidence, floor) x cost x nearness

The weights are policy, and data (``rules/policy/consequence.yaml``).
"""

from pydantic import Field, model_validator

from models.base import Value
from models.decision import Finding


class Weights(Value):
    """What the order of the queue weighs.

    ``floor``: nothing is surer than that to be right. ``costs``: by kind of milestone or field of a term, 0 to 100,
    ``cost`` for all others; a milestone that was ranked (``Milestone.rank``) costs its rank. ``amounts``: from such
    an amount on, times so much. ``near``: times so much within so many days; ``far`` after the last of them.
    ``past``: the day is over; ``past_recurring``: it is, but the duty comes back. ``undated``: nobody knows the day
    yet. ``findings``: times so much where the finding is a conflict, absent, ...
    """

    floor: float = Field(gt=0, le=1)
    cost: float = Field(ge=0, le=100)
    costs: dict[str, float] = Field(default_factory=dict)
    amounts: dict[int, float] = Field(default_factory=dict)
    near: dict[int, float]
    far: float = Field(ge=0)
    past: float = Field(ge=0)
    past_recurring: float = Field(ge=0)
    undated: float = Field(ge=0)
    findings: dict[Finding, float] = Field(default_factory=dict)

    @model_validator(mode="after")
    def _nothing_is_negative(self) -> "Weights":
        for weights in (*(table.values() for table in (self.costs, self.amounts, self.near)), self.findings.values()):
            if any(weight < 0 for weight in weights):
                raise ValueError("a weight is not negative")
        return self
