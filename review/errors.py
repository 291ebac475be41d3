"""Why something cannot be done in the review, said so that the person knows the next step.

ReviewError
├── NotFound        there is no such item, contract, decision, ...
├── Invalid         what was asked makes no sense; ``field`` is the part at fault
├── Forbidden       the role does not allow it, or a second person is needed
└── StaleVersion    a colleague was quicker
"""

from models.decision import ItemState
from store.review_tables import ReviewItem


class ReviewError(Exception):
    """The base of all; ``message`` is for people."""

    def __init__(self, message: str) -> None:
        super().__init__(message)
        self.message = message


class NotFound(ReviewError):  # noqa: N818 - the names say what happened
    """There is no such thing, or there is no more."""


class Invalid(ReviewError):  # noqa: N818
    """What was asked makes no sense. ``field`` is the part of the request at fault, where it is one."""

    def __init__(self, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.field = field


class Forbidden(ReviewError):  # noqa: N818
    """Whoever asked may not do that."""


class StaleVersion(ReviewError):  # noqa: N818
    """The item changed since it was read. ``item`` is how it is now, ``decided_by`` who decided it, if anybody."""

    def __init__(self, item: ReviewItem) -> None:
        who = item.decided_by_name
        if item.state is ItemState.PENDING or who is None:
            message = "This item has changed since you opened it. Look at it again before you decide."
        else:
            message = f"{who} was quicker: this item is {item.state.replace('_', ' ')} now."
        super().__init__(message)
        # A copy of its own: the row is forgotten when the transaction is rolled back.
        self.item = ReviewItem(**item.model_dump())
        self.decided_by = who
