"""The one base class of every value that crosses a stage."""

from pydantic import BaseModel, ConfigDict


class Value(BaseModel):
    """An immutable value. Unknown fields are an error: a typo in stored data must not pass."""

    model_config = ConfigDict(frozen=True, extra="forbid")
