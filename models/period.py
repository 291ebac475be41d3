"""A length of time as the contract states it.

The unit is kept as written until a calendar date is known: six months are not 180 days,
and ten business days are not ten days.
"""

from enum import StrEnum

from pydantic import Field, model_validator

from models.base import Value


class Unit(StrEnum):
    """Units a contract counts in."""

    DAY = "day"
    WEEK = "week"
    MONTH = "month"
    QUARTER = "quarter"
    YEAR = "year"


class Direction(StrEnum):
    """Which side of its anchor an offset lies on."""

    BEFORE = "before"
    AFTER = "after"


class Period(Value):
    """``count`` of ``unit``; ``business`` counts working days only and exists for days alone."""

    count: int = Field(ge=0, le=100_000)
    unit: Unit
    business: bool = False

    @model_validator(mode="after")
    def _business_days_only(self) -> "Period":
        if self.business and self.unit is not Unit.DAY:
            raise ValueError("only days can be business days")
        return self

    def __str__(self) -> str:
        word = f"business {self.unit}" if self.business else str(self.unit)
        return f"{self.count} {word}{'' if self.count == 1 else 's'}"
